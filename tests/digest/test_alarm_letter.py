"""Letters that belong to no edition: what they say, in every language of theirs, with the digest's look."""

import html
import re

import pytest

from publisher.digest.single import write_letter
from publisher.errors import TemplateError
from publisher.model import DeliveryKind, Facts
from tests.digest.samples import SITE

FACTS: Facts = {
    "trouble": "failing",
    "names": {"ko": "소장 칼럼", "en": "From the Director"},
    "url": "https://www.hanbit.example/bbs/board.php?bo_table=director",
    "since": "2026-11-24T00:30:00+00:00",
    "failures": 3,
    "detail": "the site says {{ 7 * 7 }} <b>no</b>",
    "cure": "",
}


def alarm(key="ko+en", overrides=None, **changes):
    return write_letter(DeliveryKind.ALARM, {**FACTS, **changes}, key, SITE, overrides)


def test_it_says_the_same_in_each_of_its_languages():
    [text] = alarm().text
    assert text.index("자료실을 읽지 못하고 있습니다: 소장 칼럼") < text.index(
        "The archive cannot be read: From the Dir"
    )
    assert "2026년 11월 24일 (화) 09:30" in " ".join(text.split())
    assert "Tuesday, 24 November 2026, 09:30" in " ".join(text.split())


def test_its_subject_is_in_the_first_of_them():
    assert alarm("en").subject == alarm("en+ko").subject == "The archive cannot be read: From the Director"


def test_text_of_others_is_never_markup_nor_a_template():
    letter = alarm()
    assert "the site says {{ 7 * 7 }} &lt;b&gt;no&lt;/b&gt;" in letter.html[0]
    assert "the site says {{ 7 * 7 }} <b>no</b>" in letter.text[0]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "https://user:secret@board.example/"])
def test_an_address_that_may_not_be_linked_is_left_out(url):
    letter = alarm(url=url)
    assert "href" not in letter.html[0]
    assert "자료실 주소" not in letter.text[0]


def test_who_writes_stands_below_in_both_languages():
    letter = alarm("en")
    assert "보낸 곳: 한빛평화연구원" in letter.html[0]
    assert "Sender: Hanbit Peace Institute" in letter.html[0]


def test_it_is_dressed_like_the_digest():
    assert re.search(r'<h1 class="name ink" style="[^"]*font-size: 22px;[^"]*"', alarm().html[0])
    assert "prefers-color-scheme: dark" in alarm().html[0]


@pytest.mark.parametrize("trouble", ["failing", "suspicious", "late", "over"])
def test_every_trouble_has_its_words(trouble):
    letter = alarm("en", trouble=trouble)
    assert letter.subject.endswith(": From the Director")
    assert ("You will be told once when it is over" in letter.text[0].replace("\n", " ")) == (trouble != "over")


def test_a_mistake_in_a_shared_part_is_named_where_it_stands(tmp_path):
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "imprint.mjml").write_text("{% macro sender(imprint) %}\n\n{{ imprint.fax }}{% endmacro %}")
    with pytest.raises(TemplateError, match=r"^email/imprint\.mjml, line 3: .*fax"):
        alarm(overrides=tmp_path)


def test_a_folder_of_the_operators_own_comes_first(tmp_path):
    (tmp_path / "email" / "alarm").mkdir(parents=True)
    (tmp_path / "email" / "alarm" / "subject.txt").write_text("{{ letter.name(facts.names, 'en') }}: !", "utf-8")
    assert alarm(overrides=tmp_path).subject == "From the Director: !"


def test_a_held_edition_is_told_with_what_is_red_the_cure_and_the_command():
    dmarc = {"ko": "DMARC가 <깨졌습니다>.", "en": "DMARC is <broken>."}
    red = [
        {"what": dmarc, "cure": {"ko": "고치십시오.", "en": "Mend it."}},
        {"what": {"en": "No way out."}, "cure": {}},
    ]
    letter = alarm(trouble="held", list="weekly", number=3, red=red, url="", detail="")
    assert letter.subject == "보내지 않고 확인을 기다립니다: weekly 제3호"
    for said in (*dmarc.values(), "고치십시오.", "Mend it.", "No way out.", "publisher preflight weekly 3"):
        assert said in " ".join(letter.text[0].split())
        assert html.escape(said) in letter.html[0]
