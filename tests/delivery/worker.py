"""A delivering process to be killed: `python -m tests.delivery.worker STORE JOURNALS PORT resend|hold`."""

import asyncio
import sys
from pathlib import Path

from publisher.delivery.policy import DeliveryPolicy, Security, SmtpProfile, WhenUncertain
from publisher.delivery.smtp import SmtpTransport
from publisher.flows.deliver import deliver
from publisher.store.database import open_database
from tests.delivery.post import post_office

CONNECTIONS = 6


async def work(store: str, journals: Path, port: int, uncertain: WhenUncertain) -> None:
    db = await open_database(store)
    road = SmtpTransport(SmtpProfile(host="127.0.0.1", port=port, security=Security.NONE, connections=CONNECTIONS))
    await deliver(await post_office(db, journals, road, DeliveryPolicy(uncertain=uncertain)))
    await road.close()
    await db.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), WhenUncertain(sys.argv[4])))
