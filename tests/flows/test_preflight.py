"""Before release: what is red stops, what is yellow asks, and a named person's word weighs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.delivery.bounces.traces import ReturnAddress
from publisher.digest.render import content_hash
from publisher.errors import NotAllowed, StaleEdition
from publisher.flows.answers import accept
from publisher.flows.compose import compose
from publisher.flows.occasion import Decision, keep
from publisher.flows.paper import Seal
from publisher.flows.preflight import Report, preflight
from publisher.flows.release import letters_for, release
from publisher.flows.sender import Inspector, look_at_house, note_signer
from publisher.model import Account, DeliveryKind, Edition, EditionStatus, Verdict
from publisher.net import Fetcher
from publisher.preflight import Colour
from publisher.preflight.results import read_results
from publisher.store import editions, outbox, reports, runs
from publisher.store.database import Database
from publisher.store.keys import Key
from tests.preflight.zone import Zone
from tests.samples import HOUSE, SITE, WEEKLY, at, enlist, fill, item

SEAL = Seal(site=SITE, key=Key(id=1, secret=b"k" * 32))
LOOK = Inspector(house=HOUSE, seal=SEAL)
REAL = replace(SITE, url="https://letters.example.or.kr", sender=replace(SITE.sender, email="letters@example.or.kr"))


def abroad(zone: Zone) -> Inspector:
    """A house with a domain of its own, as an imitation of the name system tells of it."""
    servers = {"default": "smtp.example.or.kr"}
    return replace(LOOK, house=replace(HOUSE, site=REAL), seal=replace(SEAL, site=REAL), servers=servers, lookup=zone)


def spoilt(folder: Path) -> Inspector:
    """A house whose own template leaves a mark over, which only the letter shows."""
    subject = folder / "email/digest/subject.txt"
    subject.parent.mkdir(parents=True)
    subject.write_text("{{ letter.number }} {{ '{{ title }}' }}", encoding="utf-8")
    return replace(LOOK, house=replace(HOUSE, templates=folder))


async def drafted(db: Database) -> Edition:
    await enlist(db, "reader@mail.example", "ko+en")
    await fill(db, item(1), item(2, language="en"), minute=1)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        edition = (await compose(tx, WEEKLY, by="kim", now=at(2))).edition
    assert edition is not None
    return edition


async def looked(db: Database, edition: Edition, inspector: Inspector = LOOK) -> Report:
    return await preflight(db, edition, WEEKLY, inspector, now=at(3))


def checks(report: Report, colour: Colour) -> Sequence[str]:
    return [finding.check for finding in report.of(colour)]


async def test_a_draft_in_order_is_green_in_every_language_key_and_changes_nothing(db: Database) -> None:
    edition = await drafted(db)
    report = await looked(db, edition)
    assert report.colour is Colour.GREEN
    assert set(report.keys) == {"ko", "en", "ko+en", "en+ko"}
    async with db.read() as tx:
        assert await editions.get(tx, edition.id) == edition
        assert report.content_hash == content_hash(await letters_for(tx, edition, WEEKLY, HOUSE))


async def test_what_a_changed_template_leaves_over_is_red(db: Database, tmp_path: Path) -> None:
    report = await looked(db, await drafted(db), spoilt(tmp_path))
    assert checks(report, Colour.RED) == ["marks"]


async def test_a_released_edition_is_looked_at_as_it_was_frozen(db: Database, tmp_path: Path) -> None:
    edition = await drafted(db)
    async with db.begin() as tx:
        await editions.approve(tx, edition.id, by="kim", now=at(3))
        done = await release(tx, edition, WEEKLY, HOUSE, by="kim", now=at(3), grace=timedelta(0))
    report = await looked(db, done.edition, spoilt(tmp_path))
    assert (report.colour, report.content_hash) == (Colour.GREEN, done.edition.content_hash)


async def test_what_changed_after_it_was_looked_at_is_not_released(db: Database) -> None:
    edition = await drafted(db)
    report = await looked(db, edition)
    other = replace(HOUSE, site=replace(SITE, sender=replace(SITE.sender, phone="+82 2 555 0199")))
    async with db.begin() as tx:
        await editions.approve(tx, edition.id, by="kim", now=at(3))
    with pytest.raises(StaleEdition, match="not as it was looked at"):
        async with db.begin() as tx:
            await release(
                tx, edition, WEEKLY, other, by="kim", now=at(4), grace=timedelta(0), inspected=report.content_hash
            )


# ── The site and the domain ──────────────────────────────────────────────────


async def test_a_house_for_trying_things_out_asks_nobody(db: Database) -> None:
    def never() -> Fetcher:
        raise AssertionError("nothing may be asked")

    zone = Zone()
    for servers in ({}, {"default": "smtp.hanbit-peace.example"}):
        inspector = replace(LOOK, servers=servers, fetcher=never, lookup=zone)
        assert [finding.colour for finding in (await look_at_house(db, inspector)).findings] == [Colour.GREEN]
    assert zone.asked == []


async def test_a_domain_that_cannot_answer_stops_an_edition_and_silence_does_not(db: Database) -> None:
    edition = await drafted(db)
    assert "dns" in checks(await looked(db, edition, abroad(Zone())), Colour.RED)
    silent = await looked(db, edition, abroad(Zone(silent={"example.or.kr"})))
    assert silent.colour is Colour.YELLOW


async def test_a_test_letter_s_results_say_for_good_who_signs(db: Database) -> None:
    zone = Zone().txt("example.or.kr", "v=spf1 -all")
    zone.records["example.or.kr", "MX"] = ["10 mx.example.or.kr"]
    edition = await drafted(db)
    assert "dkim" in checks(await looked(db, edition, abroad(zone)), Colour.YELLOW)
    seen = read_results("Authentication-Results: mx.mail.example; dkim=pass header.d=example.or.kr")
    async with db.begin() as tx:
        assert await note_signer(tx, seen, "example.or.kr", who="kim", now=at(4)) == "example.or.kr"
    assert "dkim" in checks(await looked(db, edition, abroad(zone)), Colour.GREEN)


def sending_by(zone: Zone, **servers: str) -> Inspector:
    zone.records["example.or.kr", "MX"] = ["10 mx.example.or.kr"]
    zone.txt("_dmarc.example.or.kr", "v=DMARC1; p=none")
    for number, server in enumerate(servers.values(), 1):
        zone.records[server, "A"] = [f"203.0.112.{number}"]
    return replace(abroad(zone), servers=servers)


async def test_every_profile_that_may_carry_a_list_is_looked_at_its_own_first(db: Database) -> None:
    zone = Zone().txt("example.or.kr", "v=spf1 ip4:203.0.112.1 -all")
    inspector = sending_by(zone, default="smtp.example.or.kr", relay="relay.provider.or.kr")
    found = (await look_at_house(db, inspector, replace(WEEKLY, profile="relay"))).findings
    spf = [(finding.where, finding.colour) for finding in found if finding.check == "spf"]
    assert spf == [("example.or.kr (relay)", Colour.YELLOW), ("example.or.kr (default)", Colour.GREEN)]
    assert [finding.where for finding in found if finding.check == "dmarc"] == ["example.or.kr"]
    [gmail] = [finding for finding in found if finding.check == "gmail"]
    assert "SPF" in gmail.said("en")
    assert len(zone.asked) == len(set(zone.asked))


async def test_a_house_with_one_profile_names_none(db: Database) -> None:
    found = (await look_at_house(db, sending_by(Zone(), default="smtp.example.or.kr"), WEEKLY)).findings
    assert not any("(" in finding.where for finding in found)


async def test_who_signs_for_one_profile_is_not_believed_of_another(db: Database) -> None:
    inspector = sending_by(Zone(), default="smtp.example.or.kr", relay="relay.provider.or.kr")
    seen = read_results("Authentication-Results: mx.mail.example; dkim=pass header.d=example.or.kr")
    async with db.begin() as tx:
        await note_signer(tx, seen, "example.or.kr", road="relay", who="kim", now=at(4))
    found = (await look_at_house(db, inspector)).findings
    dkim = {finding.where: finding.colour for finding in found if finding.check == "dkim"}
    assert dkim == {"example.or.kr (default)": Colour.YELLOW, "example.or.kr (relay)": Colour.GREEN}


async def test_a_letter_that_can_be_answered_to_leave_is_looked_at_with_that_address(db: Database) -> None:
    returns = ReturnAddress(address="returns@hanbit-peace.example", secret=b"k" * 32)
    report = await looked(db, await drafted(db), replace(LOOK, seal=replace(SEAL, returns=returns)))
    assert report.colour is Colour.GREEN


# ── A person's word ──────────────────────────────────────────────────────────


async def accepted(db: Database, report: Report, check: str) -> None:
    async with db.begin() as tx:
        word = "the title is about templates"
        await accept(tx, report.findings, check, letters=report.content_hash, who="kim", why=word, now=at(4))


async def test_an_accepted_red_is_yellow_for_these_very_letters_only(db: Database, tmp_path: Path) -> None:
    edition = await drafted(db)
    inspector = spoilt(tmp_path)
    await accepted(db, await looked(db, edition, inspector), "marks")
    again = await looked(db, edition, inspector)
    assert checks(again, Colour.RED) == []
    assert [(finding.check, word.who) for finding, word in again.accepted] == [("marks", "kim")] * 4
    await fill(db, item(3), minute=4)
    async with db.begin() as tx:
        grown = (await compose(tx, WEEKLY, by="kim", now=at(5))).edition
    assert grown is not None
    assert checks(await looked(db, grown, inspector), Colour.RED) == ["marks"]


async def test_a_word_on_the_site_holds_for_every_edition(db: Database) -> None:
    zone = Zone(silent={"example.or.kr"})
    edition = await drafted(db)
    report = await looked(db, edition, abroad(zone))
    assert "site" in checks(report, Colour.YELLOW)
    await accepted(db, report, "site")
    assert "site" in checks(await looked(db, edition, abroad(zone)), Colour.GREEN)


async def test_a_word_on_yellow_does_not_cover_red(db: Database) -> None:
    zone = Zone(silent={"example.or.kr"})
    edition = await drafted(db)
    await accepted(db, await looked(db, edition, abroad(zone)), "dns")
    assert "dns" in checks(await looked(db, edition, abroad(zone)), Colour.GREEN)
    assert "dns" in checks(await looked(db, edition, abroad(Zone())), Colour.RED)


async def test_what_says_nothing_or_would_break_the_letter_cannot_be_accepted(db: Database) -> None:
    report = await looked(db, await drafted(db))
    with pytest.raises(NotAllowed, match="nothing to accept"):
        await accepted(db, report, "marks")
    broken = replace(report, findings=[replace(report.findings[0], check="way-out", colour=Colour.RED)])
    with pytest.raises(NotAllowed, match="cannot be accepted"):
        await accepted(db, broken, "way-out")


# ── By the clock ─────────────────────────────────────────────────────────────

HOURLY = replace(WEEKLY, cadence="0 * * * *")


async def kept(db: Database, inspector: Inspector, minute: float = 0) -> Decision:
    decision = await keep(db, HOURLY, inspector.house, now=at(minute), inspector=inspector)
    assert decision is not None
    return decision


async def due(db: Database) -> None:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(-30))
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)


async def test_the_clock_holds_what_is_red_and_why_tells_it(db: Database, tmp_path: Path) -> None:
    await due(db)
    decision = await kept(db, spoilt(tmp_path))
    assert (decision.verdict, decision.edition and decision.edition.status) == (Verdict.HELD, EditionStatus.DRAFT)
    async with db.read() as tx:
        [run] = await runs.listed(tx)
    assert run.reason == (
        "No. 1 waits for you (`publisher preflight weekly 1`); preflight: A mark of a template was left over: {{ }}."
    )
    assert (await kept(db, LOOK, 60)).verdict is Verdict.SENT


async def test_operators_are_told_once_that_the_clock_holds_an_edition(db: Database, tmp_path: Path) -> None:
    await due(db)
    inspector = spoilt(tmp_path)
    site = replace(SITE, operators=("kim@hanbit-peace.example", "lee@hanbit-peace.example"))
    house = replace(inspector.house, site=site)
    for minute in (0, 1, 30):
        await keep(db, HOURLY, house, now=at(minute), inspector=replace(inspector, house=house))
    async with db.read() as tx:
        letters = await reports.last_letters(tx, DeliveryKind.ALARM, limit=10)
    assert [letter.facts["trouble"] for letter in letters] == ["held", "held"]
    assert letters[0].facts["red"][0]["what"]["en"] == "A mark of a template was left over: {{ }}."
    assert letters[0].facts["red"][0]["cure"]["ko"]


async def test_what_is_yellow_alarms_nobody(db: Database) -> None:
    await due(db)
    site = replace(REAL, operators=("kim@hanbit-peace.example",))
    house = replace(HOUSE, site=site)
    inspector = replace(abroad(Zone(silent={"example.or.kr"})), house=house)
    await keep(db, HOURLY, house, now=at(0), inspector=inspector)
    async with db.read() as tx:
        assert not await reports.last_letters(tx, DeliveryKind.ALARM, limit=10)


async def test_the_clock_sends_what_is_yellow_and_writes_it_down(db: Database) -> None:
    await due(db)
    decision = await kept(db, abroad(Zone(silent={"example.or.kr"})))
    assert decision.verdict is Verdict.SENT
    assert decision.edition is not None
    assert decision.reason.startswith("No. 1 to 1 reader; preflight: ")
    async with db.read() as tx:
        assert await outbox.account(tx, decision.edition.id) == Account(waiting=1)


async def test_an_entry_that_comes_while_it_is_looked_at_goes_along_and_is_looked_at(db: Database) -> None:
    await due(db)
    asked = []

    async def slow(name: str, kind: str) -> object:
        if not asked:
            await fill(db, item(2), minute=-4)
        asked.append(name)
        return await Zone(silent={"example.or.kr"})(name, kind)

    decision = await kept(db, replace(abroad(Zone()), lookup=slow))  # type: ignore[arg-type]  # an object will do
    assert decision.verdict is Verdict.SENT
    assert decision.edition is not None
    assert len(decision.edition.entries) == 2
    assert len(asked) == 2
