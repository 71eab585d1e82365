"""Facts and verdicts on a copy. What answers mean is in `test_answers`, how a road stands in `test_standing`."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from publisher.delivery.policy import RetryPolicy, WhenUncertain
from publisher.delivery.retry import (
    Bounce,
    Doubt,
    Fault,
    GiveUp,
    PauseProfile,
    RetryAt,
    Settle,
    Verdict,
    Withhold,
    judge,
    wait_after,
)
from publisher.delivery.transport import Accepted, Dropped, Outcome, Refused, Stage, Unanswered, Unreachable

POLICY = RetryPolicy(first_wait=timedelta(minutes=5), longest=timedelta(hours=6), max_attempts=4)


def verdict(
    outcome: Outcome,
    noon: datetime,
    *,
    attempts: int = 1,
    doubts: int = 0,
    hold: bool = False,
    jitter: float = 0.5,
    policy: RetryPolicy = POLICY,
) -> Verdict:
    return judge(
        outcome,
        attempts=attempts,
        doubts=doubts,
        now=noon,
        policy=policy,
        uncertain=WhenUncertain.HOLD if hold else WhenUncertain.RESEND,
        jitter=jitter,
    )


# ── Refusals ─────────────────────────────────────────────────────────────────

NO_SUCH = Refused(code=550, enhanced="5.1.1", reply="no such user")
GREYLISTED = Refused(code=450, enhanced="4.2.0", reply="greylisted")


@pytest.mark.parametrize(
    ("refused", "bounce"),
    [
        (NO_SUCH, Bounce.HARD),
        (Refused(code=552, enhanced="5.2.2", reply="mailbox full"), Bounce.FULL),
        (Refused(code=550, enhanced="5.2.0", reply="not today"), Bounce.SOFT),
    ],
    ids=str,
)
def test_a_refusal_of_the_recipient_ends_the_copy(refused: Refused, bounce: Bounce, noon: datetime) -> None:
    ended = verdict(refused, noon)
    assert isinstance(ended, GiveUp)
    assert ended.bounce is bounce


@pytest.mark.parametrize(
    ("refused", "fault"),
    [
        (Refused(code=535, enhanced="5.7.8", reply="credentials invalid"), Fault.REFUSED),
        (Refused(code=553, stage=Stage.SENDER, reply="not owned by user"), Fault.REFUSED),
        (Refused(code=550, enhanced="5.4.5", reply="daily sending quota exceeded"), Fault.LIMIT),
        (Refused(code=421, enhanced="4.7.28", reply="unusual rate"), Fault.RATE),
        (Refused(code=421, enhanced="4.3.2", reply="shutting down"), Fault.OUTAGE),
    ],
    ids=str,
)
def test_a_refusal_of_us_pauses_the_road_and_counts_for_nobody(refused: Refused, fault: Fault, noon: datetime) -> None:
    ended = verdict(refused, noon, attempts=POLICY.max_attempts)
    assert isinstance(ended, PauseProfile)
    assert ended.fault is fault


def test_a_refusal_of_what_we_send_waits_and_is_nobodys_bounce(noon: datetime) -> None:
    spam = Refused(code=554, enhanced="5.7.1", stage=Stage.CONTENT, reply="looks like spam")
    ended = verdict(spam, noon)
    assert isinstance(ended, RetryAt)
    assert ended.is_ours
    last = verdict(spam, noon, attempts=POLICY.max_attempts)
    assert isinstance(last, GiveUp)
    assert last.bounce is None


def test_a_refusal_for_now_waits(noon: datetime) -> None:
    ended = verdict(Refused(code=451, enhanced="4.3.0", stage=Stage.CONTENT, reply="local error"), noon)
    assert isinstance(ended, RetryAt)
    assert ended.at == noon + timedelta(minutes=5)


def test_a_full_mailbox_is_given_an_hour_and_in_the_end_called_full(noon: datetime) -> None:
    full = Refused(code=452, enhanced="4.2.2", reply="over quota")
    ended = verdict(full, noon)
    assert isinstance(ended, RetryAt)
    assert ended.at == noon + timedelta(hours=1)
    last = verdict(full, noon, attempts=POLICY.max_attempts)
    assert isinstance(last, GiveUp)
    assert last.bounce is Bounce.FULL


# ── Greylisting ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "attempts", "seconds"),
    [
        ("Greylisted", 1, 66),  # a minute, a little longer, never shorter
        ("Greylisted", 2, 300),
        ("Greylisted", 3, 600),
        ("Greylisted for 120 seconds", 1, 126),
        ("Greylisting in action, please come back in 00:04:59", 1, 313.95),
        ("greylisted, try again in 5 minutes", 1, 315),
        ("greylisted for 1 second", 1, 63),
        ("greylisted for 9999 minutes", 1, 22680),  # nobody is waited for longer than the longest wait
    ],
)
def test_a_greylisting_server_is_asked_again_soon(said: str, attempts: int, seconds: float, noon: datetime) -> None:
    ended = verdict(Refused(code=450, enhanced="4.2.0", reply=said), noon, attempts=attempts)
    assert isinstance(ended, RetryAt)
    assert (ended.at - noon).total_seconds() == pytest.approx(seconds)


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
    ended = verdict(GREYLISTED, noon, attempts=4)
    reason = "no success in 4 attempts: greylisted (450 4.2.0): greylisted"
    assert ended == GiveUp(reason=reason, bounce=Bounce.SOFT)


def test_a_code_that_the_servers_words_begin_with_is_said_once(noon: datetime) -> None:
    ended = verdict(Refused(code=550, enhanced="5.1.1", reply="5.1.1 unknown here"), noon, attempts=1)
    assert isinstance(ended, GiveUp)
    assert ended.reason == "no such mailbox (550 5.1.1): unknown here"


def test_a_copy_is_given_up_when_its_waits_have_used_up_the_time(noon: datetime) -> None:
    patient = replace(POLICY, max_attempts=1000, give_up_after=timedelta(hours=3))
    # 5 + 10 + 20 + 40 + 80 minutes are less than three hours, the 160 after them are not.
    outcomes = [verdict(GREYLISTED, noon, attempts=attempts, policy=patient) for attempts in (5, 6)]
    assert [type(one) for one in outcomes] == [RetryAt, GiveUp]
