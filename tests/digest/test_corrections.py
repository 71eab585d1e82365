"""What is worth a line among the corrections, and which readers get one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from publisher.digest.corrections import Part, amend, changed, core, told_of
from publisher.digest.render import compose_letters
from publisher.model import Attachment, Citation, Correction, Missing, Origin, Slot, fill
from tests.digest.samples import MONDAY, SITE, edition, entry, face, mailing_list

KOREAN = face("ko", "나루터의 시간", "배가 1.5배 늘었다.")
ENGLISH = face("en", "Ferry Times", "Ferries grew by half.")
LIST = mailing_list(missing=Missing.OMIT)
SOURCE = Citation(outlet="The Courier", date=date(2026, 11, 2), url="https://courier.example/a")


def titled(one, title):
    return replace(one, title=title)


def saying(one, text):
    return replace(one, html=f"<p>{text}</p>")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("배가 늘었다.", "배가 늘었다"),
        ("배가  늘었다", "배가늘었다"),
        ("‘배’가 늘었다", '"배"가 늘었다'),
        ("The Ferry", "the ferry"),
        ("1,000명", "1000명"),
        ("다리 — 약속", "다리: 약속"),
        ("가", "\u1100\u1161"),  # the same syllable in two ways to write it
        ("약속\u200b", "약속"),
    ],
)
def test_a_small_edit_is_no_correction(before, after):
    assert core(before) == core(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [("배가", "배는"), ("1.5배", "15배"), ("5%", "5"), ("10:30", "1030"), ("$5", "€5"), ("3-4", "34"), ("H2O", "HO")],
)
def test_another_word_or_figure_is_one(before, after):
    assert core(before) != core(after)


@pytest.mark.parametrize(
    ("now", "parts"),
    [
        (entry(1, KOREAN, citation=SOURCE), ()),
        (entry(1, titled(KOREAN, "나루터의 시간표"), citation=SOURCE), (Part.TITLE,)),
        (entry(1, titled(KOREAN, "「나루터의 시간」"), citation=SOURCE), ()),
        (entry(1, saying(KOREAN, "배가 15배 늘었다."), citation=SOURCE), (Part.TEXT,)),
        (entry(1, saying(KOREAN, "<em>배가</em> 1.5배  늘었다!"), citation=SOURCE), ()),
        (entry(1, KOREAN), (Part.SOURCE,)),
        (entry(1, KOREAN, citation=replace(SOURCE, url="http://www.courier.example/a/")), ()),
        (entry(1, KOREAN, citation=replace(SOURCE, date=date(2026, 11, 3))), (Part.SOURCE,)),
        (entry(1, KOREAN, citation=SOURCE, categories=("칼럼",)), ()),
        (entry(1, KOREAN, citation=SOURCE, attachments=(Attachment(name="a.pdf", url="https://a.example/"),)), ()),
        (entry(1, titled(saying(KOREAN, "다름"), "다름")), (Part.TITLE, Part.TEXT, Part.SOURCE)),
        (entry(1, KOREAN, ENGLISH, citation=SOURCE), ()),  # a translation is no correction
    ],
)
def test_what_was_corrected(now, parts):
    before = told_of(entry(1, KOREAN, citation=SOURCE))
    assert changed(before, told_of(now), "ko") == parts
    assert changed(before, told_of(now), "en") == ()


def correction(now, before, **more):
    return Correction(entry=now, number=11, dated=MONDAY - timedelta(weeks=1), before=told_of(before), **more)


def test_what_a_released_edition_told_does_not_follow_the_entry():
    now = entry(1, titled(KOREAN, "세 번째 제목"))
    told = told_of(entry(1, titled(KOREAN, "두 번째 제목")))
    amended = amend(correction(now, entry(1, KOREAN), after=told), ["ko"])
    assert (amended.title, amended.new_title) == ("나루터의 시간", "두 번째 제목")


def text_of_letter(key, *corrections):
    news = entry(5, face("ko", "새 글"), face("en", "News"))
    letter = compose_letters(edition(news, corrections=corrections), LIST, SITE, [key])[key]
    return fill(letter.text, dict.fromkeys(Slot, "x"))


@pytest.mark.parametrize(("key", "is_told"), [("ko", True), ("en", False), ("ko+en", True), ("en+ko", True)])
def test_only_who_reads_the_corrected_face_gets_the_line(key, is_told):
    line = correction(entry(1, titled(KOREAN, "다른 제목"), ENGLISH), entry(1, KOREAN, ENGLISH))
    assert ("새 제목: 다른 제목" in text_of_letter(key, line)) is is_told


def test_whoever_could_not_read_the_entry_gets_no_line():
    line = correction(entry(1, titled(KOREAN, "다른 제목")), entry(1, KOREAN))
    assert "Corrected since" not in text_of_letter("en", line)
    assert "바로잡음" in text_of_letter("ko", line)


def test_what_says_again_what_was_mailed_makes_no_line():
    assert "바로잡음" not in text_of_letter("ko", correction(entry(1, KOREAN), entry(1, KOREAN)))


def test_a_letter_of_nothing_but_corrections_is_none():
    line = correction(entry(1, titled(KOREAN, "다른 제목")), entry(1, KOREAN))
    assert compose_letters(edition(corrections=(line,)), LIST, SITE, ["ko"]) == {}


def test_a_corrected_translation_of_a_machine_is_called_one():
    machine = replace(ENGLISH, origin=Origin.MACHINE)
    line = correction(entry(1, KOREAN, saying(machine, "Ferries doubled.")), entry(1, KOREAN, machine))
    assert "· Text corrected · Machine translation" in text_of_letter("en", line)
