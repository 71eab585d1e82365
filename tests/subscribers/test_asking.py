"""What a request may do, how often a page may be used, and links that grow old."""

from datetime import UTC, date, datetime, timedelta

import pytest

from subscribers import proof
from subscribers.asking import Refusal, Standing, lifts, may_be_mailed, no_graver_than, standing
from subscribers.consent import Abroad, ConsentText, missing, version_of
from subscribers.pace import Pace, pace
from subscribers.tokens import Purpose, make, read

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("outcome", "expires_at", "found"),
    [
        (None, NOON + HOUR, Standing.OPEN),
        (None, NOON, Standing.EXPIRED),
        ("confirmed", NOON - HOUR, Standing.CONFIRMED),
        ("expired", NOON - HOUR, Standing.EXPIRED),
        ("void", NOON + HOUR, Standing.VOID),
        ("too many", NOON + HOUR, Standing.VOID),
    ],
)
def test_what_the_link_of_a_request_opens(outcome: str | None, expires_at: datetime, found: Standing) -> None:
    assert standing(outcome=outcome, expires_at=expires_at, now=NOON) is found


@pytest.mark.parametrize(
    ("refused", "reason", "lifted"),
    [
        (NOON - HOUR, None, True),
        (NOON - HOUR, "stopped", True),
        (NOON - HOUR, "erased", True),
        (NOON - HOUR, "complained", False),
        (NOON - HOUR, "bounced", False),
        (NOON - HOUR, "readmitted", True),
        (NOON + HOUR, "readmitted", False),
        (NOON, None, False),
        (NOON + HOUR, "stopped", False),
    ],
)
def test_k2_only_a_newer_request_lifts_and_only_the_persons_own_word(
    refused: datetime, reason: str | None, lifted: bool
) -> None:
    assert lifts(NOON, Refusal(at=refused, reason=reason)) is lifted


def test_whoever_refused_is_asked_once_a_day() -> None:
    assert [may_be_mailed(letters_today=count, since_refusal=None) for count in range(4)] == [True, True, True, False]
    assert [may_be_mailed(letters_today=1, since_refusal=count) for count in range(2)] == [True, False]


def test_a_proof_is_asked_before_nothing_is_taken() -> None:
    found = [pace(from_network=count, in_all=0) for count in (0, 9, 10, 59, 60)]
    assert found == [Pace.FREE, Pace.FREE, Pace.PROOF, Pace.PROOF, Pace.TOO_MANY]
    assert pace(from_network=0, in_all=2000) is Pace.TOO_MANY


def test_who_waits_a_minute_needs_no_answer_and_nobody_has_longer_than_a_quarter_of_an_hour() -> None:
    asked = proof.challenge(KEY, NOON)
    met = [proof.is_met(asked, "", secret=KEY, now=NOON + timedelta(seconds=after)) for after in (0, 59, 60, 900, 901)]
    assert met == [False, False, True, True, False]
    assert not proof.is_met(asked, "", secret=b"another" * 5, now=NOON + HOUR / 20)


@pytest.mark.parametrize(("days", "is_fresh"), [(0, True), (89, True), (97, False), (400, False)])
def test_a_dated_link_grows_old_and_is_still_known(days: int, is_fresh: bool) -> None:
    made = date(2026, 3, 2)
    text = make(Purpose.PREFERENCES, b"t" * 16, key_id=1, secret=KEY, day=made)
    assert len(text) == 47
    token = read(text, Purpose.PREFERENCES, secrets={1: KEY}, today=made + timedelta(days=days))
    assert token is not None
    assert token.is_fresh(made + timedelta(days=days)) is is_fresh
    assert read(text, Purpose.PREFERENCES, secrets={1: KEY}) is None, "nor is it an undated one"


def test_p1_a_text_has_a_version_and_what_is_empty_is_named() -> None:
    whole = ConsentText(purpose="letters", items="address", retention="a year", refusal="you may")
    empty = ConsentText(purpose="letters", items=" ", retention="a year", refusal="you may")
    assert missing({"ko": whole}, Abroad()) == ()
    assert missing({"ko": whole, "en": empty}, Abroad(firm="Letterhouse")) == (
        "items.en",
        "abroad.country",
        "abroad.purpose",
        "abroad.period",
    )
    assert version_of({"ko": whole}) != version_of({"ko": empty})


@pytest.mark.parametrize(
    ("stands", "comes", "is_replaced"),
    [
        ("stopped", "erased", True),
        ("erased", "stopped", True),
        ("stopped", "complained", True),
        ("erased", "bounced", True),
        ("bounced", "complained", True),
        ("bounced", "erased", False),
        ("complained", "stopped", False),
        ("complained", "bounced", False),
        ("complained", "complained", True),
    ],
)
def test_the_graver_reason_stays_and_of_equal_ones_the_latest(stands: str, comes: str, is_replaced: bool) -> None:
    assert (stands in no_graver_than(comes)) is is_replaced
