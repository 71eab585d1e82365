"""Where a piece first appeared, as people type it; and the addresses in what they type."""

from datetime import date

import pytest

from publisher.archive.citation import read_citation, without_citation
from publisher.archive.language import language_of
from publisher.archive.weblinks import find_addresses, split_tail, without_addresses
from publisher.model import Citation

POSTED = date(2025, 4, 21)


def cite(*lines: str, title: str = "제목", links: tuple[str, ...] = ()) -> Citation:
    return read_citation(lines, title, links, posted=POSTED, own_hosts={"board.example"})[0]


@pytest.mark.parametrize(
    ("line", "outlet", "day"),
    [
        ('"다리를 놓다" (나루신문, 2025.04.18)', "나루신문", "2025-04-18"),
        ("“다리를 놓다” (나루신문, 2025. 4. 18.)", "나루신문", "2025-04-18"),
        ("「다리를 놓다」（나루신문, 2025년 4월 18일）", "나루신문", "2025-04-18"),
        ("🌏 “다리를 놓다” 🕊️ (나루신문, 2025.04.18)", "나루신문", "2025-04-18"),
        ("① “Bridges first” (The Naru Review, April 2, 2025)", "The Naru Review", "2025-04-02"),
        ('"Bridges first" (The Naru Review, 2 April 2025)', "The Naru Review", "2025-04-02"),
        ('"Bridges first" (The Naru Review, Apr. 2, 2025)', "The Naru Review", "2025-04-02"),
        ('"다리를 놓다" (나루신문, 25.4.18)', "나루신문", "2025-04-18"),
        ('"다리를 놓다" (나루신문 2025-04-18, 7면)', "나루신문", "2025-04-18"),
        ("다리를 놓다 [나루신문 2025-04-18]", "나루신문", "2025-04-18"),
        ("[나루신문] 다리를 놓다 2025-4-18", "나루신문", "2025-04-18"),
        ("<나루신문> 2025년 4월 17일자 7면", "나루신문", "2025-04-17"),
        ("「다리를 놓다」, 『나루신문』, 2025.4.9.", "나루신문", "2025-04-09"),
        ('"다리를 놓다" (나루신문, 2052.04.18)', "나루신문", None),  # a slip of the year is not believed
        ('"다리를 놓다" (나루신문, 2025.13.45)', "나루신문", None),
        ("[칼럼] 다리를 놓다 2025-4-18", None, None),
        ("다리를 놓던 날의 이야기다.", None, None),
        ("회의는 (4월 18일) 열렸다.", None, None),
    ],
)
def test_a_citation_is_read_in_the_shapes_that_people_type(line: str, outlet: str | None, day: str | None) -> None:
    citation = cite(line, "본문이 이어진다.")
    assert (citation.outlet, citation.date and citation.date.isoformat()) == (outlet, day)


def test_the_original_is_the_first_outside_address_after_the_citation() -> None:
    citation = cite(
        "https://early.example/1",
        '"다리를 놓다" (나루신문, 2025.04.18)',
        "https://www.board.example/bbs/board.php?bo_table=a",
        "원문: https://paper.example/2에서 볼 수 있다. https://other.example/3",
    )
    assert citation.url == "https://paper.example/2"


def test_the_link_field_is_the_original_when_the_text_names_none() -> None:
    assert cite("글이다.", links=("https://paper.example/9",)).url == "https://paper.example/9"


def test_an_address_in_the_middle_of_a_text_without_citation_is_no_original() -> None:
    assert cite("글이다.", "참고: https://paper.example/9").url is None


def test_a_post_that_is_only_an_address_points_to_its_original() -> None:
    citation = cite("https://paper.example/9", title='"다리" (나루신문, 2025.04.16)')
    assert citation == Citation(outlet="나루신문", date=date(2025, 4, 16), url="https://paper.example/9")


def test_a_line_is_freed_of_its_citation() -> None:
    assert without_citation('"다리를 놓다" (나루신문, 2025.04.18)') == '"다리를 놓다"'
    assert without_citation("다리를 놓다 (둘째 이야기)") == "다리를 놓다 (둘째 이야기)"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://a.example/1에서", "https://a.example/1"),
        ("https://a.example/q를", "https://a.example/q"),
        ("https://b.example/x?y=1)", "https://b.example/x?y=1"),
        ("https://b.example/x_(y)", "https://b.example/x_(y)"),
        ('https://c.example/z"', "https://c.example/z"),
        ("https://e.example/끝.", "https://e.example/끝"),
        ("https://e.example/칼럼/평화.html", "https://e.example/칼럼/평화.html"),
        ("https://e.example/1(바로가기),", "https://e.example/1"),
        ("https://e.example/a,b;c", "https://e.example/a,b;c"),
        ("https://e.example/?page=2&ref=main", "https://e.example/?page=2&ref=main"),
        ('https://evil.example/"onmouseover="alert(1)', "https://evil.example/"),
    ],
)
def test_what_is_glued_to_an_address_is_told_apart(typed: str, address: str) -> None:
    assert split_tail(typed) == (address, typed[len(address) :])


def test_addresses_are_found_with_and_without_a_scheme_and_with_korean_hosts() -> None:
    text = "www.d.example/q를 보라. http://한글도메인.example/경로?q=평화#top (https://b.example/1) a@www.x.example"
    assert [found.address for found in find_addresses(text)] == [
        "http://www.d.example/q",
        "http://한글도메인.example/경로?q=평화#top",
        "https://b.example/1",
    ]
    assert without_addresses("앞 https://b.example/1 뒤") == "앞  뒤"


KOREAN = "강을 사이에 둔 두 마을은 오래도록 서로를 몰랐다. 다리가 놓이자 아이들이 먼저 건넜다. " * 4
ENGLISH = "Two villages lived on two banks. When the bridge came, the children crossed first. " * 4


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (KOREAN, "ko"),
        (ENGLISH, "en"),
        (f"{KOREAN}\n{ENGLISH}", "mixed"),
        (f"{KOREAN} DMZ R&D SNS (The Naru Review)", "ko"),
        (f"{ENGLISH} 나루신문", "en"),
        ("International Workshop", "en"),
        ("漢字 2025", "ko"),
        ("", "ko"),
        ("<script>alert</script> 시험", "ko"),  # markup typed as text is in no language
    ],
)
def test_the_language_follows_the_share_of_the_scripts(text: str, language: str) -> None:
    assert language_of(text) == language
