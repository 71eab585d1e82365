"""
A delivering process to be killed: `python -m tests.delivery.worker STORE JOURNALS PORT resend|hold CONNECTIONS`.

With `STEP NUMBER` behind it, it kills itself at that step (`OWN_STEPS`) of the copy with that number.
"""

import asyncio
import os
import signal
import sys
from itertools import count
from pathlib import Path

from publisher.delivery.journal import Journal
from publisher.delivery.policy import DeliveryPolicy, Security, SmtpProfile, WhenUncertain
from publisher.delivery.smtp import SmtpTransport
from publisher.flows.deliver import deliver
from publisher.store.database import open_database
from tests.delivery.post import post_office

OWN_STEPS = ("before start", "after start", "before done", "after done")
"""Lines of the journal: `start` is written right before a content goes out, `done` when its answer has come."""


async def work(store: str, journals: Path, port: int, uncertain: WhenUncertain, connections: int) -> None:
    db = await open_database(store)
    road = SmtpTransport(SmtpProfile(host="127.0.0.1", port=port, security=Security.NONE, connections=connections))
    await deliver(await post_office(db, journals, road, DeliveryPolicy(uncertain=uncertain)))
    await road.close()
    await db.close()


def die_at(step: str, number: int) -> None:
    """From now on, writing that many lines into a journal is deadly."""
    moment, _, name = step.partition(" ")
    write, lines = getattr(Journal, name), count(1)

    def deadly(journal: Journal, *line: int) -> None:
        is_last = next(lines) == number
        if is_last and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        write(journal, *line)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(Journal, name, deadly)


if __name__ == "__main__":
    if sys.argv[6:]:
        die_at(sys.argv[6], int(sys.argv[7]))
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), WhenUncertain(sys.argv[4]), int(sys.argv[5])))
