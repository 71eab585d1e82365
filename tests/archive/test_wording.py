"""Titles made whole, dates believed or not, names, sizes."""

from datetime import UTC, datetime

import pytest

from publisher.archive.wording import feed_date, file_name, media_type, size_in, whole_name, whole_title, written_at

NOW = datetime(2025, 12, 1, tzinfo=UTC)
WHOLE = '"The bridge that two villages built before anyone had asked them to build"'


@pytest.mark.parametrize(
    ("shown", "candidates", "first_line", "title"),
    [
        ('"The bridge that two villages built befo…', [WHOLE], "", WHOLE),
        ('"The bridge that two villages built befo…', ["", "다른 제목", WHOLE], "", WHOLE),
        ('"The bridge that two villages built befo…', [], f"{WHOLE} (The Naru Review, 2025.11.04)", WHOLE),
        ("The bridge that two villages built befo…", [], f"{WHOLE} (The Naru Review, 2025.11.04)", WHOLE.strip('"')),
        ('"The bridge that two&#03…', [WHOLE.replace("two ", 'two" ')], "", WHOLE.replace("two ", 'two" ')),
        ('"The bridge that two&…', [WHOLE], "", WHOLE),
        ("다시, 봄을 기다리며…", ["다시, 봄을 기다리며…"], "", "다시, 봄을 기다리며…"),
        ("다시, 봄을 기다리며…", [], "강가에서", "다시, 봄을 기다리며…"),
        ("다리", ["다리와 강"], "", "다리"),  # not shown as cut, so it is whole
        ("제목\r\nBcc: x@y.example", ["제목 Bcc: x@y.example"], "", "제목 Bcc: x@y.example"),
        ("", [], "첫 줄", "첫 줄"),
        ("", [], '"첫 줄" (나루신문, 2025.11.04)', '"첫 줄"'),
        ("", ["다른 곳의 제목"], "첫 줄", "다른 곳의 제목"),
        ("", [], "", ""),
        ("&nbsp;", [], "", "&nbsp;"),  # typed so
        ("가\u200b나\u202e다", [], "", "가나다"),
    ],
)
def test_the_title_is_the_whole_one(shown: str, candidates: list[str], first_line: str, title: str) -> None:
    assert whole_title(shown, candidates, first_line) == title


def test_a_title_out_of_a_long_first_line_ends_between_words() -> None:
    line = "강을 건너는 사람들 " * 40
    title = whole_title("", [], line)
    assert len(title) <= 151
    assert line.startswith(title.removesuffix("…") + " ")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("25-05-07 20:35", "2025-05-07T20:35:00+09:00"),
        ("2025-05-07 20:35:12", "2025-05-07T20:35:12+09:00"),
        ("작성일 25.05.07 20:35 조회 43회", "2025-05-07T20:35:00+09:00"),
        ("25-12-02 08:59", "2025-12-02T08:59:00+09:00"),  # a day ahead is a clock, not a lie
        ("25-12-03 09:01", None),
        ("-1-11-30 00:00", None),
        ("00-00-00 00:00", None),
        ("0000-00-00 00:00:00", None),
        ("25-02-30 10:00", None),
        ("05-07", None),
        ("20:35", None),
        ("", None),
    ],
)
def test_a_written_date_is_of_seoul_and_this_century_or_none(text: str, iso: str | None) -> None:
    written = written_at(text, NOW)
    assert (written.isoformat() if written else None) == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-05-07T20:35:12+09:00", "2025-05-07T20:35:12+09:00"),
        ("Wed, 07 May 2025 20:35:12 +0900", "2025-05-07T20:35:12+09:00"),
        ("2025-05-07T11:35:12Z", "2025-05-07T20:35:12+09:00"),
        ("2025-05-07T20:35:12", "2025-05-07T20:35:12+09:00"),
        ("0000-00-00T00:00:00+09:00", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("Wed, 30 Nov -0001 00:00:00 +0827", None),
        ("1970-01-01T09:00:00+09:00", None),
        ("2052-04-18T10:00:00+09:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_feed_date_is_read_in_both_forms_or_refused(text: str, iso: str | None) -> None:
    stated = feed_date(text, NOW)
    assert (stated.isoformat() if stated else None) == iso


def test_a_cut_name_is_made_whole() -> None:
    assert whole_name("Visiting Fellow…", ["다른 사람", "Visiting Fellow of the Institute"]) == (
        "Visiting Fellow of the Institute"
    )
    assert whole_name("나루", ["나루터"]) == "나루"
    assert whole_name("", ["", "나루"]) == "나루"
    assert whole_name("", []) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("(582byte)", 582),
        ("부록 (옛 것) 파일 (1.5K)", 1536),
        ("(2.0M)", 2097152),
        ("(1,204byte)", 1204),
        ("(3.1 MB)", 3250586),
        ("없음", None),
    ],
)
def test_a_size_is_as_near_as_the_page_says_it(text: str, size: int | None) -> None:
    assert size_in(text) == size


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("논문.PDF", "application/pdf"),
        ("원고.hwp", "application/x-hwp"),
        ("원고.hwpx", "application/hwp+zip"),
        ("photo.jpg", "image/jpeg"),
        ("이름뿐", None),
        ("끝점.", None),
    ],
)
def test_the_media_type_follows_the_ending(name: str, kind: str | None) -> None:
    assert media_type(name) == kind


def test_a_file_name_is_composed_and_keeps_its_blanks() -> None:
    assert file_name(" \u1100\u1161\u11bc  notes\u202e.docx\n") == "강  notes.docx"
