"""What stands before every connection: how many there may be, and how long requests may arrive and answers leave.

uvicorn reads a request for as long as it takes: a client that sends a byte now and then (slowloris) would keep its
place for ever, and so would one that never takes its answer. Bodies have a limit of their own (`kg.web.middleware`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.auto import AutoHTTPProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol
else:
    Protocol = object

MOST_CONNECTIONS = 500
"""At the same time; one more is closed at once."""

HEAD_SECONDS = 10.0
"""From the connection, or the first byte of a further request, to the end of its headers."""

MOST_HEAD_BYTES = 100_000
"""Of the headers of a request, the address included."""

ANSWER_SECONDS = 300.0
"""For which a client may leave an answer untaken."""


class Guard(Protocol):
    """Limits for a protocol of uvicorn: to what has not become a request yet, and to what is not taken."""

    _waiting: asyncio.TimerHandle | None = None
    _leaving: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, if there are not too many connections already."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._waiting = self.loop.call_later(HEAD_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Read on; what comes while no request is answered belongs to the headers of the next, or to a refused body."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._head = 0
            self._waiting = _ended(self._waiting)
            return
        if self.cycle is None or not self.cycle.more_body:
            self._head += len(data)
        if self._head > MOST_HEAD_BYTES:
            self.transport.abort()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._waiting, self._leaving = _ended(self._waiting), _ended(self._leaving)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait until the client takes what is to be sent."""
        super().pause_writing()
        self._leaving = self._leaving or self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Write on."""
        self._leaving = _ended(self._leaving)
        super().resume_writing()


class Guarded(Guard, AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """The protocol that uvicorn would choose, with these limits."""


def _ended(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancel a timer; there is none then."""
    if timer is not None:
        timer.cancel()
    return None
