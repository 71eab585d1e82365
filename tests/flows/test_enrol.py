"""Readers from a file: what can be used is taken, the rest is told, a refusal stands."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from publisher.errors import UnreadableFile
from publisher.flows.enrol import Defaults, Enrolled, Outcome, What, enrol, table_of
from publisher.flows.lapse import look_after_requests
from publisher.spreadsheet import opened
from publisher.store import audience, exports
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import consents, refusals, suppressions
from tests.delivery.post import refuse
from tests.samples import WEEKLY, at, enlist
from tests.spreadsheet.books import sheet_xml, workbook

HEADER = "email,lists,consented_at\n"
NOTHING = Defaults(lists=(), languages=None, consent=None, zone=ZoneInfo("Asia/Seoul"))
WEEKLY_READERS = replace(NOTHING, lists=("weekly",))
LISTS = {"weekly": WEEKLY, "monthly": replace(WEEKLY, name="monthly")}


async def enrolled(
    db: Database,
    content: bytes,
    *,
    defaults: Defaults = WEEKLY_READERS,
    sheet: str | None = None,
    dry_run: bool = False,
    minute: float = 0,
) -> tuple[Enrolled, list[Outcome]]:
    """What came of these bytes, and of each row."""
    async with db.read() as tx:
        key = (await all_keys(tx))[0]
    outcomes: list[Outcome] = []
    with opened(content) as sheets:
        table = table_of(sheets, sheet)
        result = await enrol(db, table, LISTS, key, defaults, now=at(minute), told=outcomes.append, dry_run=dry_run)
    return result, outcomes


async def outcomes(db: Database, content: str, **changes: Any) -> list[Outcome]:
    return (await enrolled(db, content.encode(), **changes))[1]


async def brought_in(db: Database, *lines: str, **changes: Any) -> tuple[Enrolled, list[Outcome]]:
    return await enrolled(db, (HEADER + "\n".join(lines)).encode(), defaults=NOTHING, **changes)


async def on_the_list(db: Database) -> list[str | None]:
    async with db.read() as tx:
        return [reader.address for reader in await audience.listed(tx)]


async def reachable(db: Database) -> dict[str, int]:
    async with db.read() as tx:
        return dict(await audience.reachable(tx, "weekly"))


async def recorded(db: Database) -> list[tuple[str, str | None]]:
    async with db.read() as tx:
        rows = await tx.execute(select(consents.c.event, consents.c.evidence).order_by(consents.c.id))
        return [(row.event, row.evidence) for row in rows]


def whats(told: list[Outcome]) -> list[tuple[int, str]]:
    return [(one.line, one.what) for one in told]


# ── The rules ────────────────────────────────────────────────────────────────


async def test_a_refusal_stands_above_a_file(db: Database) -> None:
    await enlist(db, "gone@mail.example")
    await refuse(db, "gone@mail.example")
    result, told = await brought_in(db, "Gone@mail.example,weekly,2026-03-02", "new@mail.example,weekly,2026-03-02")
    assert (result.accepted, whats(told)) == (1, [(2, What.REJECTED), (3, What.ACTIVE)])
    assert await reachable(db) == {"ko": 1}


async def test_a_consent_s_day_is_one_of_the_site_s_zone(db: Database) -> None:
    await brought_in(db, "new@mail.example,weekly,2026-03-02")
    async with db.read() as tx:
        assert (await tx.execute(select(consents.c.at))).scalar_one() == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


async def test_a_wish_for_what_is_missing_comes_in_and_what_is_none_is_a_rejected_row(db: Database) -> None:
    content = "email,missing\na@mail.example,omit\nb@mail.example,\nc@mail.example,Title\nd@mail.example,all\n"
    told = await outcomes(db, content)
    async with db.read() as tx:
        found = {one.address: one.subscription.missing for one in await audience.listed(tx)}
    assert found == {"a@mail.example": "omit", "b@mail.example": None, "c@mail.example": "title"}
    [bad] = [one for one in told if one.what is What.REJECTED]
    assert (bad.line, bad.value, bad.reason) == (
        5,
        "all",
        "expected show, title, omit, or nothing for what the list does",
    )


@pytest.mark.parametrize(
    "moment", ["0001-01-01", "9999-12-31T23:59-09:00", "yesterday", "2026-02-30", "3/2/2026", "2027-01-01"]
)
async def test_a_moment_that_cannot_be_is_a_rejected_row(db: Database, moment: str) -> None:
    _, told = await brought_in(db, f"a@mail.example,weekly,{moment}", "b@mail.example,weekly,2026-03-02")
    assert [(bad.line, bad.value) for bad in told if bad.what is What.REJECTED] == [(2, moment)]
    assert await on_the_list(db) == ["b@mail.example"]


@pytest.mark.parametrize(
    "day", ["2026-03-02", "2026. 3. 2.", "2026.03.02", "2026년 3월 2일", "2026/3/2", "2026-03-02 오전 12:00"]
)
async def test_days_are_read_as_koreans_write_them(db: Database, day: str) -> None:
    await brought_in(db, f"a@mail.example,weekly,{day}")
    async with db.read() as tx:
        assert (await tx.execute(select(consents.c.at))).scalar_one() == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


async def test_without_the_date_of_a_consent_they_wait_and_stand_on_the_review_list(db: Database) -> None:
    content = "email,consent_source\na@mail.example,seminar\n"
    assert whats(await outcomes(db, content)) == [(2, What.PENDING)]
    assert await recorded(db) == [("asked", "seminar")]
    assert await reachable(db) == {}
    async with db.read() as tx:
        assert [line.address for line in await exports.page(tx, only_review=True)] == ["a@mail.example"]


async def test_how_they_agreed_is_not_enough_without_when(db: Database) -> None:
    told = replace(WEEKLY_READERS, consent="asked at the seminar")
    assert whats(await outcomes(db, "email\na@mail.example\n", defaults=told)) == [(2, What.PENDING)]
    dated = replace(told, consented_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert whats(await outcomes(db, "email\na@mail.example\n", defaults=dated)) == [(2, What.ACTIVE)]
    async with db.read() as tx:
        assert await exports.page(tx, only_review=True) == []


async def test_a_list_that_is_named_twice_counts_once(db: Database) -> None:
    assert (await brought_in(db, "a@mail.example,weekly weekly,2026-03-02"))[0].accepted == 1


async def test_one_person_may_come_onto_two_lists_in_two_rows(db: Database) -> None:
    result, _ = await brought_in(db, "a@mail.example,weekly,2026-03-02", "a@mail.example,monthly,2026-03-02")
    assert (result.accepted, result.duplicates) == (2, 0)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("a@mail.example", "A@mail.example"),
        ("a@mail.example", "a@MAIL.example"),
        ("a@메일.example", "a@xn--h32bq4v.example"),
    ],
)
async def test_one_address_in_two_spellings_is_a_duplicate(db: Database, first: str, again: str) -> None:
    told = await outcomes(db, f"email\n{first}\n{again}\n")
    assert whats(told) == [(2, What.PENDING), (3, What.DUPLICATE)]
    assert told[1].first_line == 2


async def test_a_name_in_two_forms_of_unicode_is_one_address(db: Database) -> None:
    told = await outcomes(db, "email\n김@mail.example\n\u1100\u1175\u11b7@mail.example\n")
    assert whats(told) == [(2, What.PENDING), (3, What.DUPLICATE)]


async def test_trying_it_changes_nothing_and_tells_the_same(db: Database) -> None:
    lines = ["a@mail.example,weekly,2026-03-02", "nobody,weekly,", "a@mail.example,weekly,", "b@mail.example,weekly,"]
    tried = await brought_in(db, *lines, dry_run=True)
    assert await on_the_list(db) == []
    assert await brought_in(db, *lines) == tried


async def test_other_languages_than_the_reader_chose_are_told_and_not_forced(db: Database) -> None:
    await enlist(db, "a@mail.example", "ko")
    (told,) = await outcomes(db, "email,언어\na@mail.example,영어\n")
    assert (told.what, told.value) == (What.KEPT, "ko")
    async with db.read() as tx:
        assert [one.subscription.languages for one in await audience.listed(tx)] == ["ko"]


async def test_who_waited_and_now_has_a_date_is_not_told_as_new(db: Database) -> None:
    await brought_in(db, "a@mail.example,weekly,")
    _, (told,) = await brought_in(db, "a@mail.example,weekly,2026-03-02", dry_run=True)
    assert (told.what, told.reason) == (What.ACTIVE, "waited as pending")


@pytest.mark.parametrize("batch", [1, 2, 500])
async def test_a_row_that_cannot_be_read_tells_how_many_came_in_before(
    db: Database, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("publisher.flows.enrol._BATCH", batch)
    readers = [f"r{number}@mail.example,weekly,2026-03-02" for number in range(3)]
    with pytest.raises(UnreadableFile, match=r"^line 5: .*\(3 before it were accepted\)$"):
        await brought_in(db, *readers, '"a"b,weekly,')
    assert len(await on_the_list(db)) == 3


async def test_an_import_that_was_interrupted_goes_on_where_it_was(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.enrol._BATCH", 2)
    readers = [f"r{number}@mail.example,weekly,2026-03-02" for number in range(5)]
    with pytest.raises(UnreadableFile):
        await brought_in(db, *readers[:3], '"a"b,weekly,')
    result, _ = await brought_in(db, *readers)
    assert (result.unchanged, result.accepted) == (3, 2)
    assert await recorded(db) == [("given", "import")] * 5


# ── What people hand in ──────────────────────────────────────────────────────


async def test_the_header_is_found_below_a_title_and_in_korean(db: Database) -> None:
    title = "한빛평화연구소 독자\n\n2026년 3월 현재\n"
    content = f"{title}번호,성명,전자우편(필수),소속,언어\n1,김하늘,a@mail.example,한빛대,영어\n"
    (told,) = await outcomes(db, content)
    assert (told.line, told.value) == (5, "en")
    async with db.read() as tx:
        assert [reader.name for reader in await audience.listed(tx)] == ["김하늘"]


async def test_columns_that_are_not_needed_are_named_and_not_kept() -> None:
    with opened("이메일,소속,휴대전화\na@mail.example,한빛대,\n".encode()) as sheets:
        columns = table_of(sheets).columns
    assert columns is not None
    assert columns.ignored == ["소속", "휴대전화"]


@pytest.mark.parametrize("content", ["name\nKim\n", "김하늘,a@mail.example\n", "\n" * 3 + "x\n" * 10 + "email\n"])
async def test_a_file_whose_columns_have_no_names_is_answered_with_the_header_to_write(
    db: Database, content: str
) -> None:
    with pytest.raises(UnreadableFile, match="email,name,languages,lists,consented_at"):
        await outcomes(db, content)


@pytest.mark.parametrize(
    "cell",
    [
        "a@mail.example; b@mail.example",
        "a@mail.example, b@mail.example",
        "a@mail.example / b@mail.example",
        "a@mail.example b@mail.example",
        "a@mail.example\nb@mail.example",
        "김하늘 <a@mail.example>; B <b@mail.example>; A@mail.example",
    ],
)
async def test_several_addresses_in_a_cell_are_several_people(db: Database, cell: str) -> None:
    assert whats(await outcomes(db, f'email\n"{cell}"\n')) == [(2, What.PENDING), (2, What.PENDING)]
    assert await on_the_list(db) == ["a@mail.example", "b@mail.example"]


async def test_of_several_addresses_the_wrong_one_alone_is_rejected(db: Database) -> None:
    told = await outcomes(db, 'email\n"a@mail.example; b@; c@mail.example"\n')
    assert [(one.what, one.value) for one in told if one.what is What.REJECTED] == [(What.REJECTED, "b@")]
    assert await on_the_list(db) == ["a@mail.example", "c@mail.example"]


async def test_a_slip_in_a_pasted_line_is_one_rejected_piece(db: Database) -> None:
    told = await outcomes(db, "a@mail.example; Kim; b@mail.example")
    assert [(one.what, one.value) for one in told if one.what is What.REJECTED] == [(What.REJECTED, "Kim")]
    assert await on_the_list(db) == ["a@mail.example", "b@mail.example"]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
async def test_a_file_with_nothing_in_it_is_called_empty(db: Database, content: str) -> None:
    with pytest.raises(UnreadableFile, match="the file is empty"):
        await outcomes(db, content)


@pytest.mark.parametrize("between", ["; ", ", ", ";\n", "\n"])
async def test_a_pasted_bcc_line_needs_no_header(db: Database, between: str) -> None:
    people = ['"홍, 길동" <hong@mail.example>', "lee@mail.example", "<kim@mail.example>", "Sea Lee <sea@mail.example>"]
    result, _ = await enrolled(db, between.join(people).encode())
    assert (result.accepted, result.pending) == (4, 4)
    async with db.read() as tx:
        assert [reader.name for reader in await audience.listed(tx)] == ["홍, 길동", None, None, "Sea Lee"]


async def test_the_sheet_with_addresses_is_found_and_asked_for_where_there_are_two(db: Database) -> None:
    notes, people = sheet_xml([["읽어 보세요"]]), sheet_xml([["이메일"], ["a@mail.example"]])
    assert (await enrolled(db, workbook({"안내": notes, "독자": people})))[0].accepted == 1
    both = workbook({"독자": people, "옛 독자": people})
    with pytest.raises(UnreadableFile, match="'독자', '옛 독자'; say which"):
        await enrolled(db, both)
    assert (await enrolled(db, both, sheet="옛 독자"))[0].unchanged == 1
    with pytest.raises(UnreadableFile, match="no such sheet; there are: '독자', '옛 독자'"):
        await enrolled(db, both, sheet="새 독자")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Kim\r\nBcc: all@mail.example", "Kim Bcc: all@mail.example"),
        ("김\x07하늘", "김 하늘"),
        ("김\u2028하늘", "김 하늘"),
    ],
)
async def test_a_name_cannot_bring_a_header_of_its_own(db: Database, name: str, kept: str) -> None:
    await outcomes(db, f'email,name\na@mail.example,"{name}"\n')
    async with db.read() as tx:
        assert [reader.name for reader in await audience.listed(tx)] == [kept]


@pytest.mark.parametrize("bad", ["a b@mail.example", "a@mail.example\x07", "@mail.example", "a@@mail", "x" * 300])
async def test_an_address_that_is_none_is_told_by_its_row(db: Database, bad: str) -> None:
    told = await outcomes(db, f'email,name\n"{bad}",Kim\nb@mail.example\n')
    assert whats(told) == [(2, What.REJECTED), (3, What.PENDING)]


# ── Exports of other houses, as their documents name the columns ─────────────

MAILCHIMP = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,{}LEID,EUID,TAGS\n"
)
LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at"
GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers"
)
STIBEE = "이메일 주소,이름,구독 상태,구독일"
GNUBOARD = "mb_id,mb_email,mb_name,mb_mailling,mb_leave_date,mb_datetime"


async def test_mailchimp_s_subscribed_come_with_the_proof_of_their_consent(db: Database) -> None:
    content = MAILCHIMP.format("") + (
        'a@mail.example,하늘,김,2,"2024-05-01 03:04:05",192.0.2.7,"2024-05-01 03:05:00",192.0.2.7,1,e,\n'
        'b@mail.example,Sea,Lee,2,,,"2024-05-01 03:05:00",,2,f,\n'
    )
    assert whats(await outcomes(db, content)) == [(2, What.ACTIVE), (3, What.PENDING)]
    assert (await recorded(db))[0] == ("given", "Mailchimp, IP 192.0.2.7")
    async with db.read() as tx:
        assert [reader.name for reader in await audience.listed(tx)] == ["김하늘", "Sea Lee"]
        first = (await tx.execute(select(consents.c.at).order_by(consents.c.id))).scalars().first()
    assert first == datetime(2024, 5, 1, 3, 4, 5, tzinfo=UTC)


async def test_whom_mailchimp_lost_becomes_a_refusal_and_no_reader(db: Database) -> None:
    await enlist(db, "a@mail.example")
    left = MAILCHIMP.format("UNSUB_TIME,UNSUB_REASON,") + "a@mail.example,,,2,,,,,2025-01-02 03:04:05,no more,1,e,\n"
    dead = MAILCHIMP.format("CLEAN_TIME,") + "b@mail.example,,,2,,,,,2025-01-02 03:04:05,1,e,\n"
    assert whats(await outcomes(db, left)) == [(2, What.REFUSAL)]
    assert whats(await outcomes(db, dead)) == [(2, What.REFUSAL)]
    assert whats(await outcomes(db, "email,consented_at\na@mail.example,2026-03-01\nb@mail.example,2026-03-01\n")) == [
        (2, What.REJECTED),
        (3, What.REJECTED),
    ]
    assert await reachable(db) == {}
    async with db.read() as tx:
        assert (await tx.execute(select(refusals.c.at))).scalar_one() == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert (await tx.execute(select(suppressions.c.reason, suppressions.c.means))).all() == [("bounced", "import")]


@pytest.mark.parametrize(
    ("header", "row", "what"),
    [
        (LISTMONK, "u,A,Kim,{},enabled,2024-05-01,", What.PENDING),
        (LISTMONK, "u,A,Kim,{},blocklisted,2024-05-01,", What.REFUSAL),
        (LISTMONK, "u,A,Kim,{},disabled,2024-05-01,", What.REJECTED),
        (GHOST, "1,A,,,true,,,2024-05-01,,,", What.PENDING),
        (GHOST, "1,A,,,false,,,,,,", What.REFUSAL),
        (GHOST, "1,A,,,true,,,,2025-01-01,,", What.REJECTED),
        (STIBEE, "A,김,구독 중,2024-05-01", What.PENDING),
        (STIBEE, "A,김,수신거부,2024-05-01", What.REFUSAL),
        (STIBEE, "A,김,자동삭제,2024-05-01", What.REFUSAL),
        (STIBEE, "A,김,몰라요,2024-05-01", What.REJECTED),
        (GNUBOARD, "k,A,김,1,,2024-05-01 00:00:00", What.PENDING),
        (
            GNUBOARD,
            "k,A,김,0,,2024-05-01 00:00:00",
            What.REJECTED,
        ),
        (GNUBOARD, "k,A,김,1,20250101,", What.REJECTED),
        ("mb_id,mb_email,mb_mailling,mb_mailling_date", "k,A,1,2025-01-01 10:00:00", What.ACTIVE),
        ("mb_id,mb_email,mb_mailling,mb_mailling_date", "k,A,1,0000-00-00 00:00:00", What.PENDING),
        ("email,수신동의", "A,아니오", What.REJECTED),
    ],
)
async def test_each_house_s_word_for_who_gets_letters_is_known(db: Database, header: str, row: str, what: What) -> None:
    assert whats(await outcomes(db, f"{header}\n{row.replace('A', 'a@mail.example')}\n")) == [(2, what)]


@pytest.mark.parametrize("word", ["0", "수신거부", "미수신", "수신 안함", "수신(거부)", "off", "×", "?", "2026-01-01"])
async def test_only_a_yes_is_taken_for_one(db: Database, word: str) -> None:
    told = await outcomes(db, f"이메일,메일수신여부,동의일\na@mail.example,{word},2026-03-02\n")
    assert whats(told) == [(2, What.REJECTED)]


@pytest.mark.parametrize("status", ["구독(취소)", "수신(거부)"])
async def test_what_stands_in_brackets_is_part_of_a_status(db: Database, status: str) -> None:
    told = await outcomes(db, f"email,status,consented_at\na@mail.example,{status},2026-03-02\n")
    assert whats(told)[0] != (2, What.ACTIVE)


async def test_a_date_of_sign_up_is_one_of_consent_only_if_the_operator_says_how_they_agreed(db: Database) -> None:
    content = "id,email,subscribed_to_emails,created_at\n1,a@mail.example,true,2024-05-01T00:00:00.000Z\n"
    assert whats(await outcomes(db, content, dry_run=True)) == [(2, What.PENDING)]
    told = replace(WEEKLY_READERS, consent="signed up by a link in a letter")
    assert whats(await outcomes(db, content, defaults=told)) == [(2, What.ACTIVE)]
    assert await recorded(db) == [("given", "signed up by a link in a letter")]


@pytest.mark.parametrize("batch", [1, 500])
async def test_within_a_file_too_a_refusal_wins_wherever_it_stands(
    db: Database, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("publisher.flows.enrol._BATCH", batch)
    content = (
        "email,status,consented_at\na@mail.example,active,2026-03-01\na@mail.example,unsubscribed,\n"
        "b@mail.example,bounced,\nb@mail.example,active,2026-03-01\n"
    )
    expected = [(2, What.ACTIVE), (3, What.REFUSAL), (4, What.REFUSAL), (5, What.DUPLICATE)]
    assert whats(await outcomes(db, content, dry_run=True)) == expected
    assert whats(await outcomes(db, content)) == expected
    assert await reachable(db) == {}


async def test_a_refusal_of_before_does_not_end_what_the_person_confirmed_here_since(db: Database) -> None:
    await enlist(db, "a@mail.example")
    async with db.begin() as tx:  # as the page for confirming writes it
        reader = (await audience.listed(tx))[0]
        await audience.record_consent(tx, reader.subscription.id, event="confirmed", means="page", now=at())
    older = "email,status,ended_at\na@mail.example,unsubscribed,2025-01-02\n"
    assert whats(await outcomes(db, older)) == [(2, What.UNCHANGED)]
    assert await reachable(db) == {"ko": 1}
    undated = "email,status\na@mail.example,unsubscribed\n"
    assert whats(await outcomes(db, undated)) == [(2, What.REFUSAL)]
    assert await reachable(db) == {}


async def test_a_refusal_that_is_known_is_not_written_twice(db: Database) -> None:
    content = "email,status\na@mail.example,unsubscribed\n"
    await outcomes(db, content)
    assert whats(await outcomes(db, content, minute=5)) == [(2, What.UNCHANGED)]
    async with db.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM refusals"))).scalar_one() == 1


async def test_nobody_is_reminded_because_of_a_file(db: Database) -> None:
    await brought_in(db, "kim@reader.example,weekly,")
    assert await look_after_requests(db, now=at(60 * 24 * 3)) == 0


# ── A history, as this house exports it ──────────────────────────────────────

HISTORY = "email,list,at,event,scope,means,text_version,evidence\n"


async def test_a_history_brings_its_refusals_and_nobody_onto_a_list(db: Database) -> None:
    told = await outcomes(
        db,
        HISTORY + "kept@mail.example,weekly,2026-03-02T09:00:00+09:00,given,information,page,,a form\n"
        "back@mail.example,weekly,2026-03-02T09:00:00+09:00,withdrawn,information,page,,\n"
        "back@mail.example,weekly,2026-03-03T09:00:00+09:00,confirmed,information,page,,\n"
        "left@mail.example,weekly,2026-03-02T09:00:00+09:00,withdrawn,information,page,,\n"
        "left@mail.example,weekly,2026-03-02T09:00:00+09:00,refused,,page,,\n"
        "dead@mail.example,,2026-03-02T09:00:00+09:00,suppressed,,dsn,,bounced\n"
        "all@mail.example,,2026-03-02T09:00:00+09:00,suppressed,,page,,stopped\n",
        defaults=NOTHING,
    )
    assert [(one.line, one.what, one.list, one.reason) for one in told] == [
        (6, What.REFUSAL, "weekly", "unsubscribed"),
        (7, What.REFUSAL, "", "bounced"),
        (8, What.REFUSAL, "", "stopped"),
    ]
    assert await on_the_list(db) == []
    async with db.read() as tx:
        assert (await tx.execute(select(refusals.c.at))).scalars().all() == [datetime(2026, 3, 2, tzinfo=UTC)]
        assert set((await tx.execute(select(suppressions.c.reason))).scalars()) == {"bounced", "stopped"}
    again = "email,consented_at\n" + "".join(
        f"{who}@mail.example,2026-03-01\n" for who in ("left", "dead", "all", "back")
    )
    assert whats(await outcomes(db, again)) == [
        (2, What.REJECTED),
        (3, What.REJECTED),
        (4, What.REJECTED),
        (5, What.ACTIVE),
    ]


@pytest.mark.parametrize(
    ("header", "cells", "what"),
    [
        ("수신동의,메일수신여부", "1,0", What.REJECTED),
        ("수신동의,메일수신여부", "1,글쎄", What.REJECTED),
        ("수신동의,메일수신여부", "1,", What.ACTIVE),
        ("수신동의,메일수신여부", "1,예", What.ACTIVE),
        ("subscribed_to_emails,Subscribed To Emails", "true,false", What.REFUSAL),
        ("상태,구독상태", "정상,수신거부", What.REFUSAL),
        ("상태,구독상태", "대기,수신거부", What.REFUSAL),
        ("상태,구독상태", "정상,대기", What.PENDING),
    ],
)
async def test_of_two_columns_that_mean_the_same_a_no_wins(db: Database, header: str, cells: str, what: What) -> None:
    told = await outcomes(db, f"이메일,동의일,{header}\na@mail.example,2026-03-02,{cells}\n")
    assert [one.what for one in told] == [what]
