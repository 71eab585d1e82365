"""What readers wish of entries that are not in their language: which letters are set for it, and who gets which."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from publisher.address import parse
from publisher.digest.render import content_hash
from publisher.flows.compose import compose
from publisher.flows.evidence import data_of
from publisher.flows.explain import why_reader
from publisher.flows.release import current_letter, letters_for, release
from publisher.model import Account, Edition, Letter, LetterKey, Missing, Slot, SourceItem, fill
from publisher.store import editions, outbox
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import subscribers, subscriptions
from tests.samples import HOUSE, WEEKLY, at, enlist, item
from tests.samples import fill as put

KOREAN, ENGLISH = item(1), item(2, language="en")
TITLE, SUMMARY = "Spring in the Demilitarized Zone 2", "The birds came back first."
USUAL = {"ko", "en", "ko+en", "en+ko"}
KIM, LEE = "kim@mail.example", "lee@mail.example"


async def wish(
    db: Database, address: str, missing: Missing | None, languages: str = "ko", *, minute: float = 0
) -> None:
    """Put a reader on the list who has this wish."""
    token_id = await enlist(db, address, languages, minute=minute)
    async with db.begin() as tx:
        await tx.execute(update(subscriptions).where(subscriptions.c.token_id == token_id).values(missing=missing))


async def let_go(db: Database, *items: SourceItem, usual: Missing = Missing.SHOW) -> Edition:
    mailing_list = replace(WEEKLY, missing=usual)
    await put(db, *items, minute=1)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        edition = (await compose(tx, mailing_list, by="kim", now=at(2))).edition
        assert edition is not None
        await editions.approve(tx, edition.id, by="kim", now=at(2))
        done = await release(tx, edition, mailing_list, HOUSE, by="kim", now=at(3), grace=timedelta(0))
    return done.edition


async def frozen(db: Database, edition: Edition) -> Mapping[LetterKey, Letter]:
    async with db.read() as tx:
        keys = await editions.frozen_keys(tx, edition.id)
        return {key: await current_letter(tx, edition, WEEKLY, HOUSE, key) for key in keys}


async def copies(db: Database, edition: Edition) -> Mapping[str | None, tuple[LetterKey, str, str | None]]:
    async with db.read() as tx:
        found = await outbox.copies(tx, edition.id)
    return {one.address: (one.language_key, one.status.value, one.reason) for one in found}


async def said_to(db: Database, edition: Edition, address: str) -> str:
    """The text part of the letter that they are to get."""
    key, status, _ = (await copies(db, edition))[address]
    assert status == "waiting"
    return fill((await frozen(db, edition))[key].text, dict.fromkeys(Slot, "https://link.example"))


async def send_missing(db: Database, edition: Edition) -> int:
    async with db.begin() as tx:
        return await outbox.enqueue_missing(tx, edition.id, "weekly", now=at(9))


async def why(db: Database, edition: Edition, address: str) -> Sequence[str]:
    async with db.read() as tx:
        first_key = (await all_keys(tx))[0]
        return (await why_reader(tx, edition, parse(address), first_key, str)).said


# ── The wish and the list's setting ──────────────────────────────────────────


@pytest.mark.parametrize("usual", Missing)
@pytest.mark.parametrize("wished", [None, *Missing])
async def test_a_readers_wish_stands_above_the_lists_setting(
    db: Database, usual: Missing, wished: Missing | None
) -> None:
    await wish(db, KIM, wished)
    edition = await let_go(db, KOREAN, ENGLISH, usual=usual)
    text = await said_to(db, edition, KIM)
    effect = wished or usual
    assert "비무장지대의 봄 1" in text
    assert (TITLE in text, SUMMARY in text) == (effect is not Missing.OMIT, effect is Missing.SHOW)


@pytest.mark.parametrize("usual", Missing)
@pytest.mark.parametrize("wished", [None, *Missing])
async def test_only_a_letter_that_somebody_wishes_otherwise_is_set(
    db: Database, usual: Missing, wished: Missing | None
) -> None:
    await wish(db, KIM, wished)
    letters = await frozen(db, await let_go(db, KOREAN, ENGLISH, usual=usual))
    assert set(letters) == USUAL | ({f"ko:{wished}"} if wished not in (None, usual) else set())


async def test_the_other_letters_are_the_same_bytes_whatever_one_reader_wishes(db: Database) -> None:
    await enlist(db, LEE)
    await put(db, KOREAN, ENGLISH, minute=1)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        draft = (await compose(tx, WEEKLY, by="kim", now=at(2))).edition
        assert draft is not None
        before = await letters_for(tx, draft, WEEKLY, HOUSE)
    await wish(db, KIM, Missing.TITLE)
    async with db.read() as tx:
        after = await letters_for(tx, draft, WEEKLY, HOUSE)
    assert set(after) == {*before, "ko:title"}
    assert {key: after[key] for key in before} == before


@pytest.mark.parametrize("languages", ["ko+en", "en+ko"])
@pytest.mark.parametrize("wished", Missing)
async def test_who_reads_both_languages_lacks_nothing_and_gets_the_lists_letter(
    db: Database, languages: str, wished: Missing
) -> None:
    await wish(db, KIM, wished, languages)
    edition = await let_go(db, KOREAN, ENGLISH, usual=Missing.OMIT)
    assert await copies(db, edition) == {KIM: (languages, "waiting", None)}
    assert set(await frozen(db, edition)) == USUAL


async def test_the_hash_covers_the_letters_that_were_wished(db: Database) -> None:
    await wish(db, KIM, Missing.OMIT)
    edition = await let_go(db, KOREAN, ENGLISH)
    letters = await frozen(db, edition)
    assert "ko:omit" in letters
    assert edition.content_hash == content_hash(letters)
    assert edition.content_hash != content_hash({key: letters[key] for key in USUAL})


async def test_a_draft_is_looked_at_as_it_was_wished(db: Database) -> None:
    """What `preview --language ko:omit` shows before the release is what goes out then."""
    await wish(db, KIM, Missing.OMIT)
    await put(db, KOREAN, ENGLISH, minute=1)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        draft = (await compose(tx, WEEKLY, by="kim", now=at(2))).edition
        assert draft is not None
        seen = await current_letter(tx, draft, WEEKLY, HOUSE, "ko:omit")
        await editions.approve(tx, draft.id, by="kim", now=at(2))
        done = await release(tx, draft, WEEKLY, HOUSE, by="kim", now=at(3), grace=timedelta(0))
    assert (await frozen(db, done.edition))["ko:omit"] == seen


# ── Nothing left ─────────────────────────────────────────────────────────────


async def test_a_letter_with_nothing_left_by_the_readers_own_wish_is_withheld_and_why_says_so(db: Database) -> None:
    await wish(db, KIM, Missing.OMIT)
    await enlist(db, LEE)
    edition = await let_go(db, ENGLISH)
    assert await copies(db, edition) == {
        KIM: ("ko:omit", "withheld", "nothing in this language"),
        LEE: ("ko", "waiting", None),
    }
    async with db.read() as tx:
        assert await outbox.account(tx, edition.id) == Account(waiting=1, withheld=1)
    assert "they wish to have the others left out" in " ".join(await why(db, edition, KIM))


async def test_a_reader_who_wishes_to_see_them_gets_a_letter_where_the_list_has_none(db: Database) -> None:
    await wish(db, KIM, Missing.SHOW)
    await enlist(db, LEE)
    edition = await let_go(db, ENGLISH, usual=Missing.OMIT)
    assert await copies(db, edition) == {
        KIM: ("ko:show", "waiting", None),
        LEE: ("ko", "withheld", "nothing in this language"),
    }
    assert SUMMARY in await said_to(db, edition, KIM)
    assert "the list omits the others" in " ".join(await why(db, edition, LEE))


@pytest.mark.parametrize(
    ("wished", "said"),
    [
        (Missing.SHOW, "What is not in it is shown in another language, by their own wish."),
        (Missing.TITLE, "Of what is not in it they get only the title, by their own wish."),
        (Missing.OMIT, "What is not in it is left out, by their own wish."),
    ],
)
async def test_why_tells_what_they_wished(db: Database, wished: Missing, said: str) -> None:
    usual = Missing.OMIT if wished is Missing.SHOW else Missing.SHOW
    await wish(db, KIM, wished)
    told = await why(db, await let_go(db, KOREAN, ENGLISH, usual=usual), KIM)
    assert told[0].startswith("They are a recipient, with the letter in ko, queued at ")
    assert told[1] == said


# ── Coming after the release ─────────────────────────────────────────────────


async def test_who_comes_later_gets_the_letter_they_wish_if_it_was_set(db: Database) -> None:
    await wish(db, KIM, Missing.OMIT)
    edition = await let_go(db, KOREAN, ENGLISH)
    await wish(db, LEE, Missing.OMIT, minute=5)
    assert await send_missing(db, edition) == 1
    assert (await copies(db, edition))[LEE] == ("ko:omit", "waiting", None)


async def test_who_comes_later_gets_the_lists_letter_where_none_was_set_as_they_wish(db: Database) -> None:
    await enlist(db, KIM)
    edition = await let_go(db, KOREAN, ENGLISH)
    await wish(db, LEE, Missing.OMIT, minute=5)
    assert await send_missing(db, edition) == 1
    assert (await copies(db, edition))[LEE] == ("ko", "waiting", None)
    assert set(await frozen(db, edition)) == USUAL


async def test_what_was_withheld_by_a_wish_is_not_sent_by_missing(db: Database) -> None:
    await wish(db, KIM, Missing.OMIT)
    edition = await let_go(db, ENGLISH)
    await wish(db, LEE, Missing.OMIT, minute=5)
    assert await send_missing(db, edition) == 0
    nothing = ("ko:omit", "withheld", "nothing in this language")
    assert await copies(db, edition) == {KIM: nothing, LEE: nothing}


async def test_a_wish_of_who_pauses_is_set_too_and_reaches_them_when_they_are_back(db: Database) -> None:
    await wish(db, KIM, Missing.OMIT)
    async with db.begin() as tx:
        await tx.execute(update(subscriptions).values(paused_until=at(5)))
    edition = await let_go(db, KOREAN, ENGLISH)
    assert await copies(db, edition) == {}
    await send_missing(db, edition)
    assert await copies(db, edition) == {KIM: ("ko:omit", "waiting", None)}


async def test_my_data_say_what_i_wished_and_which_letter_i_got(db: Database) -> None:
    await wish(db, KIM, Missing.OMIT)
    await let_go(db, KOREAN, ENGLISH)
    async with db.read() as tx:
        person_id = (await tx.execute(select(subscribers.c.id))).scalar_one()
        told = await data_of(tx, person_id)
    assert [one["missing"] for one in told["subscriptions"]] == ["omit"]
    assert [one["language_key"] for one in told["letters"]] == ["ko:omit"]
