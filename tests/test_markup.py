"""Strangers' words made harmless: HTML, titles, excerpts."""

import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from publisher.markup import absolute, clean, first_image, fold, safe_text, summarize, text_of

PAGE = "https://board.example/bbs/board.php?bo_table=column&wr_id=7"


# ── clean: attacks ───────────────────────────────────────────────────────────

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src='https://a.example/x.png' onerror='alert(1)' onload=alert(1)>",
    "<img/src='https://a.example/x.png'/onerror=alert(1)>",
    "<img src=`javascript:alert(1)`>",
    "<img src=javascript:alert(1)>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img src='https://a.example/x' style='background:url(javascript:alert(1))'>",
    "<img srcset='javascript:alert(1)' src='https://a.example/x'>",
    "<image src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><foreignObject><iframe onload=alert(1)></iframe></foreignObject></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<table><td><style><!--</style></td><img src=x onerror=alert(1)>--></table>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<title><p title='</title><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='java\tscr\nipt:alert(1)'>x</a>",
    "<a href='java&#x09;script&#58;alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='java\u200bscript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='view-source:javascript:alert(1)'>x</a>",
    "<a href='https://a.example/' onclick=alert(1) target=_blank style='position:fixed' class=x id=y>x</a>",
    "<a href='https://a.example/\"onmouseover=alert(1)'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'><embed src='javascript:alert(1)'></object>",
    "<base href='javascript:alert(1)//'><a href='x'>x</a>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='javascript:alert(1)'>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
    "<form><input autofocus onfocus=alert(1)></form>",
    "<body onload=alert(1)>x</body>",
    "<p style='width:expression(alert(1))' onmouseover=alert(1)>x</p>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><?php system('x'); ?>",
    "<<img src=x onerror=alert(1)//<",
    "<p lang='x\" onclick=\"alert(1)' dir='javascript:'>x</p>",
    "<td colspan='1\" onclick=\"alert(1)'>x</td>",
    "<div\x00 onclick=alert(1)>x</div>",
    "<b onclick=alert(1)>x</b><i/onclick=alert(1)>x</i>",
    "<b title=\"a>b\" onclick=alert(1)>x</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<plaintext><script>alert(1)</script>",
    "<frameset onload=alert(1)><frame src='javascript:alert(1)'></frameset>",
]  # fmt: skip

KEPT = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody",
    "tfoot", "tr", "td", "th", "blockquote", "figure", "figcaption", "pre", "hr", "div", "a", "img", "br", "em",
    "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "code", "kbd", "q", "cite", "abbr",
    "ruby", "rt", "rp", "span",
}  # fmt: skip
PLAIN = {"lang", "dir", "alt", "width", "height", "colspan", "rowspan", "scope", "start"}


def assert_harmless(html: str) -> None:
    """Judged by another parser than the ones that cleaned it."""
    for element in etree.HTML(f"<div>{html}</div>").iter():
        assert element.tag in KEPT | {"html", "body"}
        for name, value in element.attrib.items():
            if name in {"href", "src"}:
                assert re.match(r"https?://[^\s/]" if name == "src" else r"(https?://[^\s/]|mailto:|tel:)", value)
            elif name == "rel":
                assert value == "nofollow ugc"
            else:
                assert name in PLAIN
                assert name == "alt" or re.fullmatch("[A-Za-z0-9-]+", value)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_leaves_nothing_that_acts(attack: str) -> None:
    for html in (attack, f"<p>before {attack} after</p>", f"<table><tr><td>{attack}"):
        cleaned = clean(html, PAGE)
        assert_harmless(cleaned)
        assert clean(cleaned, PAGE) == cleaned


