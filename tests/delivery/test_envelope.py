"""What a copy looks like on the wire."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.delivery.envelope import Stationery, literal_url, message_id, unstructured
from publisher.model import Letter, Slot
from tests.delivery.post import LETTERS
from tests.samples import KST, SITE, WEEKLY, at

UNSUBSCRIBE = "https://letters.hanbit-peace.example/unsubscribe/" + "Ab3_" * 12
ID = message_id(b"k" * 32, "edition:1:1", "hanbit-peace.example")

HANGUL = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
WORDS = st.text(
    st.one_of(HANGUL, st.characters(codec="ascii"), st.sampled_from("  ()[]\"'·—…😀👩‍🔬🇰🇷한국 ")), max_size=120
)


def paper(letter: Letter = LETTERS["ko"], **changes: Any) -> Stationery:
    return replace(Stationery(letter=letter, site=SITE, list=WEEKLY), **changes)


def wire(stationery: Stationery | None = None, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "recipient": "hana@reader.example",
        "message_id": ID,
        "date": at(),
        "values": {Slot.UNSUBSCRIBE: UNSUBSCRIBE},
    }
    return (stationery or paper()).copy(**{**values, **changes})


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def titled(subject: str) -> Stationery:
    return paper(replace(LETTERS["ko"], subject=subject))


def named(name: str) -> Stationery:
    return paper(site=replace(SITE, sender=replace(SITE.sender, name={"ko": name}), name={"ko": name}))


def raw_header(content: bytes, name: str) -> str:
    """A header's value as it stands on the wire, folds and all."""
    found = re.search(rf"(?m)^{name}: (.*(?:\r\n[ \t].*)*)\r$".encode(), content)
    assert found, f"no {name}"
    return found[1].decode("ascii")


# ── Headers ──────────────────────────────────────────────────────────────────


def test_the_headers_of_a_mailing_are_all_there() -> None:
    message = parsed(wire())
    assert message["From"] == "한빛평화연구소 <letters@hanbit-peace.example>"
    assert message["To"] == "hana@reader.example"
    assert message["Subject"] == LETTERS["ko"].subject
    assert message["Message-ID"] == ID
    assert message["Date"].datetime == at()
    assert str(make_header(decode_header(message["List-Id"]))) == "주간 브리핑 <weekly.letters.hanbit-peace.example>"
    assert message["Content-Language"] == "ko"
    assert message["Reply-To"] is None
    assert "X-Mailer" not in message


def test_the_sender_is_named_in_the_readers_first_language() -> None:
    assert parsed(wire(paper(LETTERS["en"])))["From"] == "Hanbit Peace Institute <letters@hanbit-peace.example>"
    both = replace(LETTERS["en"], language_key="en+ko")
    assert parsed(wire(paper(both)))["Content-Language"] == "en, ko"


def test_answers_go_where_the_list_says() -> None:
    listed = replace(WEEKLY, reply_to="editor@hanbit-peace.example")
    assert parsed(wire(paper(list=listed)))["Reply-To"] == "editor@hanbit-peace.example"


def test_one_click_unsubscribing_is_literal_and_unfolded() -> None:
    content = wire()
    assert raw_header(content, "List-Unsubscribe") == f"<{UNSUBSCRIBE}>"
    assert raw_header(content, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"


def test_an_unsubscribe_address_is_made_ascii() -> None:
    assert literal_url("https://한빛.example/가?b=c d") == "https://xn--xx3br43b.example/%EA%B0%80?b=c%20d"
    assert literal_url("https://a.example/b%20c") == "https://a.example/b%20c"


@pytest.mark.parametrize("hostile", ["https://a>.example/", "https://a.example/" + "x" * 1000])
def test_an_address_that_would_end_the_header_early_is_refused(hostile: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a header"):
        literal_url(hostile)


def test_a_test_says_so() -> None:
    assert parsed(wire(paper(is_test=True)))["Subject"] == f"[시험·Test] {LETTERS['ko'].subject}"


@settings(deadline=None)
@given(WORDS)
def test_a_subject_arrives_with_every_blank_in_its_place(subject: str) -> None:
    content = wire(titled(subject))
    expected = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", subject)
    unfolded = re.sub(r"\r\n(?=[ \t])", "", raw_header(content, "Subject") if expected else "")
    assert str(make_header(decode_header(unfolded))) == expected
    assert all(len(word) <= 75 for word in unfolded.split() if word.startswith("=?"))


@pytest.mark.parametrize(
    "hostile",
    [
        "Spring\r\nBcc: all@reader.example",
        "봄\nX-Evil: 1",
        "봄\r\n\r\n<script>",
        "a\u2028b",
        "x" * 5000,
        "=?utf-8?q?a?=",
    ],
)
def test_a_title_can_add_no_header(hostile: str) -> None:
    content = wire(titled(hostile))
    expected = {name.lower() for name in parsed(wire())}
    assert {name.lower() for name in parsed(content)} == expected
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))


