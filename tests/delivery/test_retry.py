"""Facts and verdicts."""

from datetime import datetime, timedelta

import pytest

from publisher.delivery.policy import RetryPolicy, WhenUncertain
from publisher.delivery.retry import (
    Doubt,
    GiveUp,
    PauseProfile,
    RetryAt,
    Settle,
    Standing,
    Verdict,
    Withhold,
    judge,
    standing_after,
    wait_after,
)
from publisher.delivery.transport import Accepted, Dropped, Outcome, Refused, Stage, Unanswered, Unreachable

POLICY = RetryPolicy(first_wait=timedelta(minutes=5), longest=timedelta(hours=6), max_attempts=4)


def verdict(
    outcome: Outcome, noon: datetime, *, attempts: int = 1, doubts: int = 0, hold: bool = False, jitter: float = 0.5
) -> Verdict:
    return judge(
        outcome,
        attempts=attempts,
        doubts=doubts,
        now=noon,
        policy=POLICY,
        uncertain=WhenUncertain.HOLD if hold else WhenUncertain.RESEND,
        jitter=jitter,
    )


# ── Refusals: whose fault ────────────────────────────────────────────────────

ABOUT_THE_RECIPIENT = [
    Refused(code=550, enhanced="5.1.1", reply="no such user"),
    Refused(code=550, reply="mailbox unavailable"),
    Refused(code=550, enhanced="5.5.0", reply="Requested action not taken: mailbox unavailable"),
    Refused(code=552, enhanced="5.2.2", reply="mailbox full"),
    Refused(code=553, enhanced="5.1.3", reply="bad address"),
    Refused(code=501, enhanced="5.1.3", reply="bad address"),
    Refused(code=550, enhanced="5.4.1", reply="recipient address rejected"),
    Refused(code=550, enhanced="5.1.1", stage=Stage.CONTENT, reply="user unknown"),
    Refused(code=550, stage=Stage.CONTENT, reply="no such user here"),
]

STOPS_EVERYTHING = [
    Refused(code=530, enhanced="5.7.0", stage=Stage.SENDER, reply="authentication required"),
    Refused(code=530, reply="must issue STARTTLS first"),
    Refused(code=535, enhanced="5.7.8", reply="credentials invalid"),
    Refused(code=550, enhanced="5.4.5", reply="daily sending quota exceeded"),
    Refused(code=550, enhanced="5.4.5", stage=Stage.CONTENT, reply="daily sending quota exceeded"),
    Refused(code=553, stage=Stage.SENDER, reply="sender address rejected: not owned by user"),
    Refused(code=550, enhanced="5.1.8", reply="sender domain does not exist"),
    Refused(code=550, enhanced="5.7.60", stage=Stage.CONTENT, reply="client does not have permissions to send as"),
    Refused(code=550, reply="relay not permitted"),
    Refused(code=554, enhanced="5.7.1", reply="Relay access denied"),
]

ABOUT_US = [
    Refused(code=550, enhanced="5.7.1", reply="blocked by policy"),
    Refused(code=554, reply="no thanks"),
    Refused(code=503, enhanced="5.5.1", stage=Stage.CONTENT, reply="bad sequence"),
    Refused(code=554, stage=Stage.CONTENT, reply="transaction failed"),
    Refused(code=552, enhanced="5.3.4", stage=Stage.CONTENT, reply="message too big"),
    Refused(code=554, enhanced="5.6.0", stage=Stage.CONTENT, reply="invalid Subject header"),
    Refused(code=554, enhanced="5.7.1", stage=Stage.CONTENT, reply="looks like spam"),
    Refused(code=451, enhanced="4.7.0", stage=Stage.SENDER, reply="slow down"),
]

FOR_NOW = [
    Refused(code=450, enhanced="4.2.0", reply="greylisted"),
    Refused(code=452, enhanced="4.2.2", reply="mailbox full"),
    Refused(code=451, stage=Stage.CONTENT, reply="local error"),
]


@pytest.mark.parametrize("refused", ABOUT_THE_RECIPIENT, ids=str)
def test_a_refusal_of_the_recipient_ends_the_copy(refused: Refused, noon: datetime) -> None:
    assert isinstance(verdict(refused, noon), GiveUp)


@pytest.mark.parametrize("refused", STOPS_EVERYTHING, ids=str)
def test_a_refusal_of_us_pauses_the_road_and_counts_for_nobody(refused: Refused, noon: datetime) -> None:
    ended = verdict(refused, noon, attempts=POLICY.max_attempts)
    assert isinstance(ended, PauseProfile)
    assert not ended.is_outage


@pytest.mark.parametrize("refused", ABOUT_US, ids=str)
def test_a_refusal_of_what_we_send_waits(refused: Refused, noon: datetime) -> None:
    ended = verdict(refused, noon)
    assert isinstance(ended, RetryAt)
    assert ended.is_ours


@pytest.mark.parametrize("refused", FOR_NOW, ids=str)
def test_a_refusal_for_now_waits(refused: Refused, noon: datetime) -> None:
    ended = verdict(refused, noon)
    assert isinstance(ended, RetryAt)
    assert ended.at == noon + timedelta(minutes=5)


