import locale
from datetime import UTC, datetime

import feedgen.entry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from publisher.feeds import atom, rss
from publisher.feeds.format import NOTHING_YET
from publisher.feeds.head import CURRENT, Head, Place, with_looks
from publisher.feeds.mended import fragments, joined
from publisher.feeds.piece import piece
from publisher.feeds.publish import render
from publisher.model import Entry
from tests.feeds.example import RIGHTS, SITE, entry, face, feed, house


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
    for extension in ("rss", "atom"):
        assert render(feed("all"), extension, house(), SITE, RIGHTS)


def test_a_fragment_leaves_the_namespaces_to_the_document() -> None:
    namespaces = {"dc": "http://purl.org/dc/elements/1.1/"}
    item = etree.Element("item")
    etree.SubElement(item, "{http://purl.org/dc/elements/1.1/}creator").text = "a > b </holder>"
    (written,) = fragments([item], depth=1, namespaces=namespaces)
    assert written == b"  <item>\n    <dc:creator>a &gt; b &lt;/holder&gt;</dc:creator>\n  </item>"


def test_fragments_are_joined_before_the_last_tag() -> None:
    assert joined(b"<a>\n  </a>\n", b"</a>", [b"<b/>", b"<c/>"]) == b"<a>\n<b/>\n<c/>\n  </a>\n"


_WORDS = st.text(max_size=60) | st.sampled_from(
    ["</holder>", "]]>", "강은 <b>기다린다</b> & co", "\r\n \t", "\x00\ud800"]
)
_ENTRIES = st.lists(
    st.builds(
        lambda number, title, summary, html, author: entry(
            number,
            face("ko", title, summary, html),
            archive="papers" if number % 2 else "columns",
            printed_author={"ko": author},
            published_at=None if number % 3 == 0 else house()[0].published_at,
        ),
        st.integers(1, 9_999),
        _WORDS,
        _WORDS,
        _WORDS,
        _WORDS,
    ),
    max_size=5,
    unique_by=lambda each: each.id,
)


@given(_ENTRIES, st.sampled_from(["all", "all-ko"]), st.sampled_from([CURRENT, Place(number=2, older=1, newer=3)]))
@settings(deadline=None, max_examples=50)
def test_joined_bytes_are_those_that_feedgen_writes_in_one_go(entries: list[Entry], slug: str, place: Place) -> None:
    shown = [piece(each, feed(slug).language, SITE, RIGHTS.get(each.archive, "summary")) for each in entries]
    head = Head(feed=feed(slug), site=SITE, updated=NOTHING_YET, place=place, hub="https://hub.example/")
    for form in (rss, atom):
        whole = form.generated_head(head)
        for each in shown:
            whole.add_entry(form.generated_entry(each), order="append")
        in_one_go = whole.rss_str(pretty=True) if form is rss else whole.atom_str(pretty=True)
        assert form.document(head, form.entries(shown)) == with_looks(in_one_go, SITE)


def test_dates_are_written_in_english_and_utc() -> None:
    written = feedgen.entry.formatRFC2822(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    assert written == "Mon, 02 Mar 2026 00:30:00 +0000"
