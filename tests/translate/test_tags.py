"""Elements of a fragment: what goes out, what may come back, and where addresses are meanwhile."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup import clean, text_of
from publisher.translate import tags
from publisher.translate.tags import Different, bare, difference, pieces, taken_back

FRAGMENT = (
    '<p lang="ko">봄이 <a href="https://hanbit-peace.example/?a=1&amp;b=2" rel="nofollow ugc">왔다</a>. &lt;끝&gt;</p>'
    '<ul><li><b>하나</b></li><li>둘<br>셋</li></ul><img src="https://hanbit-peace.example/a.png" alt="꽃">'
)

# Whatever anybody may write, as it stands in an entry: cleaned.
WORDS = st.text(alphabet="봄산새 <>&\"'=/az1\n", max_size=12)
NAMES = st.sampled_from(["p", "b", "em", "ul", "li", "blockquote", "h2", "a", "span", "table", "tr", "td"])


@st.composite
def fragments(draw: st.DrawFn, depth: int = 3) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        if depth and draw(st.booleans()):
            name = draw(NAMES)
            address = f' href="https://x.example/{draw(st.integers(0, 99))}?a&b"' if name == "a" else ""
            parts.append(f"<{name}{address}>{draw(fragments(depth - 1))}</{name}>")
        else:
            parts.append(draw(WORDS))
    return "".join(parts)


def test_no_attribute_goes_out_and_every_one_comes_back() -> None:
    sent = bare(FRAGMENT)
    assert "http" not in sent.html
    assert '<p id="1">' in sent.html
    assert "<ul><li><b>" in sent.html
    assert taken_back(sent.html, sent) == FRAGMENT


@given(fragments())
def test_what_comes_back_unchanged_is_what_went_out(html: str) -> None:
    html = clean(html)
    sent = bare(html)
    assert "x.example" not in sent.html or "x.example" in text_of(html)
    assert clean(taken_back(sent.html, sent)) == html
    assert difference(html, taken_back(sent.html, sent)) == ""


@given(fragments())
def test_a_fragment_in_pieces_is_the_same_fragment(html: str) -> None:
    html = clean(html)
    parts = pieces(html, 10)
    assert "".join(parts).strip() == html.strip()
    assert all(clean(part) == part.strip() for part in parts)


def test_pieces_are_cut_between_outer_elements_only() -> None:
    assert pieces("<ul><li>one</li><li>two</li></ul><p>three</p><p>four</p>", 4) == [
        "<ul><li>one</li><li>two</li></ul>",
        "<p>three</p>",
        "<p>four</p>",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("<b>", ""), ""),  # the end is left: told by the comparison, below
        (('<a id="2">', "<a>"), "leaves out https://hanbit-peace.example/?a=1&b=2"),
        (('<a id="2">', '<a href="https://evil.example/">'), "makes up https://evil.example/"),
        (('<a id="2">', '<a id="9">'), 'makes up id="9"'),
        (('<p id="1">', '<p id="1" onclick="steal()">'), ""),  # what else stands there is not taken over
        (('<p id="1">', '<p id="2">'), "makes up id="),  # a number twice
        (("하나", "<!-- aside -->"), "a comment or a declaration"),
        (("하나", "<!DOCTYPE html>"), "a comment or a declaration"),
        (("하나", "<?php echo 1 ?>"), "a comment or a declaration"),
    ],
)
def test_numbers_that_are_lost_or_made_up_are_told(change: tuple[str, str], reason: str) -> None:
    sent = bare(FRAGMENT)
    answer = sent.html.replace(*change)
    assert answer != sent.html
    if reason:
        with pytest.raises(Different, match=re.escape(reason)):
            taken_back(answer, sent)
    else:
        assert "onclick" not in taken_back(answer, sent)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("<p>Spring <b>has</b> come</p>", ""),
        ("<p><b>Come</b> has spring</p>", ""),  # words may change places in a line
        ("<p>Spring has come</p>", "it leaves out <b>"),
        ("<p>Spring <b>has</b> <b>come</b></p>", "it makes up <b>"),
        ("<p>Spring</p><p><b>has</b> come</p>", "it makes up <p>"),
        ("<p>Spring <b>has</b> come</p><script>alert(1)</script>", "it makes up <script>"),
        ("<p>Spring <b>has</b> come<img src=x onerror=alert(1)></p>", "it makes up x"),
        ("Spring <b>has</b> come", "it leaves out <p>"),
    ],
)
def test_elements_are_those_of_the_source(answer: str, reason: str) -> None:
    assert difference("<p>봄이 <b>왔다</b></p>", answer) == reason


def test_blocks_keep_their_order() -> None:
    assert difference("<h2>가</h2><p>나</p>", "<p>a</p><h2>b</h2>") == "its elements stand in another order"


def test_a_link_may_not_lead_elsewhere() -> None:
    source, answer = '<a href="https://one.example/">가</a>', '<a href="https://two.example/">a</a>'
    assert difference(source, answer) == "it leaves out https://one.example/"


def test_a_name_that_was_kept_out_stands_free_again() -> None:
    sent = bare("<p>최룡해는</p>")
    answer = f"<p>Then {tags.keep_out('Choe Ryong-hae')} <span>said</span></p>"
    assert taken_back(answer, sent) == "<p>Then Choe Ryong-hae <span>said</span></p>"


@given(st.text(alphabet='<>/!?&;"= abpi1', max_size=60))
def test_no_answer_whatever_breaks_the_reading(answer: str) -> None:
    sent = bare(FRAGMENT)
    try:
        restored = taken_back(answer, sent)
    except Different:
        return
    difference(FRAGMENT, clean(restored))