PIECES = st.sampled_from(
    [*ATTACKS, "<p>", "</p>", "<a href='/x'>", "</a>", "<table>", "<tr>", "<td>", "</table>", "<b>", "</b>", "<pre>\n",
     "</pre>", "<li>", "<ul>", "</ul>", "<svg>", "<math>", "<mtext>", "<style>", "</style>", "<!--", "-->", "<select>",
     "<font size=1>", "</font>", "<nobr>", "<h1>", "<form>", "</form>", "<span lang=ko>", "</span>", "<br>", "</br>",
     "<template>", "</template>", "<caption>", "<div hidden>", "\n", "&nbsp;", "&amp;lt;", "&#0;", "가나다", "\x0b"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
@example("<a><object><a>x")
@example("<pre>\n\n\n\n\n\n\n\nx</pre>")
@example("\ud800<p>\udfff")
def test_whatever_comes_it_is_harmless_and_cleaning_again_changes_nothing(html: str) -> None:
    cleaned = clean(html, PAGE)
    assert_harmless(cleaned)
    assert clean(cleaned, PAGE) == cleaned
    assert clean(cleaned) == cleaned
    cleaned.encode()
    text_of(html).encode()


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "x",
        "<ul><li>" * 4_000 + "x",
        "<p>" + "".join(f"<b a={number}>" for number in range(2_000)) + "</p>" + "<p>x</p>" * 2_000,
        "<a href=x>" * 50_000,
        "<table>" * 9_000,
        "<" * 100_000,
        "<p style='" + "a;" * 100_000 + "'>",
        "<!--" * 50_000,
    ],
    ids=["deep", "lists", "formatting", "links", "tables", "signs", "style", "comments"],
)
def test_a_hostile_shape_costs_little_time_and_room(html: str) -> None:
    begun = time.perf_counter()
    assert len(clean(html, PAGE)) < 10 * len(html)
    text_of(html)
    assert time.perf_counter() - begun < 10  # unguarded: minutes, or gigabytes


def test_what_is_nested_too_deep_keeps_its_words_only() -> None:
    assert clean("<div>" * 200 + "<p>a</p>") == "<div>" * 200 + "<p>a</p>" + "</div>" * 200
    assert clean("<div>" * 300 + "<p>a</p><b>b</b>") == "<p>a</p><p>b</p>"


