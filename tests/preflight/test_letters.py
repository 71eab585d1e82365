"""Letters that are in order, and each fault that a letter can have, seen by whoever reads its bytes anew."""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import Message
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from typing import Any

import pytest

from publisher.delivery.envelope import Stationery
from publisher.digest.corrections import told_of
from publisher.digest.render import compose_letters
from publisher.model import Attachment, Citation, Classification, Correction, Letter, Slot, languages_of
from publisher.preflight.finding import Colour, Finding, united, worst
from publisher.preflight.form import GMAIL_CUT, WaysOut, form, links_of
from publisher.preflight.looks import looks
from publisher.preflight.message import Arrived, read
from publisher.preflight.words import Wanted, edition_words, words
from tests.digest.samples import KEYS, SITE, entry, face, mailing_list, twelfth
from tests.samples import at

WAY_OUT = f"{SITE.url}/unsubscribe/{'Ab3_' * 16}"
EDITION = twelfth()
WANTED = Wanted(edition=EDITION, site_url=SITE.url, languages=SITE.languages, sender_name=SITE.sender.name)


def wire(letter: Letter, leave: str | None = None) -> bytes:
    return Stationery(letter=letter, site=SITE, list=mailing_list()).copy(
        recipient="hana@reader.example",
        message_id="<aaaaaaaaaaaaaaaaaaaaaaaaaa@hanbit.example>",
        date=at(),
        values={Slot.UNSUBSCRIBE: WAY_OUT, Slot.PREFERENCES: f"{SITE.url}/preferences/token"},
        leave=leave,
    )


@pytest.fixture(scope="module")
def letters() -> dict[str, Letter]:
    return dict(compose_letters(EDITION, mailing_list(), SITE, KEYS))


def judged(letter: Arrived, subject: str, wanted: Wanted = WANTED) -> list[Finding]:
    return [*form(letter, subject=subject, ways_out=WaysOut(link=WAY_OUT)), *words(letter, wanted), *looks(letter)]


def found(letter: Letter, content: bytes | None = None, wanted: Wanted = WANTED) -> dict[str, Colour]:
    arrived = read(letter.language_key, wire(letter) if content is None else content)
    return {finding.check: finding.colour for finding in judged(arrived, letter.subject, wanted)}


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_wrong_with_the_letters_that_we_make(letters: dict[str, Letter], key: str) -> None:
    arrived = read(key, wire(letters[key]))
    assert [finding.said("en") for finding in judged(arrived, letters[key].subject)] == []


def changed(letter: Letter, old: str, new: str) -> Letter:
    html, text = (
        tuple(piece if isinstance(piece, Slot) else piece.replace(old, new) for piece in run)
        for run in (letter.html, letter.text)
    )
    return replace(letter, html=html, text=text)


@pytest.mark.parametrize(
    ("old", "new", "check", "colour"),
    [
        ("<h1", "{{ letter.title }}<h1", "marks", Colour.RED),
        ("<h1", "{% if %}<h1", "marks", Colour.RED),
        ("<h1", "%(number)d<h1", "marks", Colour.RED),
        ("<h1", f"unsubscribe-{'0af1' * 8}<h1", "marks", Colour.RED),
        ("</h1>", "</h1><p>None</p>", "marks", Colour.YELLOW),
        ("</h1>", "</h1><p>undefined</p>", "marks", Colour.YELLOW),
        (' lang="ko"', "", "languages", Colour.YELLOW),
        ("letters@hanbit.example", "letters@hanbit.example.invalid", "links", None),
        ("한빛평화연구원", "한빛 평화 연구회", "sender", Colour.YELLOW),
        ("</h1>", f'</h1><a href="{SITE.url}/ko/search">찾기</a>', "both-parts", Colour.YELLOW),
        ("</h1>", '</h1><img src="https://a.example/x.png">', "pictures", Colour.YELLOW),
        ("color: #5b6067", "color: #cccccc", "contrast", Colour.YELLOW),
    ],
)
def test_a_fault_in_the_words_is_found(
    letters: dict[str, Letter], old: str, new: str, check: str, colour: Colour | None
) -> None:
    letter = changed(letters["ko"], old, new)
    assert letter != letters["ko"]
    assert found(letter).get(check) is colour