@pytest.mark.parametrize("name", ['Kim, "Hana" <x@evil.example>', "한빛\r\nBcc: x@evil.example", "", "a\\", "=?x?="])
def test_a_senders_name_stays_a_name(name: str) -> None:
    message = parsed(wire(named(name)))
    [mailbox] = message["From"].addresses
    assert mailbox.addr_spec == "letters@hanbit-peace.example"
    assert mailbox.display_name == re.sub(r"[\r\n]+", " ", name)
    assert message["Bcc"] is None


def test_a_long_name_is_folded_without_losing_anything() -> None:
    # Not by the standard library's parser: it puts blanks between encoded words (RFC 2047 section 6.2 has none).
    shown = make_header(decode_header(raw_header(wire(named("연구 " * 60)), "From")))
    assert str(shown) == f"{'연구 ' * 60}".strip() + " <letters@hanbit-peace.example>"


@pytest.mark.parametrize("hostile", ["a@b.example\r\nBcc: c@d.example", "a b@c.example", "a\x00@b.example"])
def test_an_address_that_is_none_is_refused(hostile: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a header"):
        wire(recipient=hostile)


def test_an_address_beyond_ascii_is_not_put_into_a_seven_bit_header() -> None:
    assert parsed(wire(recipient="하나@reader.example"))["To"] == "undisclosed-recipients:;"


def test_a_short_plain_subject_is_left_plain() -> None:
    assert unstructured("Subject", "Weekly Briefing No. 12") == "Weekly Briefing No. 12"
    assert unstructured("Subject", "two  blanks").startswith("=?utf-8?")


# ── Bodies ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["ko", "en"])
def test_both_parts_decode_to_the_letter_and_the_text_comes_first(key: str) -> None:
    message = parsed(wire(paper(LETTERS[key])))
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert UNSUBSCRIBE in text.get_content()
    assert f"<a href='{UNSUBSCRIBE}'>" in html.get_content()


def test_korean_goes_as_base64_and_english_as_quoted_printable() -> None:
    def encodings(key: str) -> set[str]:
        return {part["Content-Transfer-Encoding"] for part in parsed(wire(paper(LETTERS[key]))).iter_parts()}

    assert encodings("en") == {"quoted-printable"}
    long = replace(LETTERS["ko"], text=("산새가 먼저 돌아왔다. " * 20,), html=("<p>산새가 먼저 돌아왔다.</p>" * 20,))
    assert {part["Content-Transfer-Encoding"] for part in parsed(wire(paper(long))).iter_parts()} == {"base64"}


@settings(deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_survives_in_either_encoding(text: str, html: str) -> None:
    letter = Letter(language_key="ko", subject="봄", text=(text,), html=(html,))
    content = wire(paper(letter))
    lines = content.split(b"\r\n")
    assert content.isascii()
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in lines)
    for part, expected in zip(parsed(content).iter_parts(), (text, html), strict=True):
        got = part.get_payload(decode=True).decode("utf-8")  # type: ignore[union-attr]  # a leaf has bytes
        assert got.replace("\r\n", "\n").rstrip("\n") == _unix(expected).rstrip("\n")


@pytest.mark.parametrize("body", [".", "..\n.", "a" * 3000, "\t \n trailing  \n", "=3D\n=", "From here\n--=_x\n"])
def test_awkward_lines_survive(body: str) -> None:
    content = wire(paper(Letter(language_key="en", subject="x", text=(body,), html=(body,))))
    for part in parsed(content).iter_parts():
        got = part.get_payload(decode=True).decode("utf-8")  # type: ignore[union-attr]  # a leaf has bytes
        assert got.replace("\r\n", "\n").rstrip("\n") == body.rstrip("\n")


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")


# ── The same copy ────────────────────────────────────────────────────────────


def test_the_same_copy_has_the_same_bytes() -> None:
    assert wire() == wire()
    assert wire(message_id="<other@hanbit-peace.example>") != wire()


def test_a_message_id_is_lasting_and_tells_nothing() -> None:
    assert re.fullmatch(r"<[a-z2-7]{26}@hanbit-peace\.example>", ID)
    assert message_id(b"k" * 32, "edition:1:1", "hanbit-peace.example") == ID
    assert message_id(b"k" * 32, "edition:1:2", "hanbit-peace.example") != ID
    assert message_id(b"x" * 32, "edition:1:1", "hanbit-peace.example") != ID


def test_the_date_keeps_its_offset() -> None:
    assert parsed(wire(date=at().astimezone(KST)))["Date"].datetime.utcoffset() == timedelta(hours=9)
