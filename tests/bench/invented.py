"""What is measured on: entries, a letter of the usual size, and a board's pages of the size that real ones have."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from publisher.digest.render import compose_letters
from publisher.model import Classification, Edition, EditionStatus, Entry, Face, Letter, SourceItem
from tests.feeds.example import entry
from tests.samples import SITE, WEEKLY, at, item

_BOARD = Path(__file__).parent.parent / "fixtures" / "board"
_PAGE_SIZE = 36_000  # bytes of a board's page with its menus, scripts and latest posts

_KOREAN = (
    "강을 사이에 둔 두 마을은 오래도록 서로를 몰랐다. 다리가 놓이자 아이들이 먼저 건넜고, "
    "그 뒤를 장사꾼과 우체부가 따랐다. 협약이 지켜진 해와 깨어진 해를 나란히 놓고 "
    "무엇이 이웃을 다시 강가로 불러 모았는지를 살핀다. "
)
_ENGLISH = (
    "Two villages lived on two banks and did not know each other. When the bridge came the children crossed first, "
    "and the pedlar and the postman after them. We set the years in which the agreement held beside those in which "
    "it broke, and ask what brought the neighbours back to the water. "
)


def piece(number: int) -> SourceItem:
    """A piece as an archive hands it over, in Korean and English, a page long."""
    faces = {
        "ko": _face("ko", f"다리를 놓는 사람들 {number}", _KOREAN, number),
        "en": _face("en", f"The people who build bridges {number}", _ENGLISH, number),
    }
    return item(number, faces=faces, language="mixed")


def _face(language: str, title: str, text: str, number: int) -> Face:
    return Face(
        language=language,
        title=title,
        summary=text,
        html=f"<p>{text}</p>" * 3,
        url=f"https://board.example/bbs/board.php?bo_table=director&wr_id={number}",
    )


def letters() -> Mapping[str, Letter]:
    """Its letters in Korean and in English: some 25 kB each on the wire."""
    return compose_letters(edition(), WEEKLY, SITE, ("ko", "en"))


def edition() -> Edition:
    """An edition of five entries."""
    entries = tuple(entry_of(number) for number in range(1, 6))
    return Edition(
        id=1,
        list=WEEKLY.name,
        number=12,
        status=EditionStatus.APPROVED,
        window_end=at(),
        composed_at=at(),
        touched=False,
        notes={},
        classification=Classification.INFORMATION,
        classified_by="bench",
        approved_by=None,
        approved_at=None,
        released_at=None,
        sent_at=None,
        content_hash=None,
        entries=entries,
    )


def entry_of(number: int) -> Entry:
    """The same piece as it stands in the store."""
    return entry(number, *piece(number).faces.values(), published_at=at() - timedelta(hours=number))


# ── A board ──────────────────────────────────────────────────────────────────


def board_page(name: str) -> bytes:
    """One of the invented board's pages, brought to a real one's size with what stands around the content there."""
    page = (_BOARD / name).read_text(encoding="utf-8")
    link = '<li class="gnb_1dli"><a href="https://board.example/bbs/board.php?bo_table=b{0}">게시판 {0}</a></li>\n'
    menu = ""
    while len((page + menu).encode()) < _PAGE_SIZE:
        menu += link.format(menu.count("\n"))
    return page.replace("<body>", f"<body>\n<ul>\n{menu}</ul>", 1).encode()


def saved_page(number: int) -> str:
    """A board's page as a browser saves it as text: what the archive kind `folder` reads."""
    return f"""한빛평화연구소

소장 자료실

다리를 놓는 사람들 {number}

페이지 정보

작성자 자료실 담당 댓글 0건 조회 12회 작성일 25-11-05 18:40

본문

{_KOREAN * 6}

{number}번째 기록.

댓글목록

등록된 댓글이 없습니다.
"""
