"""When so many letters will have gone."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.foretell import ends_at
from publisher.delivery.policy import SmtpProfile
from tests.samples import at

FREE = SmtpProfile(host="smtp.hanbit-peace.example")


def after(
    letters: int, *, naver: int = 0, lately: dict[datetime, int] | None = None, **pace: float
) -> timedelta | None:
    profile = SmtpProfile(host="smtp.hanbit-peace.example", **pace)  # type: ignore[arg-type]  # of those keys, the numbers
    ends = ends_at(
        letters, {"naver.com": naver}, profile=profile, limits={"naver.com": 2.0}, lately=lately or {}, now=at()
    )
    return None if ends is None else ends - at()


def test_without_a_pace_nothing_is_foretold() -> None:
    assert after(1000) is None


def test_the_slowest_pace_decides() -> None:
    assert after(1000, per_second=5) == timedelta(seconds=200)
    assert after(1000, per_second=5, naver=600) == timedelta(seconds=300)
    assert after(1000, naver=600) == timedelta(seconds=300)


def test_what_fits_into_a_day_is_not_held_up_by_it() -> None:
    assert after(95, per_day=100) == timedelta(0)  # five are kept for tests, confirmations and notices


def test_what_is_more_than_a_day_goes_on_a_day_later() -> None:
    assert after(96, per_day=100) == timedelta(days=1)
    assert after(95 * 7, per_day=100) == timedelta(days=6)


def test_what_went_lately_leaves_less_and_frees_it_when_it_is_a_day_old() -> None:
    lately = {at(60): 40, at(120): 40}
    assert after(15, per_day=100, lately=lately) == timedelta(0)
    assert after(16, per_day=100, lately=lately) == timedelta(hours=1)
    assert after(96, per_day=100, lately=lately) == timedelta(days=1)


@given(letters=st.integers(0, 5000), per_day=st.integers(20, 500))
def test_so_many_days_as_it_takes(letters: int, per_day: int) -> None:
    of_a_day = per_day - per_day // 20
    days = max(0, -(-letters // of_a_day) - 1)
    assert after(letters, per_day=per_day) == timedelta(days=days)
