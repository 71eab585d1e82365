"""Entries as the world brings them: every design sets them whole, in both parts, or says less, never anything wrong."""

import re
from html import unescape
from itertools import product

import pytest

from publisher.digest.render import compose_letters
from publisher.model import Attachment, Citation, Design, Images
from tests.digest.reading import parts_of
from tests.digest.samples import SITE, edition, entry, face, mailing_list

STRANGE = {
    "a title of 300 characters": "접경 마을의 우물은 누구의 것인가 " * 17,
    "a title without a gap": "가" * 300,
    "Hanja": "鴨綠江과 豆滿江의 물길 — 國境 地域 共同 調査",
    "old Hangul": "나랏말\u318dᄊᆞ미 듕귁에 달아",
    "emoji": "철새 👨‍👩‍👧‍👦🏳️‍🌈🇰🇷 소식 ☃️",
    "right to left": "سلام: رسالة من الحدود / שלום 평화",
    "direction overrides": "문서 \u202eFDP.exe\u202c \u2066x\u2069",
    "mixed scripts": "Мир · 和平 · 평화 · Peace · शान्ति",
    "template marks": "{{ letter.items }} {% for x in y %} {# no #} %(number)d %s",
    "markup": "</td></tr></table><script>alert(1)</script><mj-raw>&lt;b&gt; <!-- -->",
    "mail headers": "제목\r\nBcc: everyone@reader.example\r\n\r\n본문",
    "halves of characters": "한\ud83d글\udc00",
    "zero width": "평\u200b화\ufeff의\u00ad 길",
}


def bodies(one, design, key):
    chosen = mailing_list(design=design, images=Images.ALL)
    letter = compose_letters(one, chosen, SITE, [key])[key]
    return letter, *parts_of(letter)


@pytest.mark.parametrize(("design", "key"), list(product(Design, ["ko", "en+ko"])))
@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_a_strange_text_is_text(strange, design, key):
    one = entry(
        1,
        face("ko", strange, strange),
        face("en", strange, f"{strange} in English"),
        printed_author={"ko": strange},
        citation=Citation(outlet=strange, url="https://outlet.example/"),
        attachments=(Attachment(name=f"{strange}.hwp", url="https://board.example/1"),),
    )
    letter, page, text = bodies(edition(one, entry(2), notes={"ko": strange}), design, key)
    assert page.count("</html>") == 1
    assert "<script" not in page
    assert len(letter.subject.splitlines()) == 1
    assert all(len(line.encode()) <= 998 for line in text.splitlines())
    for body in (page, text):
        body.encode()  # no half of a character
        assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08]", body)
    words = re.findall(r"[가-힣]{2,20}|[A-Za-z]{4,}", re.sub(r"[\r\n].*", "", strange))
    said = unescape(re.sub(r"<[^>]*>", "", page))
    assert all(word in said.replace("\u200b", "") for word in words[:5])


@pytest.mark.parametrize(("design", "key"), list(product(Design, ["ko", "en+ko"])))
def test_an_entry_that_is_only_an_image_still_has_its_title_and_the_way_to_it(design, key):
    bare = entry(1, face("ko", "사진", html='<img src="https://board.example/1.png">'))
    _, page, text = bodies(edition(bare), design, key)
    assert "사진" in page
    assert "<img" not in page, "there is no copy of it"
    assert f"/entries/{bare.public_id}" in text
    assert 'class="summary' not in page
    assert "\n\n\n" not in text