# ── clean: what a reader keeps ───────────────────────────────────────────────


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<h2>제목</h2><p>가<br>나</p><hr>", "<h2>제목</h2><p>가<br>나</p><hr>"),
        ("<ol start=3><li>a<li>b</ol>", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("<p lang=en dir=ltr>x</p>", '<p lang="en" dir="ltr">x</p>'),
        ("<td>loose", "loose"),
        ("<table><tr><th scope=col colspan=2>a</table>",
         '<table><tbody><tr><th scope="col" colspan="2">a</th></tr></tbody></table>'),
        ("<ruby>漢字<rp>(</rp><rt>한자</rt><rp>)</rp></ruby>", "<ruby>漢字<rp>(</rp><rt>한자</rt><rp>)</rp></ruby>"),
        ("<p><span style='font-family:Gulim'><font color=red>가<span lang=en>b</span></font></span></p>",
         '<p>가<span lang="en">b</span></p>'),
        ("<strike>old</strike> <tt>x</tt>", "<s>old</s> <code>x</code>"),
        ("<form><p>a</p><select><option>b</select></form>", "<p>a</p>"),
        ("<section><article><p>a</p></article></section>", "<p>a</p>"),
        ("<p>a</p><p style='display: none'>hidden</p><p hidden>hidden</p><div style='FONT-SIZE:0px'>hidden</div>",
         "<p>a</p>"),
        ("<p style='font-size:0.9em'>shown</p>", "<p>shown</p>"),
        ("<a>no address</a> <a href=''>none</a> <a href='javascript:x'>bad</a>", "no address none bad"),
        ("AT&T &amp;lt; <b>1 < 2</b>", "AT&amp;T &amp;lt; <b>1 &lt; 2</b>"),
        ("<p>a\x00\x0c\x1bb</p>", "<p>ab</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_structure_stays_and_dress_goes(html: str, cleaned: str) -> None:
    assert clean(html, PAGE) == cleaned


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("http://a.example/", "http://a.example/"),
        ("http://board.example/data/a.png", "https://board.example/data/a.png"),
        ("/data/a.png", "https://board.example/data/a.png"),
        ("../data/a b.png", "https://board.example/data/a%20b.png"),
        ("//cdn.example/a.png", "https://cdn.example/a.png"),
        ("\\\\cdn.example\\a.png", "https://cdn.example/a.png"),
        ("?wr_id=8", "https://board.example/bbs/board.php?wr_id=8"),
        ("#note", PAGE + "#note"),
        ("  https://a.example/\n", "https://a.example/"),
        ("https://나라.example/가나", "https://나라.example/가나"),
        ("mailto:desk@nara.example", "mailto:desk@nara.example"),
        ("tel:+82-2-000-0000", "tel:+82-2-000-0000"),
        ("", ""),
        ("   ", ""),
        ("https://", ""),
        ("https:///path", ""),
        ("http://[::1", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/hostname", ""),
        ("cid:part1", ""),
    ],
)
def test_an_address_becomes_whole_as_a_browser_would_read_it(address: str, expected: str) -> None:
    assert absolute(address, PAGE) == expected


def test_without_a_base_only_whole_addresses_stay() -> None:
    assert clean("<a href='/x'>a</a><a href='https://a.example/'>b</a><img src='/y.png'>") == (
        'a<a href="https://a.example/" rel="nofollow ugc">b</a>'
    )


@pytest.mark.parametrize(
    "picture",
    [
        "<img src=/a.png width=1 height=1>",
        "<img src=/a.png height='1px'>",
        "<img src=/a.png width=0>",
        "<img src=/a.png style='width:1px; height:1px'>",
        "<img src=/a.png style='display:none'>",
        "<img src='https://www.google-analytics.com/collect?v=1'>",
        "<img src='https://ad.doubleclick.net/x'>",
        "<img src='https://www.facebook.com/tr?id=1&ev=PageView'>",
        "<img src='https://u1.ct.sendgrid.net/wf/open?upn=x'>",
        "<img src='data:image/png;base64,AAAA'>",
        "<img>",
    ],
)
def test_a_picture_that_nobody_is_to_see_goes(picture: str) -> None:
    assert clean(f"<p>a{picture}</p>", PAGE) == "<p>a</p>"
    assert first_image(picture.replace("=/a.png", "=https://a.example/a.png")) is None


def test_the_first_picture_meant_to_be_seen_is_found() -> None:
    html = clean("<img src=/dot.gif width=1><p><img src='/a.png' alt='그림' width=300></p><img src='/b.png'>", PAGE)
    assert first_image(html) == "https://board.example/a.png"
    assert first_image("<p>none</p>") is None
    assert 'alt="그림"' in html


# ── text_of ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>가나  다\n라</p><p>&nbsp;</p><p><br></p><p>마</p>", "가나 다 라\n\n마"),
        ("a<br>b<br><br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div>b<div>c</div></div>", "a\nb\nc"),
        ("<h2>Title</h2>text<blockquote>said</blockquote>", "Title\n\ntext\n\nsaid"),
        ("<ul><li>a<li><p>b</p><ol><li>c<li>d</ol><li>e</ul>f", "- a\n- b\n  1. c\n  2. d\n- e\n\nf"),
        ("<ol start=9><li>a<li></li><li>b</ol>", "9. a\n10.\n11. b"),
        ("<li>loose", "- loose"),
        ("<table><tr><th>a<th>b<tr><td><p>1</p><td>2</table>", "a | b\n1 | 2"),
        ("<pre>  a\n    b\tc</pre>", "  a\n    b   c"),
        ("<td><p>a</p><p>b</p></td>", "a\n\nb"),
        ("<table><tr><td><p>a</p><p>b</p><td>c</table>", "a\n\nb | c"),
        ("a<font style='display:none'>x</font><b hidden>y</b>b<i style='font-size: 0'>z</i>", "ab"),
        ("a<script>x</script><style>y</style><!-- z --><p hidden>h</p><b style='display:none'>i</b>b", "ab"),
        ("<ruby>漢字<rp>(</rp><rt>한자</rt><rp>)</rp></ruby>", "漢字한자"),
        ("1 &lt; 2 &amp;amp; <b>bo</b>ld<img src=x alt=y>", "1 < 2 &amp; bold"),
        ("zero\u200bwidth \u202ebidi\u202c\x07", "zerowidth bidi"),
        ("", ""),
    ],
)
def test_html_is_read_as_a_person_sees_it(html: str, text: str) -> None:
    assert text_of(html) == text
    assert text_of(clean(html)) == text


