"""A post that holds both versions of a text gives each face its own; nothing said is lost."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.view import read_view
from publisher.archive.piece import Parts, make_item
from publisher.archive.tree import tree_of
from publisher.archive.versions import split_versions, version_named
from publisher.markup import clean, text_of
from publisher.model import Citation, SourceItem

NOW = datetime(2025, 12, 1, tzinfo=UTC)
TITLE = "다리 위의 시장 (A Market on the Bridge)"
KO = (
    "다리 한가운데에 장이 선다. 양쪽 마을 사람들은 서로의 말씨를 흉내 내며 값을 깎고, 해가 지기 전에 돌아간다.",
    "협정은 두 해 만에 멈추었으나 장은 멈추지 않았다. 약속을 지킨 것은 문서가 아니라 단골이었다.",
)
EN = (
    "A market is held in the middle of the bridge. People from either village haggle in each other's accent.",
    "The agreement lapsed within two years; the market did not. It was custom, not paper, that kept the promise.",
    "Whoever wishes to mend a border might begin by asking who used to buy onions on the other side of it.",
)
KO_CITED = '"다리 위의 시장" (나루신문, 2025.11.20)'
EN_CITED = '"A Market on the Bridge" (The Naru Review, 2025.11.21)'


def paragraphs(*texts: str) -> str:
    return "<p>&nbsp;</p>".join(text if text.startswith("<") else f"<p>{text}</p>" for text in texts)


def posted(html: str, title: str = TITLE) -> SourceItem:
    parts = Parts(source_key="7", url="https://board.example/7", shown_title=title, html=html)
    item = make_item(parts, NOW)
    assert item is not None
    return item


def lines(html: str) -> list[str]:
    return [line for line in text_of(html).splitlines() if line]


def test_each_face_cites_its_own_outlet() -> None:
    item = posted(paragraphs(KO_CITED, "https://naru.example/1", *KO, EN_CITED, "https://naru.example/en/1", *EN))
    assert item.citation == Citation(outlet="나루신문", date=date(2025, 11, 20), url="https://naru.example/1")
    assert item.faces["ko"].citation is None
    assert item.faces["en"].citation == Citation(
        outlet="The Naru Review", date=date(2025, 11, 21), url="https://naru.example/en/1"
    )


def test_a_version_that_cites_nothing_has_the_citation_of_the_piece() -> None:
    item = posted(paragraphs(KO_CITED, "https://naru.example/1", *KO, "[English version]", *EN))
    assert [face.citation for face in item.faces.values()] == [None, None]


@pytest.mark.parametrize("seam", [(), ("[English version]",), ("[영문]",), ("<hr>",), ("* * *",), (EN_CITED,)])
def test_each_face_has_its_own_part(seam: tuple[str, ...]) -> None:
    item = posted(paragraphs(KO_CITED, "https://naru.example/1", *KO, *seam, *EN))
    assert item.language == "mixed"
    korean, english = item.faces["ko"], item.faces["en"]
    assert [line for line in lines(korean.html) if line.strip("\u00a0")] == [KO_CITED, "https://naru.example/1", *KO]
    assert lines(english.html)[-1] == EN[-1]
    assert not set(KO) & set(lines(english.html))
    assert korean.summary.startswith(KO[0])
    assert english.summary.startswith(EN[0])
    assert korean.title == english.title == TITLE
    assert (item.citation.outlet, item.citation.url) == ("나루신문", "https://naru.example/1")


def test_the_english_version_may_come_first() -> None:
    item = posted(paragraphs(EN_CITED, *EN, "[국문]", KO_CITED, *KO))
    assert list(item.faces) == ["ko", "en"]
    assert lines(item.faces["ko"].html)[0] == "[국문]"
    assert item.faces["ko"].summary.startswith(KO[0])
    assert lines(item.faces["en"].html)[-1] == EN[-1]


@pytest.mark.parametrize(
    "html",
    [
        f"<div>\n <div>{paragraphs(*KO, *EN)}</div>\n</div>",
        "<br><br>".join((*KO, "<b>[English</b> <i>version]</i>", *EN)),
        f"<p>{'<br>'.join((*KO, *EN))}</p>",
        f"<div>{paragraphs(*KO)}</div><div>{paragraphs(*EN)}</div>",
    ],
    ids=["wrapped", "plain text", "one paragraph", "two boxes"],
)
def test_whatever_the_paragraphs_are_made_of(html: str) -> None:
    item = posted(html)
    assert [line for line in lines(item.faces["ko"].html) if line.strip("\u00a0")] == list(KO)
    english = [line for line in lines(item.faces["en"].html) if line.strip("\u00a0")]
    assert [line for line in english if line != "[English version]"] == list(EN)


def test_where_the_languages_take_turns_both_faces_keep_all_of_it() -> None:
    item = posted(paragraphs(KO_CITED, KO[0], EN[0], KO[1], EN_CITED, EN[1], EN[2]))
    assert item.language == "mixed"
    assert item.faces["ko"].html == item.faces["en"].html
    assert {*KO, *EN} <= set(lines(item.faces["en"].html))
    assert item.faces["ko"].summary == " ".join(KO)
    assert item.faces["en"].summary.startswith(EN[0])


def test_a_paragraph_that_holds_both_at_length_is_not_cut() -> None:
    assert split_versions(paragraphs(*KO, f"{' '.join(KO)} {' '.join(EN)}", *EN)) == {}


def test_what_is_in_both_languages_stands_in_both_parts() -> None:
    for face in posted(paragraphs("다리 위의 시장 · Market on a Bridge", *KO, *EN)).faces.values():
        assert lines(face.html)[0] == "다리 위의 시장 · Market on a Bridge"


def test_pictures_stand_in_both_parts_and_captions_with_their_language() -> None:
    picture = "<figure><img src='https://board.example/a.png'><figcaption>다리의 저녁 풍경</figcaption></figure>"
    faces = posted(paragraphs(KO[0], picture, KO[1], *EN)).faces
    assert all(tree_of(face.html).css("img[src='https://board.example/a.png']") for face in faces.values())
    assert "다리의 저녁 풍경" in faces["ko"].html
    assert "다리의 저녁 풍경" not in faces["en"].html


def test_an_address_on_the_seam_stands_in_both_parts() -> None:
    parts = split_versions(paragraphs(*KO, "https://naru.example/2", *EN))
    assert all("https://naru.example/2" in part for part in parts.values())


def test_a_text_in_one_language_is_left_as_it_is() -> None:
    html = clean(paragraphs(KO_CITED, *KO, "“Peace is a habit.”", *KO))
    assert [face.html for face in posted(html, "다리 위의 시장").faces.values()] == [html]


def test_a_face_without_a_word_of_its_own_takes_what_there_is() -> None:
    item = posted(paragraphs(*EN), "다리 위에 서는 시장과 두 마을이 지켜 온 오래된 약속에 관하여 " * 3)
    assert item.language == "mixed"
    assert item.faces["ko"].summary == item.faces["en"].summary != ""


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("[English version]", "en"),
        ("<영문>", "en"),
        ("— 국문 번역문 —", "ko"),
        ("English", "en"),
        ("영어 교육의 미래", None),
        ("English breakfast", None),
        ("", None),
    ],
)
def test_a_heading_names_the_version_that_follows(line: str, language: str | None) -> None:
    assert version_named(line) == language


SAID = (*KO, *EN, KO_CITED, EN_CITED, "[English version]", "[영문]", "* * *", "2025", TITLE)
BLOCKS = st.sampled_from(
    [f"<p>{text}</p>" for text in SAID]
    + ["<p>&nbsp;</p>", "<hr>", "맨 글 <b>굵은 글</b><br>", "Loose <i>words</i> here<br>"]
    + [f"<div>{KO[0]}<p>{EN[0]}</p></div>", "<ul><li>하나</li><li>둘</li></ul>", "<p>1 &lt; 2</p>"]
    + ["<p><img src='https://board.example/a.png'>A bridge</p>"]
)


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=9))
def test_nothing_said_is_lost(blocks: list[str]) -> None:
    html = clean("".join(blocks))
    parts = split_versions(html)
    shown = {line for part in parts.values() for line in lines(part)}
    if parts:
        assert set(parts) == {"ko", "en"}
        assert {line for line in lines(html) if any(sign.isalnum() for sign in line)} <= shown
        assert shown <= set(lines(html))
    for part in parts.values():
        assert len(tree_of(part).css("img")) == len(tree_of(html).css("img"))
        assert text_of(clean(part)) == text_of(part)


@pytest.mark.recorded
def test_the_recorded_post_gives_each_face_its_own_part(recordings: Path) -> None:
    board = Board(root="https://peace.example.org", table="data_son")
    page = (recordings / "pages" / "t1" / "view_mixed_title.html").read_text(encoding="utf-8")
    view = read_view(tree_of(page), board)
    item = posted(view.html, view.titles[0])
    korean, english = item.faces["ko"], item.faces["en"]
    heading = "[English version]"
    assert (item.language, item.citation.outlet) == ("mixed", "한빛일보")
    assert heading not in korean.html
    assert lines(english.html)[0] == heading
    whole = [line for line in lines(clean(view.html)) if line.strip("\u00a0")]
    seam = whole.index(heading)
    assert [line for line in lines(korean.html) if line.strip("\u00a0")] == whole[:seam]
    assert [line for line in lines(english.html) if line.strip("\u00a0")] == whole[seam:]
    assert whole[2].startswith(korean.summary[:40])
    assert whole[seam + 3].startswith(english.summary[:40])
