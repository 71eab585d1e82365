"""Who may be put on a list by an operator or a file: the rule as a table."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from subscribers.lifecycle import Admit, Kept, Refuse, Unchanged, admission
from subscribers.model import EndedWhy, Subscription, SubscriptionStatus

PENDING, ACTIVE, EXPIRED, ENDED = SubscriptionStatus


def having(status: SubscriptionStatus | None, languages: str = "ko") -> Subscription | None:
    if status is None:
        return None
    return Subscription(
        id=1,
        subscriber_id=1,
        list="weekly",
        languages=languages,
        status=status,
        token_id=b"t" * 16,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("status", "has_consent", "verdict"),
    [
        (None, True, Admit(status=ACTIVE)),
        (None, False, Admit(status=PENDING)),
        (PENDING, True, Admit(status=ACTIVE)),
        (PENDING, False, Unchanged(status=PENDING)),
        (ACTIVE, True, Unchanged(status=ACTIVE)),
        (ACTIVE, False, Unchanged(status=ACTIVE)),
        (EXPIRED, True, Admit(status=ACTIVE)),
        (EXPIRED, False, Admit(status=PENDING)),
        (ENDED, True, Admit(status=ACTIVE)),
        (ENDED, False, Admit(status=PENDING)),
    ],
)
def test_without_a_refusal(status: SubscriptionStatus | None, has_consent: bool, verdict: Admit | Unchanged) -> None:
    assert admission(has_consent=has_consent, current=having(status), languages="ko", refused=None) == verdict


@pytest.mark.parametrize("status", [None, *SubscriptionStatus])
@pytest.mark.parametrize("has_consent", [True, False])
@pytest.mark.parametrize(
    ("refused", "why"),
    [
        ("unsubscribed", "has unsubscribed"),
        ("moved", "at another address"),
        ("stopped", "not to be written to at all"),
        ("erased", "has been erased"),
        ("bounced", "came back (bounced)"),
        ("complained", "as spam"),
        ("readmitted", "may ask anew"),
    ],
)
def test_a_refusal_stands_above_everything_and_is_told_as_what_it_is(
    status: SubscriptionStatus | None, has_consent: bool, refused: str, why: str
) -> None:
    verdict = admission(has_consent=has_consent, current=having(status), languages="ko", refused=refused)
    assert isinstance(verdict, Refuse)
    assert why in verdict.reason


def test_other_languages_are_not_forced_on_a_reader() -> None:
    verdict = admission(has_consent=True, current=having(ACTIVE, "en"), languages="ko", refused=None)
    assert verdict == Kept(languages="en")


@pytest.mark.parametrize("has_consent", [True, False])
def test_a_list_that_was_exchanged_for_another_is_not_forced_on_a_reader(has_consent: bool) -> None:
    exchanged = replace(having(ENDED), ended_why=EndedWhy.REPLACED)  # type: ignore[type-var]
    verdict = admission(has_consent=has_consent, current=exchanged, languages="ko", refused=None)
    assert isinstance(verdict, Refuse)
