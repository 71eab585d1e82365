"""Signatures, read by strangers: dkimpy, and OpenDKIM's library."""

import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.delivery.dkim import Signer, SigningKey
from publisher.delivery.envelope import Stationery, message_id
from publisher.delivery.keyring import make_keys, read_keys
from publisher.delivery.policy import DkimPolicy
from publisher.model import Letter, Slot
from tests.delivery.verifiers import LIBRARY, OpenDkim, by_dkimpy, zone_of
from tests.samples import SITE, WEEKLY, at

LETTERS = int(os.environ.get("PUBLISHER_TEST_SIGNATURES", "100"))  # `make soak` asks for more
DOMAIN = "hanbit-peace.example"

WORDS = (
    *("봄", "비무장지대의", "평화", "(강연)", "—", "“기억”", "漢字", "😀", "Spring", "peace."),
    *("=?utf-8?q?x?=", ".", "..", "\t", "=", "From:", "a:b"),
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[SigningKey, ...]:
    policy, folder = DkimPolicy(selector="p202603"), tmp_path_factory.mktemp("dkim")
    make_keys(policy, folder)
    return read_keys(policy, folder, domain=DOMAIN)


@pytest.fixture(scope="module")
def open_dkim(keys: tuple[SigningKey, ...], tmp_path_factory: pytest.TempPathFactory) -> OpenDkim:
    """Where it is missing the test is skipped, but in CI it fails."""
    if LIBRARY is None:
        reason = "OpenDKIM's library is not installed; on Debian and Ubuntu: apt install opendkim-tools"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return OpenDkim(tmp_path_factory.mktemp("opendkim"), zone_of(keys))


def copy(letter: Letter, *, link: str = "https://letters.hanbit-peace.example/unsubscribe/a", **changes: bool) -> bytes:
    """A finished copy; with `is_notice` of a letter to one person, with `is_test` of a test."""
    mailing_list = None if changes.pop("is_notice", False) else WEEKLY
    return Stationery(letter=letter, site=SITE, list=mailing_list, **changes).copy(
        recipient="hana@reader.example",
        message_id=message_id(b"k" * 32, letter.subject, DOMAIN),
        date=at(),
        values={Slot.UNSUBSCRIBE: link},
    )


def invented(dice: random.Random) -> bytes:
    """A copy of any kind, in any language, with any subject and texts."""

    def text(most: int) -> str:
        return dice.choice([" ", "  ", "\n", ""]).join(dice.choices(WORDS, k=dice.randrange(1, most)))

    ballast = dice.choice(["", "plain " * 900])  # so that it goes quoted-printable
    letter = Letter(
        language_key=dice.choice(["ko", "en", "ko+en", "en+ko"]),
        subject=text(20),
        text=(text(300), Slot.UNSUBSCRIBE, text(30)),
        html=(f"<p>{text(300)}</p><a href='", Slot.UNSUBSCRIBE, f"'>{text(9)}</a>{ballast}"),
    )
    return copy(letter, **{dice.choice(["is_notice", "is_test"]): dice.random() < 0.5})


def altered(content: bytes, dice: random.Random) -> bytes:
    """The same copy with one letter or digit changed that a signature covers."""
    places = [found.start() for found in re.finditer(rb"[A-Za-z0-9](?=[A-Za-z0-9]*\r\n)", content)]
    signed_from = content.index(b"MIME-Version")
    place = dice.choice([one for one in places if one >= signed_from and not _is_free(content, one)])
    other = b"x" if content[place : place + 1] != b"x" else b"y"
    return content[:place] + other + content[place + 1 :]


def _is_free(content: bytes, place: int) -> bool:
    """Stands in a header that no signature covers: it says nothing that could mislead."""
    line = content[content.rindex(b"\r\n", 0, place) + 2 : place]
    return line.startswith((b"Content-Language", b"Auto-Submitted"))


def test_letters_of_every_kind_verify_with_two_strangers_and_no_altered_one_does(
    keys: tuple[SigningKey, ...], open_dkim: OpenDkim
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice, signer, zone = random.Random(seed), Signer(keys=keys), zone_of(keys)
    for _ in range(LETTERS):
        signed = signer.signed(invented(dice))
        assert by_dkimpy(signed, zone) == open_dkim.verify(signed) == [True, True], signed.decode()
        forged = altered(signed, dice)
        assert by_dkimpy(forged, zone) == open_dkim.verify(forged) == [False, False], forged.decode()


@settings(max_examples=40)
@given(text=st.text(max_size=300), link=st.text(max_size=40), subject=st.text(max_size=80))
def test_whatever_stands_in_a_letter_its_body_is_signed_as_it_goes_out(
    keys: tuple[SigningKey, ...], text: str, link: str, subject: str
) -> None:
    letter = Letter(language_key="ko", subject=subject, html=(text, Slot.UNSUBSCRIBE), text=(text, Slot.UNSUBSCRIBE))
    # A letter to one person has no header with the link, which may be any text then.
    signed = Signer(keys=keys[1:]).signed(copy(letter, link=link, is_notice=True))
    assert by_dkimpy(signed, zone_of(keys)) == [True]


@pytest.mark.parametrize(
    "header",
    [
        *("From: <a@evil.example>", "Subject: 축하합니다", "To: <b@evil.example>", "Reply-To: <a@evil.example>"),
        *("Date: Mon, 02 Mar 2026 13:00:00 +0000", "List-Unsubscribe: <https://evil.example/>", "Cc: <c@evil.example>"),
        'Content-Type: text/html; boundary="x"',
    ],
)
def test_nobody_can_add_a_header_that_readers_go_by(keys: tuple[SigningKey, ...], header: str) -> None:
    signed = Signer(keys=keys).signed(invented(random.Random(1)))
    assert by_dkimpy(signed, zone_of(keys)) == [True, True]
    assert by_dkimpy(header.encode() + b"\r\n" + signed, zone_of(keys)) == [False, False]


def test_headers_may_be_folded_anew_and_blanks_be_lost_on_the_way(keys: tuple[SigningKey, ...]) -> None:
    signed = Signer(keys=keys).signed(invented(random.Random(2)))
    refolded = signed.replace(b"alternative; ", b"alternative;\r\n\t  ").replace(b"From: ", b"FROM:   ", 1)
    assert refolded != signed
    assert by_dkimpy(refolded, zone_of(keys)) == [True, True]


def test_one_click_unsubscribing_is_covered(keys: tuple[SigningKey, ...]) -> None:
    letter = Letter(language_key="en", subject="Spring", html=("<p>x</p>",), text=("x",))
    head = Signer(keys=keys).signed(copy(letter)).split(b"MIME-Version")[0].replace(b"\r\n\t", b"").decode()
    for names in re.findall(r"\bh=([^;]+);", head):
        covered = names.split(":")
        assert covered.count("from") == covered.count("subject") == covered.count("list-unsubscribe") == 2
        assert covered.count("list-unsubscribe-post") == 2


def test_the_same_copy_has_the_same_signatures_and_no_line_is_long_or_begins_with_a_dot(
    keys: tuple[SigningKey, ...],
) -> None:
    content, signer = invented(random.Random(3)), Signer(keys=keys)
    assert signer.signed(content) == signer.signed(content)
    assert signer.signed(content).endswith(content)
    added = signer.signed(content).removesuffix(content).split(b"\r\n")
    assert max(map(len, added)) <= 78
    assert not any(line.startswith(b".") for line in added)


def test_a_key_of_ones_own_signs_alone(tmp_path: Path) -> None:
    made = DkimPolicy(selector="old")
    make_keys(made, tmp_path)
    own = DkimPolicy(selector="mail", domain="peace.example", key_file=tmp_path / "old-rsa.pem")
    [key] = read_keys(own, tmp_path / "elsewhere", domain=DOMAIN)
    signed = Signer(keys=[key]).signed(invented(random.Random(4)))
    assert by_dkimpy(signed, zone_of([key])) == [True]
    assert list(zone_of([key])) == ["mail._domainkey.peace.example"]
