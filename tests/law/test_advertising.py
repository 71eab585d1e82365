"""K1, K2, K4, K5, K11: what advertising is, to whom it may go, and what it must say."""

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.address import parse
from publisher.delivery.envelope import Stationery
from publisher.digest.render import compose_letters
from publisher.errors import NotAllowed, StaleEdition
from publisher.flows.choose import get_less_often
from publisher.flows.classify import classify, missing_of, signs_in
from publisher.flows.deliver import deliver
from publisher.flows.signup import agree_to_advertising
from publisher.flows.unsubscribe import unsubscribe
from publisher.i18n import catalogue
from publisher.model import Classification, EditionStatus, Sender, Slot, Texts
from publisher.store import audience, consents, editions, outbox
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import deliveries
from tests.delivery.post import Road, post_office
from tests.law.people import drafted, reader, released, say, subscription_of, written_to
from tests.samples import HOUSE, SITE, WEEKLY, at, enlist

ADVERTISING, INFORMATION = Classification.ADVERTISING, Classification.INFORMATION
KEYS = ("ko", "en", "ko+en", "en+ko")


async def test_k1_without_a_recorded_consent_nobody_is_a_recipient_of_advertising(db: Database) -> None:
    await reader(db, "yes@reader.example", agreed=True)
    await reader(db, "no@reader.example")
    await reader(db, "once@reader.example", agreed=True)
    await say(db, "once@reader.example", "withdrawn", when=at(1))
    done = await released(db)
    assert await written_to(db) == {"yes@reader.example"}
    assert (done.queued, done.edition.not_agreed) == (1, 2)
    async with db.read() as tx:
        assert (await outbox.account(tx, done.edition.id)).total == 1, "the others are no recipients"
        assert await audience.reachable(tx, "weekly", ADVERTISING) == {"ko": 1}


async def test_k1_information_goes_to_everybody_who_subscribed(db: Database) -> None:
    await reader(db, "yes@reader.example", agreed=True)
    await reader(db, "no@reader.example")
    done = await released(db, INFORMATION)
    assert await written_to(db) == {"yes@reader.example", "no@reader.example"}
    assert done.edition.not_agreed is None


@pytest.mark.parametrize("event", ["asked", "changed"])
async def test_k1_asking_is_not_agreeing(db: Database, event: str) -> None:
    await reader(db, "kim@reader.example")
    await say(db, "kim@reader.example", event)
    assert not await stands(db)


@pytest.mark.parametrize("means", ["import", "operator"])
@pytest.mark.parametrize("minute", [-60, 60])
async def test_k2_what_others_say_does_not_stand_against_a_withdrawal(db: Database, means: str, minute: float) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    await say(db, "kim@reader.example", "withdrawn", when=at(1))
    await say(db, "kim@reader.example", "given", when=at(minute), means=means)
    assert not await stands(db)
    await say(db, "kim@reader.example", "confirmed", when=at(90))
    assert await stands(db), "the reader may agree anew"


async def test_k2_no_operator_brings_a_consent_back_that_the_person_took_back(db: Database) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    await say(db, "kim@reader.example", "withdrawn", when=at(1))
    who = parse("kim@reader.example")
    async with db.begin() as tx:
        key = (await all_keys(tx))[0]
        with pytest.raises(NotAllowed, match="only the person can agree anew"):
            await agree_to_advertising(tx, who, "weekly", key, evidence="by telephone", at=None, now=at(2))
        assert await audience.reachable(tx, "weekly", ADVERTISING) == {}


async def test_k2_whoever_leaves_has_taken_back_the_consent_to_advertising_too(db: Database) -> None:
    token_id = await enlist(db, "kim@reader.example")
    await say(db, "kim@reader.example", "given")
    async with db.begin() as tx:
        await unsubscribe(tx, token_id, means="one-click", now=at(5))
    assert not await stands(db)