@pytest.mark.parametrize(
    ("pattern", "new", "check"),
    [
        (rb"List-Unsubscribe: .*\r\n", b"", "headers"),
        (rb"List-Unsubscribe: <", b"List-Unsubscribe: =?utf-8?q?<", "way-out"),
        (rb"/unsubscribe/", b"/unsubscribe/\r\n ", "way-out"),
        (rb"List-Unsubscribe-Post: .*\r\n", b"List-Unsubscribe-Post: yes\r\n", "way-out"),
        (rb"Subject: ", b"Subject: Fwd: ", "headers"),
        (rb"(Message-ID: .*\r\n)", rb"\1\1", "headers"),
        (rb"Date: .*\r\n", b"", "headers"),
        (rb"text/plain", b"text/x-plain", "parts"),
        (rb"--=_letter--\r\n", b"", "parts"),
        (rb"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: 8bit", "way-out"),
        (rb"--=_letter--", b"x" * 999, "lines"),
        (rb"MIME-Version", b"X-Name: \xea\xb0\x80\r\nMIME-Version", "lines"),
    ],
)
def test_a_fault_in_the_bytes_is_red(letters: dict[str, Letter], pattern: bytes, new: bytes, check: str) -> None:
    content = wire(letters["ko"])
    broken = re.sub(pattern, new, content, count=1)
    assert broken != content
    assert found(letters["ko"], broken)[check] is Colour.RED


@pytest.mark.parametrize(
    ("old", "new", "colour"), [("", "", None), ("cid:", "cid:x", Colour.RED), ("<a@hanbit", "<b@hanbit", Colour.RED)]
)
def test_images_within_a_letter_are_those_that_it_shows(
    letters: dict[str, Letter], old: str, new: str, colour: Colour | None
) -> None:
    letter = message_from_bytes(wire(changed(letters["en"], "</h1>", '</h1><img src="cid:a@hanbit.example" alt="">')))
    html = letter.get_payload(1)
    assert isinstance(html, Message)
    related, image = MIMEMultipart("related"), MIMEImage(b"teal", "png")
    image["Content-ID"] = "<a@hanbit.example>"
    letter.set_payload([letter.get_payload(0), related])
    related.attach(html)
    related.attach(image)
    content = letter.as_bytes(policy=policy.SMTP.clone(max_line_length=0)).replace(old.encode(), new.encode())
    assert found(letters["en"], content).get("parts") is colour


@pytest.mark.parametrize(
    ("pattern", "new", "colour"),
    [(b"$", b"", None), (b", <mailto:[^>]*>", b"", Colour.RED), (b"mailto:", b"", Colour.RED)],
)
def test_the_address_to_leave_by_stands_behind_the_link(
    letters: dict[str, Letter], pattern: bytes, new: bytes, colour: Colour | None
) -> None:
    address = "returns+laaaaaaaaaaaaaaaaaaaaaaaaaa@hanbit.example"
    content = re.sub(pattern, new, wire(letters["ko"], leave=address), count=1)
    ways_out = WaysOut(link=WAY_OUT, address=address)
    faults = form(read("ko", content), subject=letters["ko"].subject, ways_out=ways_out)
    assert {finding.check: finding.colour for finding in faults}.get("way-out") is colour


def test_a_heavy_letter_is_told_and_one_that_hides_the_way_out_is_stopped(letters: dict[str, Letter]) -> None:
    def padded(where: str, size: int) -> Letter:
        return changed(letters["en"], where, f"<!--{'x' * size}-->{where}")

    assert found(padded("</body>", 100_000)) == {"size": Colour.YELLOW}
    assert found(padded("<h1", GMAIL_CUT)) == {"size": Colour.RED}


def test_what_only_the_text_part_links_to_is_a_question(letters: dict[str, Letter]) -> None:
    page = f"{SITE.url}/ko/entries/entry0000002"
    without = tuple(
        piece if isinstance(piece, Slot) else piece.replace(page, "https://x.example") for piece in letters["ko"].html
    )
    assert found(replace(letters["ko"], html=without)) == {"both-parts": Colour.YELLOW}


def test_marks_that_an_archive_wrote_are_only_told() -> None:
    odd = replace(EDITION, entries=(entry(1, face("ko", "{{ 7 * 7 }}", "{% raw %} %(x)s")),))
    letter = compose_letters(odd, mailing_list(), SITE, ["ko"])["ko"]
    assert found(letter, wanted=replace(WANTED, edition=odd)) == {"marks": Colour.YELLOW}


