import locale
from datetime import UTC, datetime

import feedgen.entry
import pytest
from lxml import etree

from publisher.feeds import atom, rss
from publisher.feeds.mended import fragment, joined
from tests.feeds.example import RIGHTS, SITE, feed, house


def test_our_cure_for_entry_links_is_still_needed() -> None:
    """
    lkiesow/python-feedgen#135. When this fails, feedgen writes the attributes
    itself: `_amend` in publisher/feeds/atom.py need not write the links anew.
    """
    entry = feedgen.entry.FeedEntry()
    entry.id("tag:gaon.example,2026:x")
    entry.title("x")
    entry.link(href="https://gaon.example/x.pdf", rel="enclosure", type="application/pdf", length="7")
    entry.content("x")
    assert dict(entry.atom_entry().find("link").attrib) == {"href": "https://gaon.example/x.pdf"}


def test_the_locale_of_the_process_is_never_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> str:
        raise AssertionError("the locale was asked for or changed")

    monkeypatch.setattr(locale, "setlocale", refuse)
    for write in (rss.write, atom.write):
        assert write(feed("all"), house(), SITE, RIGHTS)


def test_a_fragment_leaves_the_namespaces_to_the_document() -> None:
    namespaces = {"dc": "http://purl.org/dc/elements/1.1/"}
    item = etree.Element("item")
    etree.SubElement(item, "{http://purl.org/dc/elements/1.1/}creator").text = "a > b </holder>"
    assert fragment(item, namespaces) == ("  <item>\n    <dc:creator>a &gt; b &lt;/holder&gt;</dc:creator>\n  </item>")


def test_fragments_are_joined_before_the_last_tag() -> None:
    assert joined(b"<a>\n  </a>\n", b"</a>", [b"<b/>", b"<c/>"]) == b"<a>\n<b/>\n<c/>\n</a>\n"


def test_dates_are_written_in_english_and_utc() -> None:
    written = feedgen.entry.formatRFC2822(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    assert written == "Mon, 02 Mar 2026 00:30:00 +0000"
