"""What comes with an entry: its files, each with what it is and where it can be had, and its images."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from publisher.digest.prose import fold, link, shorten
from publisher.i18n import catalogue, format_size, noted
from publisher.markup import images_in
from publisher.model import Attachment, Entry, Face, Images, Language, Picture, Site

MOST_PAPERS = 8
"""Files of an entry that a letter names; its page names them all."""

MOST_IMAGES = 5

_LONGEST_NAME = 160  # columns of a file's name

_KINDS = {
    "hwp": noted("Korean word processor document"),
    "hwpx": noted("Korean word processor document"),
    "pdf": noted("PDF document"),
    "doc": noted("Word document"),
    "docx": noted("Word document"),
    "xls": noted("Spreadsheet"),
    "xlsx": noted("Spreadsheet"),
    "csv": noted("Spreadsheet"),
    "ppt": noted("Presentation"),
    "pptx": noted("Presentation"),
    "jpg": noted("Picture"),
    "jpeg": noted("Picture"),
    "png": noted("Picture"),
    "gif": noted("Picture"),
    "mp3": noted("Sound recording"),
    "m4a": noted("Sound recording"),
    "mp4": noted("Video"),
    "txt": noted("Plain text"),
    "zip": noted("Compressed files"),
}
_ANY_KIND = noted("File")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """An attachment: what it is called, what it is, and where it can be had: itself, or at the archive's post."""

    name: str
    description: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture of an entry; `alt` says in `language` what is to be seen."""

    url: str
    alt: str
    language: Language
    width: int
    height: int


def papers_of(entry: Entry, voice: Language, site: Site) -> tuple[Paper, ...]:
    """The first files of an entry."""
    return tuple(_paper(attachment, entry, voice, site) for attachment in entry.attachments[:MOST_PAPERS])


def wanted_images(face: Face, images: Images) -> list[tuple[str, str]]:
    """Address and alt text of those of a face's images that a letter is to show."""
    if images is Images.NONE:
        return []
    return images_in(face.html)[: 1 if images is Images.FIRST else MOST_IMAGES]


def images_of(
    face: Face, images: Images, copies: Mapping[str, Picture], voice: Language, site: Site
) -> Iterator[Image]:
    """The wanted ones of which there is a copy: an image that could not be had stops no letter."""
    for address, alt in wanted_images(face, images):
        if copy := copies.get(address):
            words = fold(alt)
            said = words or catalogue(voice).gettext("Picture: %(title)s", title=fold(face.title))
            yield Image(
                url=site.media_url(copy.hash),
                alt=said,
                language=face.language if words else voice,
                width=copy.width,
                height=copy.height,
            )


def _paper(attachment: Attachment, entry: Entry, voice: Language, site: Site) -> Paper:
    suffix = PurePath(attachment.name).suffix.lower().lstrip(".")
    kind = catalogue(voice).gettext(_KINDS.get(suffix, _ANY_KIND))
    size = "" if attachment.size is None else format_size(attachment.size, voice).replace(" ", "\u00a0")
    return Paper(
        name=shorten(fold(attachment.name), _LONGEST_NAME) or kind,
        description=", ".join(filter(None, (kind, size))),
        # A board's download wants a session that has opened the post (and its nonce): there it can be had.
        url=link((attachment.page or entry.url) if attachment.needs_session else attachment.url)
        or site.entry_url(voice, entry.public_id),
    )
