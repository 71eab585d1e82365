"""A letter never grows to where Gmail hides its end, and with it the way out."""

from dataclasses import replace
from itertools import product

import pytest

from publisher.delivery.envelope import Stationery
from publisher.digest.render import BUDGET, compose_letters
from publisher.errors import NotAllowed
from publisher.model import Attachment, Citation, Design, Slot, fill
from tests.digest.reading import parts_of
from tests.digest.samples import KEYS, MONDAY, NOTES, SITE, edition, english_only, entry, face, in_both, mailing_list

LINK = f"{SITE.url}/unsubscribe/{'x' * 200}"


def long_edition(count, **more):
    pair = replace(
        in_both(),
        faces={
            "ko": face("ko", "접경 마을의 우물은 " * 8, "협약이 지켜진 해와 깨어진 해를 나란히 놓고 " * 8),
            "en": face("en", "What three ferry towns learned " * 4, english_only().faces["en"].summary * 2),
        },
    )
    entries = [
        replace(pair, id=number, public_id=f"entry{number:07d}", attachments=english_only().attachments)
        for number in range(1, count + 1)
    ]
    return edition(*entries, notes=NOTES, **more)


def letter_of(one, key, **list_changes):
    return compose_letters(one, mailing_list(**list_changes), SITE, [key])[key]


@pytest.mark.parametrize(("design", "key"), list(product(Design, KEYS)))
def test_html_on_the_wire_keeps_the_budget(design, key):
    letter = letter_of(long_edition(120), key, design=design)
    paper = Stationery(letter=letter, site=SITE, list=mailing_list())
    values = dict.fromkeys(Slot, LINK)
    copy = paper.copy(recipient="a@b.example", message_id="<1@b.example>", date=MONDAY, values=values)
    html = copy[copy.rindex(b"Content-Type: text/html") :]
    assert BUDGET * 0.8 < len(html) <= BUDGET + 200  # with the part's own headers
    assert fill(letter.html, values).count(LINK) >= 2


@pytest.mark.parametrize(
    ("key", "words"), [("ko", "웹에서 {}건 더 보기"), ("en", "{} more on the web"), ("ko+en", "웹에서 {}건 더 보기")]
)
def test_what_found_no_room_is_counted_and_linked(key, words):
    letter = letter_of(long_edition(120), key)
    page, text = parts_of(letter)
    shown = sum(f"/entries/entry{number:07d}" in page for number in range(1, 121))
    assert 5 < shown < 120
    for body in (page, text):
        assert words.format(120 - shown) in body
        assert f"{SITE.url}/{key[:2]}/editions/weekly/12/about" in body
    assert f"entry{shown:07d}" in text
    assert f"entry{shown + 1:07d}" not in text, "both parts hold the same"


def test_the_subject_counts_them_all():
    assert letter_of(long_edition(120), "ko").subject.endswith("외 119건")


def test_an_edition_of_twenty_has_room():
    twenty = edition(*[entry(number, face("ko", "글 " * 20, "요약 " * 90)) for number in range(1, 21)], notes=NOTES)
    assert "더 보기" not in parts_of(letter_of(twenty, "ko"))[1]


def test_what_is_cut_off_can_be_covered_like_what_never_stood_there():
    assert letter_of(long_edition(120), "ko").covers["entry0000120"] == ()


def test_a_note_that_is_too_long_by_itself_is_refused_with_the_reason():
    with pytest.raises(NotAllowed, match=r"weekly No\. 12: the letter 'ko' is too long without any entry .* the note"):
        letter_of(edition(notes={"ko": "- 가\n" * 2500}), "ko")


def test_an_entry_with_names_without_end_has_room_with_all_its_files():
    endless = "가" * 20_000
    one = entry(
        1,
        printed_author={"ko": endless},
        citation=Citation(outlet=endless),
        attachments=tuple(Attachment(name=f"{endless}.hwp", url="https://board.example/1") for _ in range(8)),
    )
    _, text = parts_of(letter_of(edition(one), "ko"))
    assert text.count("가…") == 10
    assert "entry0000001" in text


def test_a_template_that_prints_too_much_of_an_entry_is_told_so(tmp_path):
    sheet = tmp_path / "email" / "digest" / "body.mjml"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(
        '{% extends "email/edition.mjml" %}{% block entry %}{{ item.url * 2000 }}{% endblock %}', encoding="utf-8"
    )
    with pytest.raises(NotAllowed, match=r"the letter 'ko' is too long with its first entry alone .* the templates"):
        compose_letters(edition(entry(1), entry(2)), mailing_list(), SITE, ["ko"], tmp_path)