def test_marks_that_an_outlet_or_a_corrected_title_bears_are_the_archives_own() -> None:
    cited = entry(1, face("ko", "우물", "요약", citation=Citation(outlet="{{ 나루 신문 }}")))
    before = replace(told_of(entry(2)), titles={"ko": "{% 옛 제목 %}"})
    corrected = Correction(entry=entry(2), number=9, dated=at(), before=before)
    odd = replace(EDITION, entries=(cited,), corrections=(corrected,))
    letter = compose_letters(odd, mailing_list(), SITE, ["ko"])["ko"]
    assert found(letter, wanted=replace(WANTED, edition=odd)) == {"marks": Colour.YELLOW}


def test_an_address_that_ends_in_a_long_number_is_no_mark() -> None:
    number = "3a1b9c0d" * 4
    cited = entry(
        1,
        citation=Citation(outlet="The Wire", url=f"https://wire.example/article/wells-{number}"),
        attachments=(Attachment(name="wells.pdf", url=f"https://board.example/doc-{number}.pdf"),),
    )
    odd = replace(EDITION, entries=(cited,))
    letter = compose_letters(odd, mailing_list(), SITE, ["ko"])["ko"]
    assert found(letter, wanted=replace(WANTED, edition=odd)) == {}


def test_the_braces_of_a_style_sheet_are_no_marks(letters: dict[str, Letter]) -> None:
    narrow = "@media (max-width:480px){.title{font-size:18px}}"
    assert found(changed(letters["ko"], "</head>", f"<style>{narrow}</style></head>")) == {}


def test_advertising_bears_its_label(letters: dict[str, Letter]) -> None:
    advertising = replace(WANTED, edition=replace(EDITION, classification=Classification.ADVERTISING))
    assert found(letters["ko"], wanted=advertising) == {"class": Colour.RED}
    labelled = replace(letters["ko"], subject=f"(광고) {letters['ko'].subject}")
    assert found(labelled, wanted=advertising) == {}


# ── The edition ──────────────────────────────────────────────────────────────


def told(**changes: Any) -> list[tuple[str, Colour]]:
    return [(finding.check, finding.colour) for finding in edition_words(replace(WANTED, **changes))]


def test_an_empty_key_of_the_sender_is_red_for_advertising_and_yellow_otherwise() -> None:
    assert told(unsaid=["site.sender.phone"]) == [("sender", Colour.YELLOW)]
    advertising = replace(EDITION, classification=Classification.ADVERTISING)
    assert told(unsaid=["site.sender.phone"], edition=advertising) == [("sender", Colour.RED)]


def test_words_of_advertising_in_information_are_a_question() -> None:
    assert told(signs=["할인"]) == [("class", Colour.YELLOW)]


def test_an_edition_without_a_single_version_in_a_language_is_a_question() -> None:
    korean = replace(EDITION, entries=(entry(1),))
    assert told(edition=korean) == [("languages", Colour.YELLOW)]


def test_a_name_is_held_against_the_glossary_where_both_versions_stand() -> None:
    def missing(text: str, version: str, _from: str, _to: str) -> list[str]:
        return ["Choe Ryong-hae"] if "최룡해" in text and "Choe Ryong-hae" not in version else []

    right = entry(1, face("ko", "최룡해 위원장"), face("en", "The chairman", "Choe Ryong-hae said so."))
    wrong = entry(2, face("ko", "최룡해 위원장"), face("en", "Chairman Choi Ryong Hae"))
    alone = entry(3, face("ko", "최룡해 위원장"))
    assert told(edition=replace(EDITION, entries=(right, alone)), names_missing=missing) == []
    both = replace(EDITION, entries=(right, wrong))
    assert told(edition=both, names_missing=missing) == [("glossary", Colour.YELLOW)]


# ── Findings ─────────────────────────────────────────────────────────────────


def test_the_same_of_several_letters_is_told_once_and_the_gravest_counts() -> None:
    yellow = Finding(check="links", colour=Colour.YELLOW, what="Look at the preview.", where="ko")
    red = replace(yellow, colour=Colour.RED, where="en")
    assert [one.where for one in united([yellow, red, replace(yellow, where="en"), yellow])] == ["ko, en", "en"]
    assert worst([]) is Colour.GREEN
    assert worst([yellow, red, yellow]) is Colour.RED


def test_links_are_gathered_once_with_the_letters_they_stand_in(letters: dict[str, Letter]) -> None:
    gathered = links_of(read(key, wire(letters[key])) for key in KEYS)
    assert gathered["https://courier.example/opinion/bridge?id=7&p=1"] == "ko, en, ko+en, en+ko"
    assert gathered[WAY_OUT] == "ko, en, ko+en, en+ko"
    assert all(languages_of(key) for key in gathered.values())
