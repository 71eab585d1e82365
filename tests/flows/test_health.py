"""How it stands with an archive: facts and verdicts."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import publisher
from publisher.archive import cures
from publisher.archive.gnuboard import mysql
from publisher.flows.health import State, judge
from publisher.store.archives import ArchiveState
from tests.samples import DIRECTOR, at

JUST_NOW = at(-5)
FAILING: dict[str, Any] = {"failing_since": at(-30), "failures": 2, "reason": "unreachable", "detail": "no answer"}


def archive(read_at: datetime | None = JUST_NOW, **facts: Any) -> ArchiveState:
    nothing: dict[str, Any] = dict.fromkeys(("failing_since", "reason", "detail", "doubt", "doubt_since", "alarm"))
    lists: dict[str, Any] = {"cursor": {}, "remarks": [], "skipped": [], "failures": 0, "believed": False}
    reads = {"first_read_at": read_at, "read_at": read_at, "succeeded_at": read_at}
    return ArchiveState(**{"name": "director", **nothing, **lists, **reads, **facts})


@pytest.mark.parametrize(
    ("facts", "state", "is_trouble"),
    [
        ({}, State.OK, False),
        ({"read_at": None}, State.NOT_READ, False),
        ({"read_at": at(-60)}, State.OK, False),
        ({"read_at": at(-61)}, State.LATE, True),
        (FAILING, State.FAILING, False),
        (FAILING | {"failures": 3}, State.FAILING, True),
        (FAILING | {"read_at": None, "failures": 3}, State.FAILING, True),
        (FAILING | {"reason": "table missing"}, State.SUSPICIOUS, False),
        (FAILING | {"reason": "database down"}, State.SUSPICIOUS, False),
        (FAILING | {"reason": "board missing", "failures": 3}, State.SUSPICIOUS, True),
        (FAILING | {"reason": "suspicious", "failures": 1}, State.SUSPICIOUS, True),
        (FAILING | {"reason": "board missing", "read_at": None}, State.FAILING, False),
        ({"doubt": "half of it is gone", "doubt_since": at(-20)}, State.SUSPICIOUS, True),
    ],
)
def test_an_archive_is_what_its_reads_say(facts: dict[str, Any], state: State, is_trouble: bool) -> None:
    health = judge(archive(**facts), DIRECTOR, at())
    assert health.state is state
    assert (health.trouble is not None) == is_trouble
    assert bool(health.cure) == (state not in {State.OK, State.NOT_READ})


def test_how_late_is_late_goes_with_how_often_it_is_read() -> None:
    seldom = replace(DIRECTOR, every=timedelta(days=1))
    assert judge(archive(at(-60 * 24 * 4)), seldom, at()).state is State.OK
    assert judge(archive(at(-60 * 24 * 4 - 1)), seldom, at()).state is State.LATE


def test_one_trouble_stays_one_whatever_the_archive_answers_meanwhile() -> None:
    reasons = ("unreachable", "timeout", "board missing")
    troubles = {judge(archive(**FAILING | {"failures": 9, "reason": why}), DIRECTOR, at()).trouble for why in reasons}
    assert len(troubles) == 1


def test_an_unknown_reason_has_a_cure_too() -> None:
    assert cures.cure_of("the moon") == cures.cure_of(None) == cures.GENERAL


def test_every_reason_that_a_read_may_give_has_a_cure_of_its_own() -> None:
    raised = re.compile(r'(?:SourceError|FetchError)\(\s*"([a-z -]+)"')
    code = Path(publisher.__file__).parent.rglob("*.py")
    reasons = {reason for path in code for reason in raised.findall(path.read_text(encoding="utf-8"))}
    reasons |= set(mysql.REASONS.values())
    assert {"suspicious", "closed", "timeout"} <= reasons
    assert reasons - set(cures.CURES) == {"unknown kind", "not configured"}, "the configuration tells these itself"
