"""An editor's word on what a machine translated: it stands as it is, or it goes."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from publisher.errors import NotAllowed
from publisher.flows.withdraw import TRANSLATED
from publisher.model import Entry, Language, Origin
from publisher.store import editions, translations
from publisher.store.database import Tx

log = structlog.get_logger()


async def confirm(tx: Tx, entry: Entry, language: Language, *, by: str, now: datetime) -> None:
    """Let a machine's face stand without its mark, as if a person had written it. Raises NotAllowed if it is none."""
    _expect(entry, language, (Origin.MACHINE,))
    if not await translations.confirm(tx, entry.id, language, by=by, now=now):
        raise NotAllowed(f"{entry.public_id} was changed by another hand just now; look again")
    await editions.doubt(tx, entry.id, why=TRANSLATED, now=now)
    log.info("translation confirmed", entry=entry.id, language=language)


async def reject(tx: Tx, entry: Entry, language: Language, *, by: str, now: datetime) -> None:
    """Take a face away that the house had made. Raises NotAllowed if it is the archive's own."""
    _expect(entry, language, (Origin.MACHINE, Origin.HUMAN))
    if not await translations.reject(tx, entry.id, language, by=by):
        raise NotAllowed(f"{entry.public_id} was changed by another hand just now; look again")
    await editions.doubt(tx, entry.id, why=TRANSLATED, now=now)
    log.info("translation rejected", entry=entry.id, language=language)


def _expect(entry: Entry, language: Language, origins: Sequence[Origin]) -> None:
    face = entry.faces.get(language)
    if face is None:
        raise NotAllowed(f"{entry.public_id} has no face in '{language}'; it has {', '.join(entry.faces)}")
    if face.origin is Origin.ORIGINAL:
        raise NotAllowed(f"{entry.public_id} is the archive's own in '{language}': no machine made it")
    if face.origin not in origins:
        raise NotAllowed(f"{entry.public_id} is confirmed in '{language}' already")
