"""
The posts of the invented institute, read from `posts/`.

A file is one post. Its number is the post's `wr_id`; above the first empty line
stand headers (`title`, `author`, `written`, `option`, `reply to`, `cited`,
`file`, `image`, `link`, `hits`), below it the text: paragraphs, lists (`- `),
bare addresses, and blocks of HTML as they are. `{cited:%Y.%m.%d}` becomes the
day on which the outlet printed the piece. Days count back from the moment at
which the demo starts, so the board always looks as if it were kept up.

`posts/standing` is there when the archive is first read; `posts/arriving` waits
for `publish_more`.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from importlib.resources.abc import Traversable

KOREA = timezone(timedelta(hours=9))
"""Gnuboard writes Korean wall time, wherever its server stands."""

IMAGES = (".png",)

_WRITTEN = re.compile(r"(\d+) days? before(?:, (\d\d):(\d\d))?")
_CITED = re.compile(r"\{cited:([^}]+)\}")
_NOT_IN_THE_FUTURE = timedelta(minutes=5)
# What an editor leaves behind when somebody presses Enter twice.
_EMPTY_LINE = "\n<p>\N{NO-BREAK SPACE}</p>\n"


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """A file beside a post. `stored` is the name in the board's folder, `note` the words after it."""

    name: str
    note: str
    stored: str

    @property
    def is_image(self) -> bool:
        return self.name.endswith(IMAGES)


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post on the board. `written_at` is Korean time."""

    wr_id: int
    title: str
    author: str
    written_at: datetime
    html: str
    hits: int
    is_notice: bool
    is_secret: bool
    reply_to: int | None
    enclosed: tuple[Enclosed, ...]
    links: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A post as its file has it: without a moment, and so without its dates."""

    wr_id: int
    headers: Sequence[tuple[str, str]]
    text: str

    def written(self, moment: datetime) -> Post:
        """The post, as if somebody had put it up at this moment."""
        moment = moment.astimezone(KOREA).replace(microsecond=0)
        cited = moment - timedelta(days=_days(self._first("cited", "0 days before")))
        reply = self._first("reply to")
        return Post(
            wr_id=self.wr_id,
            title=self._first("title"),
            author=self._first("author"),
            written_at=moment,
            html=_html(_dated(self.text, cited)),
            hits=int(self._first("hits", "0")),
            is_notice=self._first("option") == "notice",
            is_secret=self._first("option") == "secret",
            reply_to=int(reply) if reply else None,
            enclosed=tuple(_enclosed(self.wr_id, line) for line in self._all("image") + self._all("file")),
            links=tuple(_dated(link, cited) for link in self._all("link")),
        )

    def before(self, start: datetime) -> Post:
        """The post, put up as long before `start` as its `written` header says."""
        return self.written(_moment(self._first("written"), start.astimezone(KOREA)))

    def _all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def _first(self, name: str, default: str = "") -> str:
        return next(iter(self._all(name)), default)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a board starts with, and what is put up while people watch."""

    standing: tuple[Post, ...]
    arriving: tuple[Draft, ...]


def content(start: datetime) -> Content:
    """The institute's posts, dated back from `start`. The same start gives the same posts."""
    folder = files(__package__) / "posts"
    return Content(
        standing=tuple(draft.before(start) for draft in _drafts(folder / "standing")),
        arriving=tuple(_drafts(folder / "arriving")),
    )


def _drafts(folder: Traversable) -> list[Draft]:
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name)
    return [read(file.name, file.read_text(encoding="utf-8")) for file in found]


def read(name: str, source: str) -> Draft:
    """The draft in a file called `name`, such as `005-cranes.md`."""
    head, _, text = source.partition("\n\n")
    pairs = (line.partition(": ") for line in head.splitlines())
    return Draft(
        wr_id=int(name.partition("-")[0]),
        headers=tuple((key, value.strip()) for key, _, value in pairs),
        text=text.strip(),
    )


def _moment(written: str, start: datetime) -> datetime:
    match = _WRITTEN.fullmatch(written)
    if not match:
        raise ValueError(f"written: expected '12 days before, 09:30', got {written!r}")
    days, hour, minute = (int(number or 0) for number in match.groups())
    moment = (start - timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return min(moment, start - _NOT_IN_THE_FUTURE)


def _days(cited: str) -> int:
    match = _WRITTEN.fullmatch(cited)
    if not match:
        raise ValueError(f"cited: expected '1 day before', got {cited!r}")
    return int(match[1])


def _enclosed(wr_id: int, line: str) -> Enclosed:
    name, _, note = (part.strip() for part in line.partition("|"))
    digest = hashlib.sha256(f"{wr_id}/{name}".encode()).hexdigest()[:32]
    return Enclosed(name=name, note=note, stored=f"{digest}.{name.rpartition('.')[2]}")


def _dated(text: str, cited: datetime) -> str:
    return _CITED.sub(lambda match: cited.strftime(match[1]), text)


def _html(text: str) -> str:
    return _EMPTY_LINE.join(_block(block) for block in re.split(r"\n{2,}", text))


def _block(block: str) -> str:
    if block.startswith(("<table", "<p")):
        return block
    if block.startswith("- "):
        rows = (line.removeprefix("- ") for line in block.splitlines())
        return "<ul>\n" + "\n".join(f"<li>{_words(row)}</li>" for row in rows) + "\n</ul>"
    if block.startswith("https://") and " " not in block:
        address = _words(block)
        return f'<p><a href="{address}" target="_blank" rel="nofollow noreferrer noopener">{address}</a></p>'
    return f"<p>{_words(block)}</p>"


def _words(text: str) -> str:
    """Text of a paragraph; only an ampersand needs care, tags are the writer's own."""
    return re.sub(r"&(?!#?\w+;)", "&amp;", text)
