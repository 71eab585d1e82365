"""What the designs have in common: both parts say the same, nothing of a template is left over, axe is content."""

import re
from dataclasses import replace
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from selectolax.lexbor import LexborHTMLParser

from publisher.digest.render import compose_letters
from publisher.model import Attachment, Design, Images, Picture
from tests.digest.reading import differences, left_over, parts_of
from tests.digest.samples import IMAGE, KEYS, SITE, edition, entry, face, illustrated, in_both, mailing_list, twelfth

LOGO = Picture(hash="10" * 32, type="image/png", width=120, height=40)
every_letter = pytest.mark.parametrize(("design", "key"), list(product(Design, KEYS)))


def letter_of(one, key="ko", *, site=SITE, copies=None, **list_changes):
    return compose_letters(one, mailing_list(**list_changes), site, [key], copies=copies)[key]


@every_letter
def test_both_parts_say_the_same(design, key):
    differing_words, differing_links = differences(letter_of(twelfth(), key, design=design))
    assert differing_words <= {"Read", "읽기"}  # in the text part the title bears the note
    assert differing_links == set()


@every_letter
def test_notes_of_the_text_part_are_numbered_through(design, key):
    text = parts_of(letter_of(twelfth(), key, design=design))[1]
    told = [int(number) for number in re.findall(r"^ *\[(\d+)\] http", text, re.MULTILINE)]
    assert told == list(range(1, len(told) + 1))
    assert {int(number) for number in re.findall(r"\[(\d+)\]", text)} == set(told)
    assert not re.search(r"^ *\[\d+\]$", text, re.MULTILINE), "a mark stays with the word before it"


@every_letter
def test_nothing_of_a_template_is_left_over(design, key):
    edition, copies = illustrated()
    one = letter_of(edition, key, design=design, images=Images.ALL, copies=copies, site=replace(SITE, logo=LOGO))
    assert left_over(one) == []


@pytest.mark.parametrize("key", KEYS)
def test_the_list_of_titles_has_no_summaries(key):
    one = letter_of(twelfth(), key, design=Design.TITLES)
    for body in parts_of(one):
        assert "우물을 함께 쓰기로" not in body
        assert "접경 마을의 우물은" in body


def test_the_accent_colours_words_by_day_and_by_night():
    page = parts_of(letter_of(twelfth(), site=replace(SITE, accent="#1a3f8f", accent_dark="#9cb0d9")))[0]
    assert "#1a3f8f" in page
    assert ".accent { color: #9cb0d9 !important; }" in page
    assert "#17605a" not in page


@every_letter
def test_the_logo_stands_on_top_with_the_name_of_the_site(design, key):
    page = parts_of(letter_of(twelfth(), key, design=design, site=replace(SITE, logo=LOGO)))[0]
    [logo] = LexborHTMLParser(page).css("img")
    assert logo.attributes["src"] == f"{SITE.url}/media/{LOGO.hash}"
    assert logo.attributes["alt"] == SITE.name[key[:2]]
    assert page.index("<img") < page.index("<h1")


class TestImages:
    def test_a_copy_stands_in_the_letter_with_its_words(self):
        edition, copies = illustrated()
        for key, words in (("ko", "강 위의 두루미"), ("en+ko", "Cranes above the river")):
            page = parts_of(letter_of(edition, key, images=Images.FIRST, copies=copies))[0]
            [shown] = LexborHTMLParser(page).css("img")
            assert shown.attributes["src"] == f"{SITE.url}/media/{copies[IMAGE].hash}"
            assert (shown.attributes["alt"], shown.attributes["lang"]) == (words, key[:2])
            assert (shown.attributes["width"], shown.attributes["height"]) == ("592", "333")
            assert IMAGE not in page

    @pytest.mark.parametrize(("images", "has_copy"), [(Images.NONE, True), (Images.ALL, False)])
    def test_none_is_there_where_none_is_wanted_or_to_be_had(self, images, has_copy):
        edition, copies = illustrated()
        page = parts_of(letter_of(edition, images=images, copies=copies if has_copy else {}))[0]
        assert "<img" not in page

    @pytest.mark.parametrize(("images", "count"), [(Images.FIRST, 1), (Images.ALL, 5)])
    def test_a_piece_of_many_shows_the_first_or_a_few(self, images, count):
        places = [f"https://board.hanbit.example/{number}.png" for number in range(8)]
        many = face("ko", "사진", html="".join(f'<img src="{place}">' for place in places))
        copy = Picture(hash="ab" * 32, type="image/png", width=100, height=50)
        one = letter_of(edition(entry(1, many)), images=images, copies=dict.fromkeys(places, copy))
        page = parts_of(one)[0]
        assert page.count("<img") == count
        assert 'alt="그림: 사진"' in page, "what has no words of its own is told by the title"


def test_of_many_files_some_are_named_and_the_rest_counted():
    files = tuple(Attachment(name=f"{number}.pdf", url=f"https://x.example/{number}") for number in range(11))
    for key, words in (("ko", "그 밖의 파일 3개"), ("en", "3 more files")):
        one = letter_of(edition(replace(in_both(), attachments=files)), key)
        for body in parts_of(one):
            assert words in body
            assert "8.pdf" not in body


@pytest.mark.browser
@pytest.mark.parametrize(
    ("design", "key"),
    [(Design.DIGEST, "ko"), (Design.DIGEST, "en+ko"), (Design.LETTER, "ko+en"), (Design.TITLES, "en")],
)
def test_axe_finds_nothing(browser, design, key):
    edition, copies = illustrated()
    shown = replace(edition, notes={**edition.notes, "ko": "# 인사\n\n- 하나\n- [둘](https://hanbit.example/)\n\n> 셋"})
    one = letter_of(shown, key, design=design, images=Images.ALL, copies=copies, site=replace(SITE, logo=LOGO))
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.route("**/*", lambda route: route.abort())
    page.set_content(parts_of(one)[0])
    found = Axe().run(page).response["violations"]
    page.close()
    # A letter is no page of a site: mail programs put it into a landmark of theirs.
    assert [(one["id"], one["help"]) for one in found if one["id"] not in {"region", "landmark-one-main"}] == []
