"""Whose turn it is: letters to one person go before editions."""

from publisher.model import DeliveryKind
from publisher.store import claims, outbox
from publisher.store.database import Database
from tests.delivery.post import add_readers, release
from tests.samples import at


async def test_a_letter_to_one_person_does_not_wait_behind_an_edition(db: Database) -> None:
    await add_readers(db, "hana@reader.example", "duri@reader.example", "sena@reader.example")
    edition_id = await release(db)
    async with db.begin() as tx:
        asked = await outbox.enqueue_letter(
            tx,
            DeliveryKind.CONFIRM,
            cause="1",
            facts={},
            address="haneul@readers.example",
            address_hash="hash of haneul",
            language_key="ko",
            now=at(3),
        )
        first = await claims.claim(tx, worker_id="w", limit=1, lease_until=at(99), now=at(3), name_message=str)
        assert [copy.delivery_id for copy in first.copies] == [asked]
        rest = await claims.claim(tx, worker_id="w", limit=9, lease_until=at(99), now=at(3), name_message=str)
    assert {copy.edition_id for copy in rest.copies} == {edition_id}
