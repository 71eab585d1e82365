"""`archives` and `feeds`: where entries come from, and the feeds that are made by hand."""

from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

from publisher.archive import SOURCES
from publisher.archive.gnuboard.addresses import board_of
from publisher.archive.gnuboard.six import board_six_of
from publisher.archive.source import ArchivePolicy, DatabasePolicy, Selectors
from publisher.config import values
from publisher.config.reading import Section
from publisher.config.secrets import read_password
from publisher.errors import SourceError
from publisher.feeds.policy import FeedPolicy
from publisher.model import Language, Site, Texts

_BOARD = "https://hanbit-peace.example/bbs/board.php?bo_table=director"
_BOARD_SIX = "https://hanbit-peace.example/board/director"

_ADDRESSES = {
    "gnuboard": f"the board's address, such as {_BOARD}",
    "gnuboard6": f"the board's address, such as {_BOARD_SIX}",
    "wordpress": "the site's address, such as https://hanbit-peace.example",
    "html": "the list's address, such as https://hanbit-peace.example/news",
    "rss": "the feed's address, such as https://hanbit-peace.example/feed",
}


def read_archives(section: Section, site: Site, folder: Path) -> dict[str, ArchivePolicy]:
    """`archives`, by name; a `path` is taken from `folder` on."""
    former = _former_names(section.names)
    return {name: _archive(name, below, site, folder, former) for name, below in section.named(values.name)}


def _former_names(names: Collection[str]) -> Callable[[str], str]:
    """A name belongs to one archive: the one that has it, or the one that had it."""
    taken = dict.fromkeys(names, "is the name of an archive of this file")

    def parse(value: str) -> str:
        if value in taken:
            raise ValueError(f"'{value}' {taken[value]}; expected the name that this archive had before")
        taken[value] = "is the former name of another archive already"
        return values.name(value)

    return parse


def _archive(name: str, section: Section, site: Site, folder: Path, former: Callable[[str], str]) -> ArchivePolicy:
    languages = site.languages
    kind = section.required("kind", values.one_of(*SOURCES), "", " or ".join(SOURCES))
    url = section.value("url", _BOARD_URLS.get(kind, values.web_url), "")
    path = section.value("path", values.line, "")
    if kind == "folder" and not section.has("path"):
        section.wrong("path", "is missing; expected the folder that holds the entries, such as archive/director")
    if kind != "folder" and not section.has("url"):
        section.wrong("url", f"is missing; expected {_ADDRESSES.get(kind, _ADDRESSES['gnuboard'])}")
    return ArchivePolicy(
        name=name,
        kind=kind,
        url=url,
        path=str(folder / path) if path else "",
        titles=section.texts("name", languages) or dict.fromkeys(languages, name),
        formerly=section.value("formerly", former, ""),
        every=section.value("every", values.some_time, timedelta(minutes=15)),
        settle=section.value("settle", values.duration, timedelta(minutes=30)),
        flood=section.value("flood", values.whole(1, 1_000_000), 20),
        alarm_after=section.value("alarm_after", values.whole(1, 1_000_000), 3),
        first_read=section.value("first_read", values.one_of("fill", "mail"), "fill"),
        corrections=section.value("corrections", values.one_of("ignore", "note"), "ignore"),
        rights=section.value("rights", values.one_of("summary", "full"), "summary"),
        authors=_authors(section.section("authors"), languages),
        allow=section.values("allow", values.host_and_port),
        pause=section.value("pause", values.duration, timedelta(seconds=2)),
        timezone=section.value("timezone", values.timezone, site.timezone),
        database=_database(section, kind, folder),
        select=_select(section, kind),
    )


def _board_url(value: str) -> str:
    try:
        board_of(values.web_url(value))
    except SourceError:
        raise values.expected(f"a board's address such as {_BOARD}", value) from None
    return value


def _board_six_url(value: str) -> str:
    try:
        board_six_of(values.web_url(value))
    except SourceError:
        raise values.expected(f"a board's address such as {_BOARD_SIX}", value) from None
    return value


