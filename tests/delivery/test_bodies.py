"""A body joined from what was encoded before, beside the same body encoded at once."""

import base64
import quopri
import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.delivery.bodies import Body
from publisher.delivery.envelope import Stationery
from publisher.model import Letter, Run, Slot, fill
from tests.samples import SITE, WEEKLY, at

LINK = "https://letters.hanbit-peace.example/unsubscribe/" + "Ab3_" * 12

BALLAST = {"quoted-printable": "plain words " * 400, "base64": "산새가 먼저 돌아왔다 " * 30}
"""Enough text at the head to decide the encoding, whatever follows."""

AWKWARD = st.sampled_from(
    [".", "..", "\r\n", "\n", "\r", " ", "  ", "\t", "=", "=\r\n.", "--=_letter", "From ", "가", "😀"]
)
TEXTS = st.lists(st.one_of(AWKWARD, st.text(max_size=90)), max_size=6).map("".join)
RUNS = st.lists(st.one_of(TEXTS, st.just(Slot.UNSUBSCRIBE)), max_size=7).map(tuple)


def joined(run: Run, value: str) -> tuple[str, bytes]:
    body = Body.of(run)
    return body.encoding, b"".join(body.filled({Slot.UNSUBSCRIBE: value}))


def decoded(encoding: str, body: bytes) -> str:
    return (quopri.decodestring(body) if encoding == "quoted-printable" else _base64(body)).decode("utf-8")


def _base64(body: bytes) -> bytes:
    return base64.b64decode(body.replace(b"\r\n", b""), validate=True)


def same(text: str) -> str:
    """A text with its line ends alike; how many stand at its very end does not matter."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


@pytest.mark.parametrize("encoding", list(BALLAST))
@settings(deadline=None)
@given(run=RUNS, value=TEXTS)
def test_any_value_between_any_texts_arrives(encoding: str, run: Run, value: str) -> None:
    run = (BALLAST[encoding], *run)
    used, body = joined(run, value)
    assert used == encoding
    assert same(decoded(used, body)) == same(fill(run, {Slot.UNSUBSCRIBE: value}))


@pytest.mark.parametrize("encoding", list(BALLAST))
@settings(deadline=None)
@given(run=RUNS, value=TEXTS)
def test_lines_are_short_and_harmless(encoding: str, run: Run, value: str) -> None:
    _, body = joined((BALLAST[encoding], *run), value)
    assert body.endswith(b"\r\n")
    for line in body.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith(b".")
        assert re.fullmatch(rb"[ -~]*", line)


@pytest.mark.parametrize("encoding", list(BALLAST))
@settings(deadline=None)
@given(run=RUNS, value=TEXTS)
def test_a_body_is_its_own_relaxed_form(encoding: str, run: Run, value: str) -> None:
    _, body = joined((BALLAST[encoding], *run), value)
    relaxed = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]  # RFC 6376 section 3.4.4
    assert b"\r\n".join(relaxed) == body


@settings(deadline=None)
@given(text=RUNS, html=RUNS, value=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=200))
def test_a_copy_reads_as_the_standard_library_would_have_written_it(text: Run, html: Run, value: str) -> None:
    values = {Slot.UNSUBSCRIBE: LINK + re.sub(r"[<>#\[\]]", "", value)}
    letter = Letter(language_key="ko", subject="봄", text=text, html=html)
    ours = Stationery(letter=letter, site=SITE, list=WEEKLY).copy(
        recipient="hana@reader.example", message_id="<1@hanbit-peace.example>", date=at(), values=values
    )
    theirs = EmailMessage(policy=policy.SMTP)
    theirs.set_content(fill(text, values))
    theirs.add_alternative(fill(html, values), subtype="html")
    assert [_read(ours, kind) for kind in ("plain", "html")] == [
        _read(theirs.as_bytes(), kind) for kind in ("plain", "html")
    ]
    assert not any(line.startswith(b".") for line in ours.split(b"\r\n"))


def _read(content: bytes, kind: str) -> str:
    part = message_from_bytes(content, policy=policy.default).get_body(preferencelist=(kind,))
    assert part is not None
    return same(part.get_content())


@pytest.mark.parametrize("length", range(12))
@pytest.mark.parametrize("encoding", list(BALLAST))
def test_two_values_with_next_to_nothing_between(encoding: str, length: int) -> None:
    for between in ("", ".", "\n", "가", "ab", " \n"):
        run = (BALLAST[encoding], Slot.UNSUBSCRIBE, between, Slot.UNSUBSCRIBE)
        used, body = joined(run, "x" * length)
        assert same(decoded(used, body)) == same(fill(run, {Slot.UNSUBSCRIBE: "x" * length}))


def test_a_value_that_ends_half_a_line_end_makes_one_line_end_with_the_text() -> None:
    _, body = joined((BALLAST["base64"], Slot.UNSUBSCRIBE, "\nmore"), "half\r")
    assert decoded("base64", body).endswith("half\r\nmore\r\n")
