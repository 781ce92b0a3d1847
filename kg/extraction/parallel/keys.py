"""Who may speak with a cluster: plain connections stay on this machine; between hosts both ends show a certificate."""

from __future__ import annotations

import datetime
import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kg import files
from kg.errors import GraphError, KgError

if TYPE_CHECKING:
    import distributed
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

VARIABLE = "KG_TLS"
CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"
"""What is in the folder with the keys of a cluster."""

INSTALL = "install it: pip install 'drug-facts[dask]'"
_MAKE = "make it with `kg cluster keys FOLDER`, and have the same on each host"
_DAYS = 365


def checked(scheduler: str, tls: Path | None = None) -> Path | None:
    """Return the folder of the keys to connect with, or None where a plain connection will do.

    Raises
    ------
    KgError
        When the address is none, when it is plain and not on this machine, or when the keys are missing.
    """
    try:
        address = urlsplit(scheduler)
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    if host is None or port is None or address.scheme not in ("tcp", "tls"):
        raise KgError(scheduler, "is no address of a scheduler", "write tcp://127.0.0.1:8786 or tls://HOST:8786")
    if address.scheme == "tls":
        return folder(scheduler, tls)
    if not is_loopback(host):
        remedy = "use tls:// and keys (kg cluster keys), or a tunnel to this machine"
        raise KgError(scheduler, "is not encrypted, and leaves this machine", remedy)
    if tls is not None:
        raise KgError(scheduler, "is not encrypted, and keys are named", "write tls://, or leave --tls out")
    return None


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine: only an address itself, or `localhost`, for other names may be moved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def folder(place: str, given: Path | None) -> Path:
    """Return the folder of the keys: the one given, or that of KG_TLS.

    Raises
    ------
    KgError
        When none is named, or a file is missing.
    """
    found = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if found is None:
        raise KgError(place, "needs keys, and no folder of keys is named", f"name it with --tls or {VARIABLE}; {_MAKE}")
    for name in (CA, CERTIFICATE, KEY):
        if not (found / name).is_file():
            raise KgError(str(found / name), "is missing", _MAKE)
    return found


def security(place: Path) -> distributed.Security:
    """Return what Dask connects with: encrypted, and nobody is spoken with who has no certificate of this folder."""
    from distributed import Security

    return Security(
        require_encryption=True,
        tls_ca_file=str(place / CA),
        tls_client_cert=str(place / CERTIFICATE),
        tls_client_key=str(place / KEY),
    )


def make(place: Path) -> None:
    """Write the keys of a new cluster: who has this folder, and nobody else, belongs to it, for a year.

    The key of the authority that signs the certificate is kept nowhere: no second certificate can be made.

    Raises
    ------
    GraphError
        When there are keys already, or the folder cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    if any((place / name).exists() for name in (CA, CERTIFICATE, KEY)):
        raise GraphError(str(place), "holds keys already", "name another folder, or delete them first")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GraphError(str(place), f"cannot be made ({error.strerror})", "name a folder you may write") from None
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("drug-facts cluster authority", authority, authority)
    contents = {
        CA: _pem(root),
        CERTIFICATE: _pem(_certificate("drug-facts cluster", own, authority)),
        KEY: _secret(own),
    }
    files.write_all({place / name: content for name, content in contents.items()}, mode=0o600)


def _certificate(name: str, own: ec.EllipticCurvePrivateKey, authority: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Make a certificate; one that signs itself is that of the authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    is_root = own is authority
    issuer = "drug-facts cluster authority"
    now = datetime.datetime.now(datetime.UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    signs = x509.KeyUsage(digital_signature=not is_root, key_cert_sign=is_root, crl_sign=is_root, **usage)
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))  # clocks differ
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(signs, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage(both), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("drug-facts")]), critical=False)
    return builder.sign(authority, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _secret(key: ec.EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
