"""How a road stands after verdicts."""

from datetime import datetime, timedelta

import pytest

from publisher.delivery.policy import RetryPolicy
from publisher.delivery.retry import Bounce, Doubt, Fault, GiveUp, PauseProfile, RetryAt, Settle, Verdict
from publisher.delivery.standing import Standing, standing_after

POLICY = RetryPolicy(first_wait=timedelta(minutes=5), longest=timedelta(hours=6))
OUTAGE = PauseProfile(reason="down", fault=Fault.OUTAGE)


def after(*verdicts: Verdict, noon: datetime, standing: Standing | None = None) -> Standing:
    standing = standing or Standing()
    for one in verdicts:
        standing = standing_after(standing, one, now=noon, policy=POLICY)
    return standing


def test_copies_that_were_under_way_together_make_one_rest(noon: datetime) -> None:
    standing = after(OUTAGE, OUTAGE, OUTAGE, noon=noon)
    assert (standing.rests, standing.until) == (1, noon + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.OUTAGE, [5, 10, 20, 40, 80, 160, 300, 300, 300]),
        (Fault.RATE, [60, 120, 240, 480, 960, 1920, 3600, 3600]),
        (Fault.LIMIT, [3600, 7200, 14400, 21600, 21600]),
        (Fault.REFUSED, [300, 600, 1200, 2400, 4800, 9600, 19200, 21600, 21600]),
    ],
)
def test_a_road_is_asked_again_soon_and_then_less_often(fault: Fault, expected: list[int], noon: datetime) -> None:
    standing, waits = Standing(), []
    for _ in expected:
        standing = standing_after(standing, PauseProfile(reason="x", fault=fault), now=noon, policy=POLICY)
        assert standing.until is not None
        waits.append((standing.until - noon).total_seconds())
        noon = standing.until
    assert waits == expected


def test_a_rest_that_a_clock_ahead_began_is_over_when_the_clock_is_right_again(noon: datetime) -> None:
    year = timedelta(days=365)
    ahead = after(OUTAGE, noon=noon + year)
    assert ahead.is_resting(noon + year)
    assert not ahead.is_resting(noon)


def test_no_rest_is_longer_than_two_days(noon: datetime) -> None:
    patient = RetryPolicy(first_wait=timedelta(days=3), longest=timedelta(days=30))
    standing = standing_after(Standing(), PauseProfile(reason="x", fault=Fault.REFUSED), now=noon, policy=patient)
    assert standing.is_resting(noon + timedelta(days=1, hours=23))
    assert not standing.is_resting(noon + timedelta(days=2))


def test_three_refusals_of_ours_in_a_row_are_no_accident(noon: datetime) -> None:
    ours = RetryAt(at=noon, reason="policy", is_ours=True)
    assert not after(ours, ours, noon=noon).is_resting(noon)
    assert after(ours, ours, ours, noon=noon).is_resting(noon)
    assert not after(ours, ours, Settle(), ours, noon=noon).is_resting(noon)


def test_a_straggler_does_not_end_a_rest(noon: datetime) -> None:
    ours = RetryAt(at=noon, reason="policy", is_ours=True)
    assert after(OUTAGE, ours, noon=noon).is_resting(noon)


def test_a_server_that_never_answers_is_not_fed_a_whole_edition(noon: datetime) -> None:
    silent = Doubt(reason="timeout", at=None)
    assert after(silent, silent, silent, noon=noon).is_resting(noon)


@pytest.mark.parametrize("verdict", [Settle(), GiveUp(reason="no such mailbox", bounce=Bounce.HARD)], ids=str)
def test_one_answer_about_a_copy_restores_the_road(verdict: Verdict, noon: datetime) -> None:
    standing = after(OUTAGE, noon=noon)
    assert standing.is_doubtful
    assert after(verdict, noon=noon, standing=standing) == Standing()


def test_a_copy_that_was_given_up_for_our_sake_restores_nothing(noon: datetime) -> None:
    standing = after(OUTAGE, noon=noon)
    assert after(GiveUp(reason="policy"), noon=noon, standing=standing) == standing


def test_a_greylisting_reader_does_not_disturb_the_road(noon: datetime) -> None:
    assert after(*[RetryAt(at=noon, reason="greylisted")] * 9, noon=noon) == Standing()
