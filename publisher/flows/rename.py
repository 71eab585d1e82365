"""An archive gets another name (`archives.<name>.formerly`): all that is stored goes with it, and every id stays."""

from collections.abc import Iterable

import structlog

from publisher.archive.source import ArchivePolicy
from publisher.errors import NotAllowed
from publisher.store import naming
from publisher.store.database import Database

log = structlog.get_logger()


async def rename_archives(db: Database, archives: Iterable[ArchivePolicy]) -> int:
    """
    Give what is stored under former names to the archives that have them now; how many were renamed.

    All in one transaction; doing it again changes nothing. Raises NotAllowed
    where both names have entries: nobody could tell them apart afterwards.
    """
    renamed = [policy for policy in archives if policy.formerly]
    async with db.read() as tx:
        waiting = [policy for policy in renamed if await naming.is_known(tx, policy.formerly)]
    if not waiting:
        return 0
    async with db.begin() as tx:
        for policy in waiting:
            if await naming.has_entries(tx, policy.formerly) and await naming.has_entries(tx, policy.name):
                both = f"both '{policy.formerly}' and '{policy.name}' have entries"
                raise NotAllowed(
                    f"archives.{policy.name}.formerly: {both}, so one cannot take the other's name; "
                    "give the archive a name that was never used"
                )
            await naming.rename(tx, policy.formerly, policy.name)
            log.info("archive renamed", archive=policy.name, formerly=policy.formerly)
    return len(waiting)