# ── Plain text ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  가나\t다\r\nBcc: x  ", "가나 다 Bcc: x"),
        ("\u1100\u1161", "가"),
        ("a\u00a0\u3000b", "a b"),
        ("a\u200b\u200d\u2060\ufeffb", "ab"),
        ("👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👩🏽\u200d🌾", "👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👩🏽\u200d🌾"),
        ("👨\u200d\u200d👩 👨\u200d가 \u200d👩\u200d", "👨👩 👨가 👩"),
        ("\u202eevil\u2069 title", "evil title"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u3164", ""),
        ("a \u200b b", "a b"),
        ("tag\U000e0041\ud800\ufffe", "tag"),
        ("葛\U000e0100 ☀\ufe0f", "葛\U000e0100 ☀\ufe0f"),
        ("…", "…"),
    ],
)
def test_a_title_is_folded_to_one_plain_line(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_safe_text_keeps_the_lines() -> None:
    assert safe_text("\n a  b \r\n\x0c\u2028c\x00\r\rd\n\n") == "a b\n\n\nc\n\nd"


@given(st.text())
def test_folding_is_settled_at_once_and_fits_into_xml(text: str) -> None:
    for settled in (fold, safe_text):
        once = settled(text)
        assert settled(once) == once
        assert unicodedata.is_normalized("NFC", once)
        etree.fromstring(etree.tostring(_element(once), encoding="utf-8"))
    assert "\n" not in fold(text)


def _element(text: str) -> etree._Element:
    element = etree.Element("x")
    element.text = text
    return element


@pytest.mark.parametrize(
    ("text", "limit", "summary"),
    [
        ("짧은 글이다.", 200, "짧은 글이다."),
        ("첫 문장이다. 둘째 문장이었다. 셋째 문장은 아주 길고 길다.", 20, "첫 문장이다. 둘째 문장이었다."),
        ("정말 그렇게 될까요? 아직 아무도 모릅니다만 곧 알게 됩니다.", 15, "정말 그렇게 될까요?"),
        ("그는 “그렇다.” 하고 말했다. 그리고 떠났다가 돌아왔다.", 17, "그는 “그렇다.” 하고 말했다."),
        ("One sentence. Another one. And a third one.", 30, "One sentence. Another one."),
        ("Mr. Kim met Dr. Lee on No. 3 Road yesterday.", 20, "Mr. Kim met Dr. Lee…"),
        ("It rose by 3.5 percent. Nobody had expected it.", 30, "It rose by 3.5 percent."),
        ("Hi. A very long sentence follows here without any end", 30, "Hi. A very long sentence…"),
        ("one two three four five", 12, "one two…"),
        ("one two, three", 10, "one two…"),
        ("가나다라마바사아자차카타파하", 8, "가나다라마바사…"),
        ("가나다라마바 사아자차카타파하", 8, "가나다라마바…"),
        ("cafe\u0301" * 3 + "x\u0302\u0302\u0302", 14, "cafécafécaféx…"[:12] + "…"),
        ("🇰🇷🇰🇷🇰🇷🇰🇷", 6, "🇰🇷🇰🇷…"),
        ("👍🏽👍🏽👍🏽", 4, "👍🏽…"),
        ("👩\u200d🌾👩\u200d🌾👩\u200d🌾", 6, "👩\u200d🌾…"),
        ("anything", 0, ""),
    ],
)  # fmt: skip
def test_an_excerpt_ends_where_a_person_would_end_it(text: str, limit: int, summary: str) -> None:
    assert summarize(text, limit) == summary


WORDS = st.sampled_from(["가다.", "Yes.", "a", " ", "🇰🇷", "👩\u200d🌾", "u\u0308\u0323", "“", "”", "No."])


@given(st.text() | st.lists(WORDS).map("".join), st.integers(1, 60))
def test_an_excerpt_fits_and_is_a_beginning(text: str, limit: int) -> None:
    summary = summarize(text, limit)
    assert len(summary) <= limit
    if summary != fold(text):
        assert fold(text).startswith(summary.removesuffix("…"))
        assert summary.endswith("…") or re.search(r"[.?!。？！…][\"'”’)\]」』》〉]*$", summary)


@pytest.mark.parametrize("hostile", ["<a" * 150_000, "<b " * 100_000, "<" * 300_000, "<b title='" * 30_000])
def test_tags_that_never_end_are_read_in_one_go(hostile: str) -> None:
    """With a search to the end from each of them this takes a minute; the test's own time limit is the claim."""
    began = time.process_time()
    clean(hostile)
    assert time.process_time() - began < 10