async def test_k2_who_got_letters_less_often_and_comes_back_has_not_agreed_to_advertising_again(db: Database) -> None:
    token_id = await enlist(db, "kim@reader.example")
    await say(db, "kim@reader.example", "given")
    async with db.begin() as tx:
        theirs = await audience.by_token(tx, token_id)
        assert theirs is not None
        assert await get_less_often(tx, theirs, "monthly", "ko", means="page", now=at(5))
    await say(db, "kim@reader.example", "confirmed", when=at(6), scope="information")
    assert not await stands(db)
    async with db.read() as tx:
        assert await consents.has_agreed_to_advertising(tx, theirs.subscription.id + 1), "it went to the other list"


async def test_k2_a_withdrawal_between_release_and_sending_stops_the_letter(db: Database, tmp_path: Path) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    await released(db)
    await say(db, "kim@reader.example", "withdrawn", when=at(4))
    road = Road()
    tally = await deliver(await post_office(db, tmp_path, road))
    assert (tally.withheld, road.carried) == (1, [])
    async with db.read() as tx:
        assert (await tx.execute(select(deliveries.c.reason))).scalar_one() == "no consent"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "title",
    [
        "봄 강연회",
        "(광고) 봄 강연회",
        "( 광 고 ) 봄 강연회",
        "[광*고]봄 강연회",
        "（광고）봄 강연회",
        "(광\u200b고)봄 강연회",
        "긴 " * 90,
    ],
)
async def test_k4_the_decoded_subject_begins_with_the_label_once(db: Database, key: str, title: str) -> None:
    edition = replace(await drafted(db, title=title), classification=ADVERTISING)
    letter = compose_letters(edition, WEEKLY, SITE, [key])[key]
    paper = Stationery(letter=letter, site=SITE, list=WEEKLY)
    content = paper.copy(
        recipient="kim@reader.example",
        message_id="<1@hanbit-peace.example>",
        date=at(),
        values={slot: f"https://letters.hanbit-peace.example/{slot}/x" for slot in Slot},
    )
    subject = str(email.message_from_bytes(content, policy=email.policy.default)["Subject"])
    assert subject.startswith("(광고) ")
    assert "광고" not in subject.removeprefix("(광고)").replace(" ", "").replace("\u200b", "").replace("*", "")


