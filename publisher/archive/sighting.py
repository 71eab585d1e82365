"""What an address turns out to be: an archive itself, or a page that leads to some."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """
    An archive as it would stand in the configuration.

    `settings` are further fields of `ArchivePolicy` that this kind needs, or
    would: they are printed with the lines for `config.yaml`.
    """

    kind: str
    url: str
    title: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sightings:
    """`here`: what the page itself is; `linked`: what it leads to, the likeliest first."""

    here: Sighting | None = None
    linked: tuple[Sighting, ...] = ()
