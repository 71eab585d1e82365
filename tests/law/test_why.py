"""“Why?” answered from what was recorded."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from publisher.address import parse
from publisher.delivery.transport import Refused
from publisher.errors import NotFound
from publisher.flows import occasion
from publisher.flows.deliver import deliver
from publisher.flows.explain import Answer, why_entry, why_list, why_reader
from publisher.flows.release import Released
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import unsubscribe
from publisher.model import Classification, Held
from publisher.store import arrivals, editions
from publisher.store.database import Database
from publisher.store.keys import all_keys
from tests.delivery.post import Road, post_office
from tests.law.people import drafted, reader, released
from tests.samples import HOUSE, WEEKLY, at, enlist, fill, hold, item

KIM = "kim@reader.example"
INFORMATION = Classification.INFORMATION


def local(moment: object) -> str:
    return f"{moment:%H:%M}"


async def asked(db: Database, done: Released, address: str = KIM) -> Answer:
    async with db.read() as tx:
        return await why_reader(tx, done.edition, parse(address), (await all_keys(tx))[0], local)


@pytest.mark.parametrize(
    ("road", "last"),
    [
        (Road(), "The next hop accepted it at 12:05: 250."),
        (
            Road(answer=lambda one: Refused(code=550, reply="5.1.1 unknown")),
            "It was given up at 12:05: no such mailbox (550): 5.1.1 unknown.",
        ),
        (Road(answer=lambda one: Refused(code=450, reply="later")), "It waits, and is due at 12:"),
    ],
)
async def test_what_became_of_a_copy_is_told_with_its_attempts(
    db: Database, tmp_path: Path, road: Road, last: str
) -> None:
    await reader(db, KIM)
    done = await released(db, INFORMATION)
    await deliver(await post_office(db, tmp_path, road))
    answer = await asked(db, done)
    assert answer.said[0] == "They are a recipient, with the letter in ko, queued at 12:03."
    assert answer.said[-1].startswith(last)
    assert answer.facts["copy"]["attempts"] == [] or answer.said[1].startswith("Attempt 1 at 12:05: ")


async def test_a_copy_that_was_withheld_says_why(db: Database, tmp_path: Path) -> None:
    token_id = await enlist(db, KIM)
    done = await released(db, INFORMATION)
    async with db.begin() as tx:
        await unsubscribe(tx, token_id, means="page", now=at(4))
    await deliver(await post_office(db, tmp_path, Road()))
    assert (await asked(db, done)).said[-1] == (
        "It was withheld at 12:05: they had left the list before their copy was to go."
    )


async def test_whoever_was_never_on_the_list_is_told_so(db: Database) -> None:
    done = await released(db, INFORMATION)
    answer = await asked(db, done)
    assert answer.said == ("This address has never been on the list weekly.",)
    assert answer.facts["copy"] is None


async def test_whoever_joined_after_the_release_is_told_so(db: Database) -> None:
    done = await released(db, INFORMATION)
    await enlist(db, KIM, minute=30)
    assert (await asked(db, done)).said == ("They joined at 12:30, after the release at 12:03.",)


async def test_whoever_refused_before_is_told_when_and_how(db: Database) -> None:
    token_id = await enlist(db, KIM)
    async with db.begin() as tx:
        await unsubscribe(tx, token_id, means="one-click", now=at(1))
    answer = await asked(db, await released(db, INFORMATION))
    assert answer.said == (
        "Their subscription had ended at 12:01: unsubscribed.",
        "They refused this list at 12:01, by one-click.",
    )


async def test_whoever_did_not_agree_to_advertising_is_told_so(db: Database) -> None:
    await reader(db, KIM)
    assert (await asked(db, await released(db))).said == (
        "The edition is advertising, and they have not agreed to receive any.",
    )


async def test_whoever_paused_is_told_so(db: Database) -> None:
    await reader(db, KIM)
    async with db.begin() as tx:
        await tx.execute(text("UPDATE subscriptions SET paused_until = '2026-03-02 18:00:00.000000'"))
    assert (await asked(db, await released(db, INFORMATION))).said == ("They have paused the list until 18:00.",)


async def test_nobody_has_a_copy_before_the_release(db: Database) -> None:
    edition = await drafted(db)
    async with db.read() as tx:
        answer = await why_reader(tx, edition, parse(KIM), (await all_keys(tx))[0], local)
    assert answer.said == ("No. 1 is draft and not released: nobody has a copy yet.",)


# ── A list on a day ──────────────────────────────────────────────────────────

MONDAYS = replace(WEEKLY, cadence="0 21 * * mon")  # 12:00 UTC


async def on(db: Database, day: date, cadence: str | None = "0 21 * * mon", minute: float = 60) -> tuple[str, ...]:
    async with db.read() as tx:
        return (await why_list(tx, replace(WEEKLY, cadence=cadence), day, local, now=at(minute))).said


async def test_a_day_on_which_nothing_went_out_has_its_recorded_reason(db: Database) -> None:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(-60))
    await occasion.keep(db, MONDAYS, HOUSE, now=at(1))
    assert await on(db, date(2026, 3, 2)) == (
        "The occurrence of 2026-03-02T21:00 was decided at 12:01: skipped, nothing new.",
    )


async def test_a_day_without_an_occurrence_is_told_as_such(db: Database) -> None:
    assert await on(db, date(2026, 3, 3)) == (
        "The cadence “0 21 * * mon” has no occurrence on 2026-03-03, so nothing was due.",
    )
    assert await on(db, date(2026, 3, 9)) == ("The occurrence of 2026-03-09T21:00 has not come yet.",)
    assert (await on(db, date(2026, 2, 23)))[0].startswith("An occurrence stood in the cadence")
    assert (await on(db, date(2026, 3, 2), None))[0].startswith("weekly has no cadence")


async def test_what_went_out_by_hand_is_told_too(db: Database) -> None:
    await reader(db, KIM)
    await released(db, INFORMATION)
    assert await on(db, date(2026, 3, 2), None) == ("No. 1 was released at 12:03.",)


# ── An entry ─────────────────────────────────────────────────────────────────


async def entry(db: Database, key: int = 1, minute: float = 60) -> tuple[str, ...]:
    async with db.read() as tx:
        public_id = arrivals.public_id_of("director", str(key))
        return (await why_entry(tx, public_id, [WEEKLY], local, now=at(minute))).said


async def test_an_entry_tells_in_which_edition_it_stands(db: Database) -> None:
    await released(db, INFORMATION)
    assert (await entry(db))[-1] == "It stands in weekly No. 1, which is released, released at 12:03."


async def test_an_entry_that_is_kept_out_tells_why_and_how_to_let_it_in(db: Database) -> None:
    await fill(db, item(1))
    await hold(db, 1, Held.FLOOD)
    told = (await entry(db))[-1]
    assert told.startswith("It is kept out of letters, because it came with many others at once;")
    assert "publisher entries admit" in told


async def test_an_entry_that_is_older_than_the_list_is_no_news_to_it(db: Database) -> None:
    await fill(db, item(1), minute=-5)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at())
    assert (await entry(db))[-1] == "It was due before weekly began at 12:00, so it is no news to that list."


async def test_an_entry_that_settles_waits_for_the_next_edition(db: Database) -> None:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(-60))
        one = item(1)
        due_at = at() + timedelta(hours=2)
        await arrivals.add(tx, "director", one, host="letters.example", now=at(), due_at=due_at, held=None)
    assert (await entry(db))[1:] == (
        "It settles until 14:00; no edition takes it before.",
        "It may stand in the next edition of weekly once it has settled.",
    )


async def test_an_entry_that_is_not_there_is_answered_with_where_to_look(db: Database) -> None:
    async with db.read() as tx:
        with pytest.raises(NotFound, match="publisher entries list"):
            await why_entry(tx, "nothing", [WEEKLY], local, now=at())


@pytest.mark.parametrize(("means", "who"), [("import", "A file"), ("operator", "An operator")])
async def test_of_whom_others_brought_in_it_is_not_said_that_they_asked(db: Database, means: str, who: str) -> None:
    done = await released(db, INFORMATION)
    async with db.begin() as tx:
        brought = Application(address=parse(KIM), list="weekly", languages="ko", means=means)
        await sign_up(tx, brought, (await all_keys(tx))[0], now=at())
    assert (await asked(db, done)).said == (
        f"{who} brought them in at 12:00, without proof of a consent, and they have not asked by themselves.",
    )