async def test_k4_a_changed_template_cannot_leave_the_label_out(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "email" / "digest"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("봄 소식 (광고)", encoding="utf-8")
    edition = replace(await drafted(db), classification=ADVERTISING)
    assert compose_letters(edition, WEEKLY, SITE, ["ko"], tmp_path)["ko"].subject == "(광고) 봄 소식"


LACKING: list[tuple[Callable[[Sender], Sender], list[str]]] = [
    (lambda one: replace(one, phone=""), ["site.sender.phone"]),
    (lambda one: replace(one, address={}), ["site.sender.address.ko", "site.sender.address.en"]),
    (lambda one: replace(one, address=only_korean(one.address)), ["site.sender.address.en"]),
    (lambda one: replace(one, name=only_korean(one.name)), ["site.sender.name.en"]),
]


def only_korean(texts: Texts) -> Texts:
    return {"ko": texts["ko"]}


@pytest.mark.parametrize(("change", "keys"), LACKING)
async def test_k5_advertising_without_the_senders_data_is_not_released(
    db: Database, change: Callable[[Sender], Sender], keys: list[str]
) -> None:
    sender = change(SITE.sender)
    assert missing_of(sender) == keys
    house = replace(HOUSE, site=replace(SITE, sender=sender))
    await reader(db, "kim@reader.example", agreed=True)
    with pytest.raises(NotAllowed, match=keys[0]):
        await released(db, house=house)
    assert await written_to(db) == set()


async def test_k5_information_is_not_held_up_by_it(db: Database) -> None:
    await reader(db, "kim@reader.example")
    house = replace(HOUSE, site=replace(SITE, sender=replace(SITE.sender, phone="", address={})))
    assert (await released(db, INFORMATION, house=house)).queued == 1


@pytest.mark.parametrize(
    ("part", "content", "wrong"),
    [
        ("body.txt", "{{ unsubscribe_url }}", "does not say"),
        (
            "body.txt",
            "{{ unsubscribe_url }} {% for one in letter.imprints %}{{ one.name }} {{ one.email }} {{ one.phone }}"
            " {{ one.address }}{% endfor %}",
            "the link to refuse in Korean and in English",
        ),
    ],
)
async def test_k5_a_changed_template_that_leaves_it_out_is_found_before_the_release(
    db: Database, tmp_path: Path, part: str, content: str, wrong: str
) -> None:
    folder = tmp_path / "email" / "digest"
    folder.mkdir(parents=True)
    (folder / part).write_text(content, encoding="utf-8")
    with pytest.raises(NotAllowed, match=wrong):
        await released(db, house=replace(HOUSE, templates=tmp_path))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("classification", [INFORMATION, ADVERTISING])
async def test_k5_sender_and_refusal_stand_in_both_languages_in_html_and_text(
    db: Database, key: str, classification: Classification
) -> None:
    edition = replace(await drafted(db), classification=classification)
    letter = compose_letters(edition, WEEKLY, SITE, [key])[key]
    for run in (letter.html, letter.text):
        said = " ".join("".join(piece for piece in run if not isinstance(piece, Slot)).split())
        for fact in (*SITE.sender.name.values(), *SITE.sender.address.values(), SITE.sender.phone, SITE.sender.email):
            assert fact in said
        for sentence in (
            "Sender: %(name)s",
            "To stop receiving this letter, follow the link “Unsubscribe”. It is free and needs no sign-in.",
        ):
            for language in ("ko", "en"):
                assert catalogue(language).gettext(sentence, name=SITE.sender.name[language]) in said
        assert run.count(Slot.UNSUBSCRIBE) == 2


async def test_k11_an_edition_is_what_its_list_says_until_a_named_person_decides(db: Database) -> None:
    edition = await drafted(db, replace(WEEKLY, classification=ADVERTISING))
    assert (edition.classification, edition.classified_at, edition.classified_why) == (ADVERTISING, None, None)
    async with db.begin() as tx:
        await editions.approve(tx, edition.id, by="lee", now=at(2))
        await classify(tx, edition, INFORMATION, by="kim", why="a free lecture", now=at(3))
        decided = await editions.get(tx, edition.id)
    assert (decided.classification, decided.classified_by, decided.classified_why, decided.classified_at) == (
        INFORMATION,
        "kim",
        "a free lecture",
        at(3),
    )
    assert (decided.status, decided.approved_by) == (EditionStatus.DRAFT, None), "what was approved was another edition"
    assert decided.touched


async def test_k11_a_released_edition_stays_what_it_is(db: Database) -> None:
    done = await released(db, INFORMATION)
    async with db.begin() as tx:
        with pytest.raises(StaleEdition, match="is released"):
            await classify(tx, done.edition, ADVERTISING, by="kim", why=None, now=at(4))


@pytest.mark.parametrize(
    ("title", "signs"),
    [
        ("유료 강좌, 조기 등록 할인", ("유료", "할인")),
        ("A paid seminar: Discount for members, paid by card", ("paid", "Discount")),
        ("Coffee with the ambassador", ()),
        ("비무장지대의 봄", ()),
    ],
)
async def test_k11_words_of_selling_only_warn(db: Database, title: str, signs: tuple[str, ...]) -> None:
    await reader(db, "kim@reader.example")
    edition = await drafted(db, title=title)
    assert signs_in(edition) == signs
    assert edition.classification is INFORMATION
    assert signs_in(replace(edition, classification=ADVERTISING)) == ()


async def stands(db: Database, address: str = "kim@reader.example") -> bool:
    subscription_id = await subscription_of(db, address)
    async with db.read() as tx:
        return await consents.has_agreed_to_advertising(tx, subscription_id)
