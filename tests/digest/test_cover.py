"""What became secret can be taken out of a frozen letter, or the letter is known not to allow it."""

import pytest

from publisher.digest.cover import cover
from publisher.digest.render import compose_letters, letter_hash, web_view
from publisher.model import Missing, Slot, fill
from tests.digest.samples import KEYS, SITE, edition, entry, face, korean_only, mailing_list, twelfth

SECRET = korean_only()
COVERED = "<p>covered</p>"


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_left_of_a_covered_entry_and_the_others_stand(key):
    letter = compose_letters(twelfth(), mailing_list(), SITE, [key])[key]
    page = web_view(cover(letter, {SECRET.public_id: COVERED}, "<p>notice</p>"), "https://x.example/", "x")
    for trace in ("접경 마을", "강을 사이에 둔", "문가람", "우물협약", SECRET.public_id, "Mun Garam"):
        assert trace not in page
    assert page.count(COVERED) == 1
    assert page.index("<body") < page.index("<p>notice</p>") < page.index("https://x.example/")
    assert "9th Youth Peace Forum" in page


@pytest.mark.parametrize("key", KEYS)
def test_a_corrected_entry_is_covered_too(key):
    letter = compose_letters(twelfth(), mailing_list(), SITE, [key])[key]
    page = web_view(cover(letter, {"entry0000021": COVERED}, ""), "x", "x")
    assert COVERED in page
    assert not any(trace in page for trace in ("나루터", "Ferry Time", "entry0000021"))


def test_copies_and_hash_know_nothing_of_the_seams():
    letter = compose_letters(twelfth(), mailing_list(), SITE, ["ko"])["ko"]
    again = compose_letters(twelfth(), mailing_list(), SITE, ["ko"])["ko"]
    assert "seam" not in fill(letter.html, dict.fromkeys(Slot, ""))
    assert letter_hash(letter) == letter_hash(again)
    merged = fill(letter.html, {slot: f"\0{slot}\0" for slot in Slot}).split("\0")
    whole = tuple(Slot(piece) if piece in list(Slot) else piece for piece in merged)
    assert letter_hash(type(letter)(language_key="ko", subject=letter.subject, html=whole, text=letter.text)) == (
        letter_hash(letter)
    )


def test_a_letter_that_left_an_entry_out_is_shown_as_it_is():
    english = edition(entry(1, face("ko", "국문")), entry(2, face("en", "English")))
    letter = compose_letters(english, mailing_list(missing=Missing.OMIT), SITE, ["en"])["en"]
    assert cover(letter, {"entry0000001": COVERED}, "notice") is letter


@pytest.mark.parametrize(
    "body",
    [
        "{% for item in letter.items %}{{ item.sides[0].title }}{% endfor %}",
        "{{ letter.headline }}{% for item in letter.items %}{{ seams[item.id] }}{{ item.sides[0].title }}"
        "{{ seams[item.id] }}{% endfor %}",
        "{% for item in letter.items %}{{ seams[item.id] }}{{ item.sides[0].title }}{% endfor %}",
        "{{ seams.preheader }}{% for item in letter.items %}{{ seams[item.id] }}x{{ seams[item.id] }}{% endfor %}"
        "{{ preheader }}",
    ],
    ids=["no seams", "a title outside of them", "a seam left open", "a preheader outside of them"],
)
def test_a_template_of_the_operators_own_that_shows_more_cannot_be_covered(tmp_path, body):
    file = tmp_path / "email" / "digest" / "body.mjml"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"<mjml><mj-body><mj-section><mj-column><mj-text>{body}{{{{ unsubscribe_url }}}}</mj-text></mj-column>"
        "</mj-section></mj-body></mjml>",
        encoding="utf-8",
    )
    both = edition(entry(1, face("ko", "첫째 글")), entry(2, face("ko", "둘째 글")))
    letter = compose_letters(both, mailing_list(), SITE, ["ko"], overrides=tmp_path)["ko"]
    assert "seam" not in fill(letter.html, dict.fromkeys(Slot, ""))
    assert None in [cover(letter, {public_id: COVERED}, "") for public_id in ("entry0000001", "entry0000002")]


def test_two_entries_with_the_same_summary_can_be_covered_one_by_one():
    both = edition(
        entry(1, face("ko", "첫째 글", "첨부 파일을 보십시오.")),
        entry(2, face("ko", "둘째 글", "첨부 파일을 보십시오.")),
    )
    letter = compose_letters(both, mailing_list(), SITE, ["ko"])["ko"]
    page = web_view(cover(letter, {"entry0000001": COVERED}, ""), "x", "x")
    assert ("첫째 글" in page, page.count("첨부 파일을 보십시오.")) == (False, 1)


def test_an_entry_that_is_unknown_to_the_letter_hides_it():
    letter = compose_letters(twelfth(), mailing_list(), SITE, ["ko"])["ko"]
    assert cover(letter, {"entry0000099": COVERED}, "") is None


@pytest.mark.parametrize("kind", ["seam", *Slot])
def test_a_text_that_looks_like_a_mark_opens_nothing_and_stays(kind):
    lure = f"{kind}-{'0' * 32}"
    letter = compose_letters(edition(entry(1, face("ko", lure, lure))), mailing_list(), SITE, ["ko"])["ko"]
    assert "".join(piece for piece in letter.html if not isinstance(piece, Slot)).count(lure) >= 2
