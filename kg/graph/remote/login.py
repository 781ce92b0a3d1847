"""Who is asking: name and password from the environment, sent as basic or digest authentication (RFC 7616, RFC 7617).

A password is never an argument of a command, which others on the machine could read, and never part of an address.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import SplitResult

from kg.errors import GraphError

Parts = SplitResult

USER, PASSWORD = "KG_SERVER_USER", "KG_SERVER_PASSWORD"
REMEDY = f"set {USER} and {PASSWORD} in the environment"

_SAID = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password; the password is never shown."""

    user: str = ""
    password: str = field(default="", repr=False)


def from_environment() -> Credentials:
    """Return what the environment says."""
    return Credentials(os.environ.get(USER, ""), os.environ.get(PASSWORD, ""))


class Login:
    """Answers a server's challenge, and goes on answering without being asked again."""

    def __init__(self, credentials: Credentials, address: str) -> None:
        """Wait for a challenge: nothing is sent to a server that does not ask."""
        self._credentials, self._address = credentials, address
        self._scheme = ""
        self._challenge: dict[str, str] = {}
        self._count = 0

    def challenged(self, header: str, is_safe: bool) -> None:
        """Take in what the server wants to know.

        Raises
        ------
        GraphError
            When nobody said who is asking, or it could only be said in the clear.
        """
        if not self._credentials.user or not self._credentials.password:
            raise GraphError(self._address, "the server wants to know who asks (401)", REMEDY)
        scheme, _, rest = header.strip().partition(" ")
        self._scheme, self._count = scheme.lower(), 0
        said = _SAID.findall(rest) if self._scheme == "digest" else ()
        self._challenge = {name.lower(): quoted or plain for name, quoted, plain in said}
        if self._scheme == "basic" and not is_safe:
            raise GraphError(self._address, "the password would be sent in the clear", "use an https:// address")
        wants = self._challenge.get("qop", "auth").replace(" ", "").split(",")
        if self._scheme not in {"basic", "digest"} or self._algorithm() not in _HASHES or "auth" not in wants:
            raise GraphError(self._address, f"asks for the login {header[:60]!r}", "allow basic or digest login there")

    def header(self, method: str, target: str) -> dict[str, str]:
        """Return the header for a request."""
        if self._scheme == "basic":
            pair = f"{self._credentials.user}:{self._credentials.password}".encode()
            return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        return {"Authorization": self._digest(method, target)} if self._scheme == "digest" else {}

    def _algorithm(self) -> str:
        return self._challenge.get("algorithm", "MD5").upper()

    def _digest(self, method: str, target: str) -> str:
        def hashed(*parts: str) -> str:
            return _HASHES[self._algorithm()](":".join(parts).encode()).hexdigest()

        self._count += 1
        realm, nonce = self._challenge.get("realm", ""), self._challenge.get("nonce", "")
        once, count = secrets.token_hex(8), f"{self._count:08x}"
        secret = hashed(self._credentials.user, realm, self._credentials.password)
        proof = hashed(secret, nonce, count, once, "auth", hashed(method, target))
        quoted = {"username": self._credentials.user, "realm": realm, "nonce": nonce, "uri": target, "response": proof}
        if "opaque" in self._challenge:
            quoted["opaque"] = self._challenge["opaque"]
        said = [f'{name}="{_escaped(value)}"' for name, value in quoted.items()]
        plain = [f"nc={count}", "qop=auth", f"algorithm={self._algorithm()}"]
        return "Digest " + ", ".join([*said, f'cnonce="{once}"', *plain])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