def test_a_closing_server_is_an_outage(noon: datetime) -> None:
    ended = verdict(Refused(code=421, enhanced="4.3.2", stage=Stage.SENDER), noon)
    assert isinstance(ended, PauseProfile)
    assert ended.is_outage


# ── Other answers ────────────────────────────────────────────────────────────


def test_what_was_accepted_is_settled_and_what_was_dropped_is_withheld(noon: datetime) -> None:
    assert verdict(Accepted(), noon) == Settle()
    assert verdict(Dropped(reason="unsubscribed"), noon) == Withhold(reason="unsubscribed")


def test_an_outage_uses_up_nobodys_attempts(noon: datetime) -> None:
    assert isinstance(verdict(Unreachable(reason="down"), noon, attempts=999), PauseProfile)


def test_a_server_that_hangs_up_on_a_copy_is_asked_again_within_the_budget(noon: datetime) -> None:
    lost = Unreachable(reason="the server hung up", connected=True)
    assert isinstance(verdict(lost, noon, attempts=3), RetryAt)
    assert isinstance(verdict(lost, noon, attempts=4), GiveUp)


def test_a_copy_without_an_answer_goes_once_more(noon: datetime) -> None:
    lost = Unanswered(reason="timeout")
    assert verdict(lost, noon) == Doubt(reason="timeout", at=noon + timedelta(minutes=5))
    assert verdict(lost, noon, doubts=1) == Doubt(reason="timeout", at=None)


def test_with_hold_a_copy_without_an_answer_is_left_to_the_operator(noon: datetime) -> None:
    assert verdict(Unanswered(reason="timeout"), noon, hold=True) == Doubt(reason="timeout", at=None)


# ── How long ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 5), (2, 10), (3, 20), (7, 320), (8, 360), (50, 360), (5000, 360)]
)
def test_each_wait_is_twice_the_one_before_up_to_the_longest(attempts: int, minutes: int) -> None:
    assert wait_after(attempts, POLICY, 0.5) == timedelta(minutes=minutes)


def test_jitter_moves_a_wait_by_a_tenth_at_most() -> None:
    waits = [wait_after(1, POLICY, jitter) for jitter in (0.0, 0.999)]
    assert waits[0] == timedelta(minutes=4.5)
    assert timedelta(minutes=5.4) < waits[1] < timedelta(minutes=5.5)


def test_the_last_attempt_ends_it_and_says_why(noon: datetime) -> None:
    ended = verdict(Refused(code=450, enhanced="4.2.0", reply="greylisted"), noon, attempts=4)
    assert ended == GiveUp(reason="no success in 4 attempts: refused for now (450 4.2.0): greylisted")


# ── The road ─────────────────────────────────────────────────────────────────

OUTAGE = PauseProfile(reason="down", is_outage=True)
SIGN_IN = PauseProfile(reason="sign-in", is_outage=False)


def after(*verdicts: Verdict, noon: datetime, standing: Standing | None = None) -> Standing:
    standing = standing or Standing()
    for one in verdicts:
        standing = standing_after(standing, one, now=noon, policy=POLICY)
    return standing


def test_copies_that_were_under_way_together_make_one_rest(noon: datetime) -> None:
    standing = after(OUTAGE, OUTAGE, OUTAGE, noon=noon)
    assert (standing.rests, standing.until) == (1, noon + timedelta(seconds=5))


def test_an_outage_is_asked_after_soon_and_then_less_often(noon: datetime) -> None:
    standing, waits = Standing(), []
    for _ in range(9):
        standing = standing_after(standing, OUTAGE, now=noon, policy=POLICY)
        assert standing.until is not None
        waits.append((standing.until - noon).total_seconds())
        noon = standing.until
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_a_wrong_password_rests_longer(noon: datetime) -> None:
    assert after(SIGN_IN, noon=noon).until == noon + timedelta(minutes=5)


def test_three_refusals_of_ours_in_a_row_are_no_accident(noon: datetime) -> None:
    ours = RetryAt(at=noon, reason="policy", is_ours=True)
    assert not after(ours, ours, noon=noon).is_resting(noon)
    assert after(ours, ours, ours, noon=noon).is_resting(noon)
    assert not after(ours, ours, Settle(), ours, noon=noon).is_resting(noon)


def test_a_server_that_never_answers_is_not_fed_a_whole_edition(noon: datetime) -> None:
    silent = Doubt(reason="timeout", at=None)
    assert after(silent, silent, silent, noon=noon).is_resting(noon)


def test_one_accepted_copy_restores_the_road(noon: datetime) -> None:
    standing = after(OUTAGE, noon=noon)
    assert standing.is_doubtful
    assert after(Settle(), noon=noon, standing=standing) == Standing()


def test_a_greylisting_reader_does_not_disturb_the_road(noon: datetime) -> None:
    assert after(*[RetryAt(at=noon, reason="greylisted")] * 9, noon=noon) == Standing()
