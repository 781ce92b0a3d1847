"""The files that pages load: our own and those of others, all from here, each under a name that its content gives."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).resolve().parents[1] / "static"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
}
_FOR_EVER = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file with the sum that names its content."""

    body: bytes
    media_type: str
    sum: str


@functools.cache
def known() -> dict[str, Asset]:
    """Return all files by name; a path that is asked for is looked up here and never on the disk."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in MEDIA_TYPES and path.is_file():
            body = path.read_bytes()
            name = path.relative_to(FOLDER).as_posix()
            found[name] = Asset(body, MEDIA_TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:16])
    return found


def url(name: str) -> str:
    """Return the address of a file, which changes when the file does."""
    return f"/static/{name}?v={known()[name].sum}"


async def serve(request: Request) -> Response:
    """Send a file; it may be kept for ever where it was asked for by its sum."""
    asset = known().get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("no such file\n", 404)
    etag = f'"{asset.sum}"'
    is_named = request.query_params.get("v") == asset.sum
    headers = {
        "ETag": etag,
        "Cache-Control": _FOR_EVER if is_named else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, headers=headers | {"Content-Type": asset.media_type})


ROUTE = Route("/static/{name:path}", serve, methods=["GET"])
