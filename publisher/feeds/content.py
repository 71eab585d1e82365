"""
The words of an entry in a feed: its whole body or its summary, and where it came from.

Under every entry stands its origin (outlet, date, address of the original, the
archive's own page), so that whoever quotes it from a reader quotes it rightly.
"""

from collections.abc import Iterator
from html import escape

from publisher.feeds.plain import markup, one_line, web_url
from publisher.i18n import catalogue, format_date, format_size
from publisher.model import Citation, Entry, Face, Language, Site, text_in

_LONGEST_SUMMARY = 2000
_LONGEST_NAME = 200
_MOST_FILES = 30
_LARGEST_WHOLE = 128 * 1024
"""Bytes, escaped: a body beyond it goes out as its summary, or one paper would push out all others."""


def summary_of(face: Face) -> str:
    return one_line(face.summary, _LONGEST_SUMMARY)


def may_stand_whole(face: Face, rights: str) -> bool:
    """Whether the archive lets us give the body away, and it leaves room for other entries."""
    if rights != "full" or not face.html.strip() or len(face.html) >= _LARGEST_WHOLE:
        return False
    return len(escape(face.html).encode(errors="replace")) < _LARGEST_WHOLE


def whole(entry: Entry, face: Face, site: Site) -> str:
    """The body with its origin below."""
    return "\n".join((markup(face.html), *_footer(entry, face, site)))


def excerpt(entry: Entry, face: Face, site: Site, page: str) -> str:
    """The summary, the way to the rest of it, and the origin below."""
    summary = summary_of(face)
    on = catalogue(face.language).gettext("Read on at %(site)s", site=text_in(site.name, face.language))
    return "\n".join(
        (
            *([f"<p>{escape(summary)}</p>"] if summary else []),
            f"<p>{_link(page, on)}</p>",
            *_footer(entry, face, site),
        )
    )


def _footer(entry: Entry, face: Face, site: Site) -> Iterator[str]:
    lines = [*_origin(entry.citation_of(face), face, site)]
    if lines:
        yield f"<p>{'<br>'.join(lines)}</p>"
    files = [*_files(entry, face.language)]
    if files:
        yield f"<p>{escape(catalogue(face.language).gettext('Attachments'))}</p>"
        yield f"<ul>{''.join(files)}</ul>"


def _origin(citation: Citation, face: Face, site: Site) -> Iterator[str]:
    say = catalogue(face.language).gettext
    if told := _first_published(citation, face.language, site):
        yield escape(told)
    if address := web_url(citation.url):
        yield say("Original: %(address)s", address=_link(address, address))
    if address := web_url(face.url):
        yield say("In the archive: %(address)s", address=_link(address, address))


def _first_published(citation: Citation, language: Language, site: Site) -> str:
    say = catalogue(language).gettext
    outlet = one_line(citation.outlet or "", _LONGEST_NAME)
    day = format_date(citation.date, language, site.timezone) if citation.date else ""
    if outlet and day:
        return say("First published: %(outlet)s, %(date)s", outlet=outlet, date=day)
    if outlet:
        return say("First published: %(outlet)s", outlet=outlet)
    return say("First published: %(date)s", date=day) if day else ""


def _files(entry: Entry, language: Language) -> Iterator[str]:
    for attachment in entry.attachments[:_MOST_FILES]:
        name = one_line(attachment.name, _LONGEST_NAME)
        size = "" if attachment.size is None else f" ({format_size(attachment.size, language)})"
        # A file that needs the archive's session answers strangers with an error page.
        address = None if attachment.needs_session else web_url(attachment.url)
        yield f"<li>{_link(address, name) if address else escape(name)}{escape(size)}</li>"


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'
