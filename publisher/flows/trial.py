"""Look at an address without a house: what it is, what would be read there, what the configuration needs."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from publisher.archive import open_source
from publisher.archive.recognise import recognise
from publisher.archive.sighting import Sighting
from publisher.archive.source import ArchivePolicy, Event, Found, Previews, Remark, Skipped, Source
from publisher.errors import SourceError
from publisher.model import SourceItem
from publisher.net import Fetcher

NEWEST = 5
_PAUSE = timedelta(seconds=1)  # between two requests of a first look
_NO_NAME = re.compile(r"[^a-z0-9]+")
_LIKE_A_HOST = re.compile(r"[^\s/?#@]+\.[^\s/?#@]+")
_HANGUL = re.compile(r"[가-힣]")
_MEANINGFUL = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})  # words of YAML's own
_BETWEEN = re.compile(r"\s+[/|]\s+")
_TOO_COMMON = frozenset(
    {"", "all", "feed", "feeds", "rss", "atom", "xml", "json", "index", "www", "board", "wordpress", "wp"}
)


@dataclass(kw_only=True)
class Trial:
    """
    What a look came to.

    `sighting` is the archive that would be read; None where the address only
    leads to several (`also`), one of which has to be chosen.
    """

    sighting: Sighting | None = None
    also: tuple[Sighting, ...] = ()
    items: list[SourceItem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


async def look_at(address: str, fetcher: Fetcher, now: Callable[[], datetime]) -> Trial:
    """
    Recognise what stands at an address (or in a folder) and read its newest pieces; nothing is stored.

    A page that leads to one archive is taken for it. Raises SourceError where
    nothing can be read, with a reason that has a cure.
    """
    trial = await _recognised(address, fetcher)
    if trial.sighting is None:
        return trial
    policy = _policy(trial.sighting)
    async with aclosing(_events(open_source(policy, fetcher, now))) as events:
        async for event in events:
            match event:
                case Found(item=item):
                    trial.items.append(item)
                case Skipped():
                    trial.skipped.append(event)
                case Remark():
                    trial.remarks.append(event)
            if len(trial.items) >= NEWEST:
                break
    return trial


async def _recognised(address: str, fetcher: Fetcher) -> Trial:
    if address != "" and await asyncio.to_thread(Path(address).is_dir):
        return Trial(sighting=Sighting(kind="folder", url="", settings={"path": address}))
    _refuse_half(address)
    seen = recognise(await fetcher.get(address))
    if seen.here is not None:
        return Trial(sighting=seen.here, also=seen.linked)
    kinds = {one.kind for one in seen.linked}
    is_clear = len(seen.linked) == 1 or "wordpress" in kinds  # its feeds are the same entries once more
    if is_clear or kinds == {"rss"}:
        return Trial(sighting=seen.linked[0], also=seen.linked[1:])
    return Trial(also=seen.linked)


def _refuse_half(address: str) -> None:
    """What was typed without its beginning is not guessed at, but offered whole."""
    scheme, _, rest = address.rpartition("://")
    if scheme.lower() in {"http", "https"} and rest.strip("/"):
        return
    offer = f"; try https://{rest}" if _LIKE_A_HOST.match(rest) and not scheme else ""
    raise SourceError("half an address", f"{address!r} is neither a folder here nor a whole web address{offer}")


async def _events(source: Source) -> AsyncGenerator[Event, None]:
    """The newest pieces first; a source that does not show them by itself is read as at first."""
    newest = source.newest(NEWEST) if isinstance(source, Previews) else source.read({}, {})
    async for event in newest:
        yield event


def _policy(sighting: Sighting) -> ArchivePolicy:
    policy = ArchivePolicy(name="trial", kind=sighting.kind, url=sighting.url, pause=_PAUSE, **sighting.settings)
    if policy.select is None:
        return policy
    return replace(policy, select=replace(policy.select, next="", page=""))  # the first page of the list will do


# ── The lines for config.yaml ────────────────────────────────────────────────


def config_lines(sighting: Sighting, allow: tuple[str, ...] = ()) -> str:
    """What stands below `archives:` for it, to be pasted as it is."""
    name = name_for(sighting)
    values: dict[str, Any] = {"kind": sighting.kind}
    values |= {"url": sighting.url} if sighting.url else {}
    values |= {setting: _plain(value) for setting, value in sighting.settings.items()}
    values |= {"name": _titles(sighting.title or name, name)}
    values |= {"allow": list(allow)} if allow else {}
    return "\n".join([f"  {name}:", *(f"    {key}: {_yaml(value)}" for key, value in values.items())])


def _titles(title: str, name: str) -> Mapping[str, str]:
    """The title in both languages, also where it says both at once: `한빛 소식 / Hanbit News`."""
    parts = [part.strip() for part in _BETWEEN.split(title, maxsplit=1)]
    korean, other = ([part for part in parts if bool(_HANGUL.search(part)) is is_korean] for is_korean in (True, False))
    if len(parts) == 2 and korean and other:
        return {"ko": korean[0], "en": other[0]}
    return {"ko": title, "en": name.capitalize() if _HANGUL.search(title) else title}


def name_for(sighting: Sighting) -> str:
    """A name of the kind that archives have, made from the board, the address or the folder."""
    place = sighting.url or str(sighting.settings.get("path", ""))
    parts = urlsplit(place)
    said = [*parse_qs(parts.query).get("bo_table", []), *reversed(Path(parts.path).parts)]
    host = [label for label in (parts.hostname or "").split(".")[:-1] if not label.isdecimal()]
    for word in (*said, *host):
        name = _NO_NAME.sub("", word.lower().partition(".")[0]).lstrip("0123456789")[:32]
        if name not in _TOO_COMMON:
            return name
    return "archive"


def _plain(value: Any) -> Any:
    """A policy as its keys that are not at their default."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    defaults = {one.name: one.default for one in fields(value)}
    return {name: part for name, part in asdict(value).items() if part != defaults[name]}


def _yaml(value: Any) -> str:
    """A value on one line, in JSON's quotes where YAML could take it for something else."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_yaml(part) for part in value) + "]"
    text = str(value)
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", text) and text.lower() not in _MEANINGFUL
    return text if is_plain else json.dumps(text, ensure_ascii=False)
