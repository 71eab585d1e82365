"""When an address counts as dead, and when an edition does harm."""

from datetime import datetime, timedelta

import pytest

from subscribers.bounces import Bounce, BouncePolicy, Step, Weight, judge, judge_rate

POLICY = BouncePolicy(soft=3, window=timedelta(days=30))


def soft(noon: datetime, *days_ago: float) -> list[Bounce]:
    return [Bounce(at=noon - timedelta(days=days), weight=Weight.SOFT) for days in days_ago]


def test_one_hard_bounce_is_enough_however_old(noon: datetime) -> None:
    dead = judge([Bounce(at=noon - timedelta(days=400), weight=Weight.HARD)], noon, POLICY)
    assert dead is not None
    assert dead.reason == "a hard bounce"


@pytest.mark.parametrize(
    ("days_ago", "is_dead"),
    [
        ((), False),
        ((1, 2), False),
        ((1, 2, 3), True),
        ((0.1, 1.1, 29.9), True),
        ((1, 1.01, 1.02, 2), False),  # three on one day
    ],
)
def test_soft_bounces_end_an_address_on_so_many_days(
    noon: datetime, days_ago: tuple[float, ...], is_dead: bool
) -> None:
    assert (judge(soft(noon, *days_ago), noon, POLICY) is not None) is is_dead


def test_soft_bounces_outside_the_window_are_forgotten(noon: datetime) -> None:
    assert judge(soft(noon, 1, 2, 31), noon, POLICY) is None


def test_what_is_refused_because_of_us_counts_for_nobody(noon: datetime) -> None:
    blocked = [Bounce(at=noon - timedelta(days=day), weight=Weight.BLOCKED) for day in range(20)]
    assert judge(blocked, noon, POLICY) is None


@pytest.mark.parametrize(
    ("count", "out", "step"),
    [
        (0, 1000, None),
        (2, 10, None),  # too few to say anything
        (3, 0, None),
        (3, 10_000, None),
        (10, 10_000, Step.ALARM),  # 0.1 %
        (29, 10_000, Step.ALARM),
        (30, 10_000, Step.PAUSE),  # 0.3 %
        (3, 100, Step.PAUSE),
    ],
)
def test_a_rate_alarms_at_one_and_pauses_at_three_in_a_thousand(count: int, out: int, step: Step | None) -> None:
    assert judge_rate(count, out, alarm=0.001, pause=0.003, at_least=3) is step
