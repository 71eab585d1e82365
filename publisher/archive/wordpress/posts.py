"""What the API says of a post, freed of its shape: every member may be missing or of another kind."""

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import unquote, urlsplit

from publisher.archive.moments import read_moment
from publisher.archive.piece import Parts, make_item
from publisher.archive.source import Found, Skipped
from publisher.archive.tree import tree_of
from publisher.archive.weblinks import host_of
from publisher.archive.wording import KST, believable, file_name, media_type
from publisher.errors import SourceError
from publisher.markup import absolute, fold, text_of
from publisher.model import Attachment, Language
from publisher.net import Page

SECRET = "secret"  # noqa: S105 - why a post is passed over

_DOCUMENTS = frozenset({"pdf", "hwp", "hwpx", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "epub", "zip"})
_MOST_FILES = 50
_LONGEST_TITLE = 500


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post as the API gives it. `said` is JSON; nothing in it is believed before it was looked at."""

    key: str
    said: Mapping[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether guests may read it: published, and without a password on text or excerpt."""
        marks = (_inside(self.said, part, "protected") for part in ("content", "excerpt"))
        return self.said.get("status", "publish") == "publish" and not any(marks) and not self.said.get("password")

    @property
    def changed(self) -> str:
        """When it was last changed (`modified_gmt`): text that sorts by time; '' where it is not told."""
        stated = _text(self.said.get("modified_gmt"))
        try:
            return datetime.fromisoformat(stated).replace(tzinfo=None).isoformat(timespec="seconds")
        except ValueError:
            return ""


def read_posts(page: Page) -> list[Post]:
    """The posts in an answer, in its order. Raises SourceError (`not wordpress`) where it is no list of posts."""
    try:
        listed = json.loads(page.content)
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list):
        raise SourceError("not wordpress", f"{page.url}: answers no list of posts; is the REST API of the site open?")
    return [
        Post(key=str(each["id"]), said=each) for each in listed if isinstance(each, dict) and _is_number(each.get("id"))
    ]


def read_one(page: Page) -> Post | None:
    """The post in the answer to a question for one; None where it holds none."""
    try:
        said = json.loads(page.content)
    except (ValueError, RecursionError):
        return None
    return Post(key=str(said["id"]), said=said) if isinstance(said, dict) and _is_number(said.get("id")) else None


def total_of(page: Page) -> int | None:
    """How many posts the site says it has."""
    return number_in(page.headers.get("x-wp-total", ""))


def number_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def read_post(post: Post, site: str, now: datetime, zone: tzinfo = KST) -> Found | Skipped:
    """The piece. Of one that guests may not read not even the address is told: it holds the title."""
    plain = f"{site}/?p={post.key}"
    if not post.is_open:
        return Skipped(source_key=post.key, url=plain, reason=SECRET)
    link = absolute(_text(post.said.get("link")), site)
    url = link if link.startswith(("http://", "https://")) else plain
    body = _text(_inside(post.said, "content", "rendered")) or _text(_inside(post.said, "excerpt", "rendered"))
    item = make_item(
        Parts(
            source_key=post.key,
            url=url,
            shown_title=fold(text_of(_text(_inside(post.said, "title", "rendered"))))[:_LONGEST_TITLE],
            author=_author(post.said),
            published_at=_published(post.said, now, zone),
            html=_with_picture(body, _featured(post.said)),
            base_url=url,
            site_host=host_of(site),
            categories=_categories(post.said),
            attachments=tuple(_files(body, url)),
            is_notice=post.said.get("sticky") is True,
            language=_language(post.said),
            counterparts=tuple(_counterparts(post)),
        ),
        now,
    )
    return Found(item=item) if item else Skipped(source_key=post.key, url=url, reason="empty")


def _published(said: Mapping[str, Any], now: datetime, zone: tzinfo) -> datetime | None:
    """`date_gmt` tells the moment; `date` is the site's own clock."""
    try:
        stated = datetime.fromisoformat(_text(said.get("date_gmt")))
    except ValueError:
        return read_moment(_text(said.get("date")), now, zone)
    return believable(stated if stated.tzinfo else stated.replace(tzinfo=UTC), now, zone)


def _language(said: Mapping[str, Any]) -> Language | None:
    """Polylang says `lang: ko`, WPML `wpml_current_locale: ko_KR`."""
    stated = _text(said.get("lang")) or _text(said.get("wpml_current_locale"))
    short = stated.replace("_", "-").partition("-")[0].lower()
    return short if short.isascii() and short.isalpha() and len(short) in {2, 3} else None


def _counterparts(post: Post) -> Iterator[str]:
    """
    The same text in other languages, as a plugin tells it: Polylang Pro by a number per language, others in a list.

    The number counts where one archive holds all languages; an address also
    where each language is an archive.
    """
    numbered = post.said.get("translations")
    for number in numbered.values() if isinstance(numbered, dict) else ():
        if _is_number(number) and str(number) != post.key:
            yield str(number)
    for name in ("wpml_translations", "polylang_translations"):
        for each in _list(post.said.get(name)):
            if isinstance(each, dict) and _is_number(each.get("id")) and str(each["id"]) != post.key:
                yield str(each["id"])
                if host_of(address := _text(each.get("href"))):
                    yield address


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _author(said: Mapping[str, Any]) -> str | None:
    names = (fold(_text(author.get("name")))[:200] for author in _embedded(said, "author"))
    return next((name for name in names if name and "@" not in name), None)


def _categories(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of its categories; tags are too many to choose feeds by."""
    terms = [term for group in _list(_inside(said, "_embedded", "wp:term")) for term in _list(group)]
    named = [term for term in terms if isinstance(term, dict) and term.get("taxonomy") == "category"]
    names = (fold(html.unescape(_text(term.get("name"))))[:100] for term in named)
    return tuple(dict.fromkeys(name for name in names if name))[:20]


def _featured(said: Mapping[str, Any]) -> tuple[str, str]:
    """The address of the picture over the post, and the words for who cannot see it."""
    for media in _embedded(said, "wp:featuredmedia"):
        if media.get("media_type") == "image" and _text(media.get("source_url")):
            return _text(media["source_url"]), _text(media.get("alt_text"))
    return "", ""


def _with_picture(body: str, picture: tuple[str, str]) -> str:
    """The text below its picture, unless it shows that one anyway, in whatever size."""
    address, words = picture
    stem = urlsplit(address).path.rpartition("/")[2].rpartition(".")[0] if address else ""
    if not address or (stem and stem in body):
        return body
    return f'<p><img src="{html.escape(address)}" alt="{html.escape(words)}"></p>\n{body}'


def _files(body: str, url: str) -> Iterator[Attachment]:
    """The documents that the text leads to: the API tells them only at one more request for each post."""
    seen: set[str] = set()
    for link in tree_of(body).css("a[href]"):
        address = absolute(link.attributes.get("href") or "", url)
        name = file_name(unquote(urlsplit(address).path.rpartition("/")[2]))
        is_document = name.rpartition(".")[2].lower() in _DOCUMENTS and host_of(address) == host_of(url)
        if is_document and address not in seen and len(seen) < _MOST_FILES:
            seen.add(address)
            yield Attachment(name=name[:255], url=address, type=media_type(name))


def _embedded(said: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    return [each for each in _list(_inside(said, "_embedded", name)) if isinstance(each, dict)]


def _inside(said: Mapping[str, Any], *names: str) -> object:
    value: object = said
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
