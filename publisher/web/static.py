"""
The few files that pages need besides themselves: one stylesheet, two scripts, one mark, one picture to share.

Each is served under a name with its hash, so that a browser may keep it for
ever and sees a changed one at once. They are read at start and held in memory.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from publisher.resources import templates

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file as it is served; `name` has the hash in it."""

    name: str
    media_type: str
    content: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """The files of `templates/web/static` by the names that templates know them by."""
    folder = templates() / "web" / "static"
    found = {}
    for path in sorted(folder.iterdir()):
        if media_type := _TYPES.get(path.suffix):
            content = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
            found[path.name] = Asset(name=name, media_type=media_type, content=content)
    return MappingProxyType(found)


@cache
def by_served_name() -> Mapping[str, Asset]:
    return MappingProxyType({asset.name: asset for asset in assets().values()})
