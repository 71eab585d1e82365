"""
Feeds as files, for any host that can serve a folder.

A file is replaced whole or not at all, and only when its bytes differ, so a
host or a synchroniser that goes by modification times sees what really changed.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import PublisherError
from publisher.feeds.publish import Rendered

_OURS = ".publisher-feeds"
"""Names what we wrote into the folder: of others' files we take none away."""

_OUR_NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(/[0-9]+)?\.[a-z]+")


@dataclass(frozen=True, kw_only=True)
class Written:
    """The names of the files, as far as each was touched; a page of an archive lies in its feed's folder."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def write_files(rendered: Iterable[Rendered], out: Path) -> Written:
    """
    Bring the folder up to date; it is made if there is none.

    Removed are the files of an earlier run that belong to no feed any more.
    Raises PublisherError when the folder cannot be used.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        return _brought_up_to_date(rendered, out)
    except (FileExistsError, NotADirectoryError) as error:
        raise PublisherError(f"{out}: is not a folder; name one that exists or can be made") from error
    except OSError as error:
        raise PublisherError(f"{out}: the feeds cannot be written there ({error.strerror or error})") from error


def _brought_up_to_date(rendered: Iterable[Rendered], out: Path) -> Written:
    changed: list[str] = []
    unchanged: list[str] = []
    for document in rendered:
        done = changed if _replace(out / document.name, document.content) else unchanged
        done.append(document.name)
    now = {*changed, *unchanged}
    removed = sorted(name for name in _written_before(out) - now if _remove(out / name))
    _replace(out / _OURS, "".join(f"{name}\n" for name in sorted(now)).encode())
    return Written(changed=tuple(changed), unchanged=tuple(unchanged), removed=tuple(removed))


def _replace(path: Path, content: bytes) -> bool:
    """Whether the file had to be written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    path.parent.mkdir(exist_ok=True)
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # or a power cut leaves an empty file under the good name
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _written_before(out: Path) -> set[str]:
    try:
        listed = (out / _OURS).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return set()
    # The folder may lie where others write: only what can be a feed's name is believed.
    return {name for name in listed if _OUR_NAMES.fullmatch(name)}


def _remove(path: Path) -> bool:
    is_there = path.is_file()
    if is_there:
        path.unlink()
    return is_there
