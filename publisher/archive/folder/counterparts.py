"""Which file holds the same text in another language: named in the text, or by its own name beside this one."""

import posixpath
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from publisher.archive.folder.documents import READERS
from publisher.model import Language

_LANGUAGES = ("ko", "en")


def language_named(name: str) -> Language | None:
    """`spring.ko.md` → `ko`; None where the name says nothing."""
    ending = Path(name).stem.rpartition(".")[2].lower()
    return ending if ending in _LANGUAGES and ending != Path(name).stem.lower() else None


def versions_beside(file: Path) -> Iterator[Path]:
    """`spring.ko.md` → `spring.en.md` and `spring.md`, as far as they are there; `spring.md` → `spring.en.md`, too."""
    language = language_named(file.name)
    stem = file.stem[: -len(language) - 1] if language else file.stem
    for mark in ("", *(f".{other}" for other in _LANGUAGES)):
        for ending in READERS:
            other = file.with_name(f"{stem}{mark}{ending}")
            if other.stem != file.stem and other.is_file():
                yield other


def keys_meant(name: str, own: str) -> list[str]:
    """
    The keys that a name in a text may stand for: a file beside this one, or below the folder; else a post's number.

    `own` is the key of the text. A name that leads out of the folder means nothing.
    """
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").partition("#")[0].partition("?")[0]).strip()
    stem, ending = posixpath.splitext(plain)
    bare = stem if ending.lower() in READERS else plain
    places = (posixpath.join(posixpath.dirname(own), bare), bare.lstrip("/"))
    keys = (posixpath.normpath(place) for place in places if place and len(place) <= 500)
    return list(dict.fromkeys(key for key in keys if not key.startswith(("..", "/")) and key != "."))
