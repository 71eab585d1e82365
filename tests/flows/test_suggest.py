"""Which two entries are suggested as one text, and which are not: a table of facts and verdicts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from publisher.flows.pairing import pair, part
from publisher.flows.suggest import Reason, suggest, suggestions
from publisher.model import Citation, JoinedBy
from publisher.store import entries
from publisher.store.database import Database
from publisher.store.pairs import Candidate
from tests.samples import at, fill, item

KO = Candidate(
    id=1,
    public_id="korean",
    language="ko",
    title="봄",
    author="김하늘",
    dated=at(),
    outlet="한빛일보",
    outlet_date=date(2026, 3, 1),
    original_url="https://www.hanbit.example/2026/1",
    attachments=1,
    length=1000,
)
EN = replace(KO, id=2, public_id="english", language="en", title="Spring", outlet="Hanbit Daily", length=2200)
BARE = replace(EN, outlet=None, outlet_date=None, original_url=None, author=None, attachments=0, length=0)
CITED = replace(BARE, outlet="Hanbit Daily", outlet_date=date(2026, 3, 1))
FAR = timedelta(days=30)


def reasons(one: Candidate, other: Candidate, **more: object) -> set[Reason]:
    found = suggestions([one, other], **more)  # type: ignore[arg-type]  # what suggestions takes
    return set(found[0].reasons) if found else set()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (replace(BARE, original_url="http://hanbit.example/2026/1/", dated=at() + FAR), {Reason.SAME_ORIGINAL}),
        (replace(CITED, outlet="한빛일보", dated=at() + FAR), {Reason.SAME_OUTLET}),
        (CITED, {Reason.SAME_DAY, Reason.NEAR}),
        (
            replace(BARE, author="김하늘", length=2200, dated=at() + timedelta(days=2)),
            {Reason.NEAR, Reason.SAME_AUTHOR, Reason.SAME_LENGTH},
        ),
        (replace(BARE, author="김하늘", attachments=1), {Reason.NEAR, Reason.SAME_AUTHOR, Reason.SAME_FILES}),
        # Too little speaks for it.
        (BARE, set()),
        (replace(BARE, author="김하늘"), set()),
        (replace(BARE, author="김하늘", attachments=1, dated=at() + timedelta(days=4)), set()),
        (replace(EN, original_url=None, dated=at() + FAR, author=None), set()),
        (replace(BARE, original_url="https://www.hanbit.example/", dated=at() + FAR), set()),
        (replace(EN, language="ko"), set()),
    ],
)
def test_enough_must_speak_for_it(other: Candidate, expected: set[Reason]) -> None:
    assert reasons(KO, other) == expected


def test_the_word_of_a_source_is_the_surest() -> None:
    assert reasons(KO, replace(BARE, dated=at() + FAR), told={frozenset({1, 2})}) == {Reason.TOLD}


def test_names_of_outlets_are_learned_from_pairs() -> None:
    known = {frozenset({"한빛일보", "hanbit daily"})}
    assert Reason.SAME_OUTLET in reasons(KO, replace(EN, original_url=None, dated=at() + FAR), outlets=known)


def test_the_surest_comes_first_and_each_entry_once() -> None:
    other = replace(BARE, id=3, author="김하늘", attachments=1)
    elsewhere = replace(KO, id=4, original_url=None, outlet=None, outlet_date=None, dated=at() + FAR, author="이바다")
    its = replace(BARE, id=5, dated=at() + FAR, author="이바다", attachments=1)
    found = suggestions([KO, EN, other, elsewhere, its])
    assert [(one.one.id, one.other.id) for one in found] == [(1, 2), (4, 5)]
    assert 100 >= found[0].score > found[1].score > 0


def test_the_next_best_comes_when_the_best_was_refused() -> None:
    other = replace(BARE, id=3, author="김하늘", attachments=1)
    (found,) = suggestions([KO, EN, other], apart={frozenset({1, 2})})
    assert (found.one.id, found.other.id) == (1, 3)


def test_a_name_under_most_entries_says_nothing_of_two() -> None:
    one, other = replace(KO, outlet=None, outlet_date=None, original_url=None), replace(BARE, author=KO.author)
    pair_of_files = [one, replace(other, attachments=1)]
    many = [replace(BARE, id=number, dated=at() + number * FAR, author="관리자") for number in range(10, 20)]
    same = [replace(entry, author=KO.author) for entry in many]
    assert [each.reasons for each in suggestions([*pair_of_files, *many])] == [
        (Reason.NEAR, Reason.SAME_AUTHOR, Reason.SAME_FILES)
    ]
    assert suggestions([*pair_of_files, *same]) == []


def test_among_thousands_of_one_day_nearness_tells_nothing() -> None:
    crowd = [
        replace(KO if number % 2 else EN, id=number, original_url=None, outlet_date=None) for number in range(4000)
    ]
    assert suggestions(crowd) == []


async def test_suggestions_come_from_the_store_and_end_with_a_verdict(db: Database) -> None:
    citation = Citation(outlet="한빛일보", date=date(2026, 3, 1), url="https://www.hanbit.example/1")
    await fill(db, item(1, citation=citation), item(2, language="en", citation=citation), item(3), item(4))
    async with db.begin() as tx:
        (found,) = await suggest(tx)
        assert (found.one.title, found.other.title) == (item(1).title, item(2, language="en").title)
        one, other = await entries.find(tx, ids=[found.one.id, found.other.id])
        await pair(tx, one, other, by=JoinedBy.OPERATOR, now=at(1))
        assert await suggest(tx) == []
        await part(tx, (await entries.find(tx, ids=[one.id]))[0], None, now=at(2))
        assert frozenset({one.id, other.id}) not in {frozenset({two.one.id, two.other.id}) for two in await suggest(tx)}