_BOARD_URLS = {"gnuboard": _board_url, "gnuboard-db": _board_url, "gnuboard6": _board_six_url}
_PREFIXES = {"gnuboard-db": "g5_", "gnuboard6": "g6_"}
"""The kinds that are, or can be, read in their database, and how their tables' names begin by default."""


def _database(archive: Section, kind: str, folder: Path) -> DatabasePolicy | None:
    section = archive.section("database")
    is_needed = kind == "gnuboard-db" or (kind == "gnuboard6" and any(map(section.has, section.names)))
    for key, what in (("name", "the database, such as hanbit"), ("user", "the account that may read it")):
        if is_needed and not section.has(key):
            section.wrong(key, f"is missing; expected {what}")
    policy = DatabasePolicy(
        name=section.value("name", values.line, ""),
        user=section.value("user", values.line, ""),
        password=read_password(section, folder) if is_needed else _unread(section),
        host=section.value("host", values.host, "127.0.0.1"),
        port=section.value("port", values.whole(1, 65535), 3306),
        socket=section.value("socket", values.socket_path, ""),
        prefix=section.value("prefix", values.table_prefix, _PREFIXES.get(kind, "")),
        charset=section.value("charset", values.one_of("auto", "utf-8", "euc-kr"), "auto"),
    )
    if section.has("name") and kind not in _PREFIXES:
        section.remark("name", f"an archive of the kind {kind} reads no database; has no effect")
    return policy if is_needed else None


def _select(archive: Section, kind: str) -> Selectors | None:
    """`select`; a list that is read by selectors needs at least that of its rows."""
    is_needed = kind == "html"
    section = archive.section("select")
    if is_needed and not section.has("item"):
        section.wrong("item", "is missing; expected the CSS selector of a row of the list, such as 'table.board tr'")
    select = Selectors(
        item=section.value("item", values.selector, ""),
        link=section.value("link", values.selector, ""),
        title=section.value("title", values.selector, ""),
        date=section.value("date", values.selector, ""),
        author=section.value("author", values.selector, ""),
        category=section.value("category", values.selector, ""),
        next=section.value("next", values.selector, ""),
        page=section.value("page", values.parameter, ""),
        body=section.value("body", values.selector, ""),
        attachments=section.value("attachments", values.selector, ""),
    )
    if section.has("next") and section.has("page"):
        section.wrong("page", "stands beside next; name one of the two")
    if section.has("item") and not is_needed:
        section.remark("item", f"an archive of the kind {kind} is not read by selectors; has no effect")
    return select if is_needed else None


def _unread(section: Section) -> str:
    """A kind that reads no database opens no file with its password; the keys are known all the same."""
    section.value("password", values.text, "")
    section.value("password_file", values.text, "")
    return ""


def _authors(section: Section, languages: Collection[Language]) -> dict[str, Texts]:
    return {shown: section.texts(shown, languages) for shown in section.names}


def read_feeds(section: Section, archives: Collection[str], languages: Collection[Language]) -> dict[str, FeedPolicy]:
    """`feeds`, by slug. The generated ones (`all`, `director-en`) keep their slugs to themselves."""

    def slug(value: str) -> str:
        if _is_generated(value, archives, languages):
            raise ValueError(f"the feed '{value}' is made by itself; choose another name")
        return values.slug(value)

    return {name: _feed(below, archives, languages) for name, below in section.named(slug)}


def _is_generated(slug: str, archives: Collection[str], languages: Collection[Language]) -> bool:
    """Whether a slug is of the shape `<archive|all>[-c-<category>][-<language>]`."""
    start, _, rest = slug.partition("-")
    return start in ("all", *archives) and (rest in ("", *languages) or rest.startswith("c-"))


def _feed(section: Section, archives: Collection[str], languages: Collection[Language]) -> FeedPolicy:
    return FeedPolicy(
        archives=section.values("archives", values.member_of(archives, "an archive")),
        categories=section.values("categories", values.line),
        language=section.value("language", values.one_of(*languages), None),
        title=section.value("title", values.line, ""),
    )
