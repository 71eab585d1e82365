"""The invented house whose feeds the tests look at: an institute, two archives, a handful of entries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from publisher.feeds.plan import plan
from publisher.feeds.policy import FeedPolicy
from publisher.feeds.publish import Rendered, render, render_catalogue
from publisher.model import MIXED, Attachment, Citation, Entry, EntryStatus, Face, Feed, Origin, Site

SITE = Site(name={"ko": "가온연구소", "en": "Gaon Institute"}, url="https://gaon.example/news")
ARCHIVES = {"columns": {"ko": "칼럼", "en": "Columns"}, "papers": {"ko": "연구 자료", "en": "Papers"}}
RIGHTS = {"papers": "full"}
FEEDS = plan(SITE, ARCHIVES, {"rivers": FeedPolicy(categories=("강과 습지",), language="ko")})

_SEOUL = timezone(timedelta(hours=9))
_FIRST = datetime(2026, 3, 2, 9, 30, tzinfo=_SEOUL)


def feed(slug: str) -> Feed:
    return next(feed for feed in FEEDS if feed.slug == slug)


def face(language: str, title: str, summary: str = "", html: str = "", origin: Origin = Origin.ORIGINAL) -> Face:
    return Face(
        language=language,
        title=title,
        summary=summary,
        html=html,
        origin=origin,
        url=f"https://board.example/bbs/board.php?bo_table=columns&wr_id=1&lang={language}",
    )


def entry(number: int = 1, *faces: Face, **changes: Any) -> Entry:
    """A Korean column, one day younger for each number; any field can be said otherwise."""
    shown = faces or (face("ko", f"강은 기다린다 {number}", "강가에서 보낸 하루.", "<p>강가에서 하루를 보냈다.</p>"),)
    published = _FIRST + timedelta(days=number)
    plain = Entry(
        id=number,
        public_id=f"entry{number:07}",
        atom_id=f"tag:gaon.example,2026:entry{number:07}",
        archive="columns",
        source_key=str(number),
        url=f"https://board.example/bbs/board.php?bo_table=columns&wr_id={number}",
        author="한가온",
        published_at=published,
        arrived_at=published + timedelta(minutes=20),
        updated_at=published + timedelta(minutes=20, microseconds=250_000),
        due_at=published + timedelta(minutes=50),
        held=None,
        status=EntryStatus.LIVE,
        language=shown[0].language,
        original_language=shown[0].language,
        categories=(),
        attachments=(),
        links=(),
        citation=Citation(),
        is_notice=False,
        faces={each.language: each for each in shown},
        printed_author={"ko": "한가온", "en": "Han Gaon"},
    )
    return replace(plain, **changes)


def house() -> list[Entry]:
    """What stands in the archives: Korean, English, both, mixed, cited, nameless, without a date."""
    river = face("ko", "강은 기다린다", "하구에서 보낸 하루와 그 뒤의 생각.", "<p>하구에서 하루를 보냈다.</p>")
    river_en = face(
        "en", "The river waits", "A day at the estuary, and what came after.", "<p>A day.</p>", Origin.HUMAN
    )
    tides = face("en", 'Tides & "tables"', "How <the> tables were made.", "<p>Tables &amp; tides.</p><p>Two.</p>")
    both_ko = face("ko", "봄 강연 안내", "강연은 사월에 열린다.", "<p>강연은 사월에 열린다.</p>")
    both_en = face("en", "Spring lectures", "The lectures are in April.", "<p>The lectures are in April.</p>")
    files = (
        Attachment(name="물때표.pdf", url="https://board.example/data/물때 표.pdf", size=482_113),
        Attachment(name="tables.csv", url="https://board.example/data/t.csv", size=0, type="text/csv"),
        Attachment(name="원고.hwp", url="https://board.example/bbs/download.php?no=3", size=91_000, needs_session=True),
        Attachment(name="unmeasured.zip", url="https://board.example/data/u.zip"),
    )
    cited = Citation(outlet="한빛일보", date=date(2026, 2, 27), url="https://hanbit.example/view?id=7&sec=2")
    return [
        entry(1, river, river_en, categories=("강과 습지",), citation=cited),
        entry(2, tides, archive="papers", attachments=files, categories=("강과 습지", "Data")),
        entry(3, both_ko, both_en, language=MIXED, original_language=None, is_notice=True, printed_author={}),
        entry(4, published_at=None, citation=Citation(outlet="Field Notes")),
    ]


def documents(entries: Sequence[Entry] | None = None, rights: Mapping[str, str] = RIGHTS) -> list[Rendered]:
    """Every feed of the house in every format, and the list of them."""
    shown = house() if entries is None else entries
    rendered = [render(each, extension, shown, SITE, rights) for each in FEEDS for extension in ("rss", "atom", "json")]
    return [*rendered, render_catalogue(FEEDS, SITE)]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
