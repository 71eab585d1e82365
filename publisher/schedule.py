"""
When things happen.

APScheduler only wakes `tick`; what is due is a question to the database. So a
missed hour is made up, two processes cannot do it twice (the run's unique key
decides), and no job is ever stored.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from publisher.app import App
from publisher.flows import occasion
from publisher.flows.erase import finish_erasures
from publisher.flows.gaps import look
from publisher.flows.housekeep import housekeep
from publisher.flows.notify import tell_results
from publisher.flows.occasion import Decision
from publisher.flows.translate import Round, translate
from publisher.model import Verdict
from publisher.store import archives

log = structlog.get_logger()

# What our own looks raise is logged here, with its archive or list. Beyond that the library
# only has to say that a look was cut short when the house closes.
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)

_EVERY = 10  # seconds between two looks; a cadence has whole minutes
_MINUTE = 60
_KEEP_HOUSE = 6 * 60 * 60
_TRANSLATE_AGAIN = timedelta(hours=1)  # after a round that the service ended
_SETTLING_IN = 600  # after a long stop all archives are late until they have been read


class Schedule:
    """
    The clock of a running house.

    `on_release` is called when letters were queued, so that delivery need not
    wait for its own next look.
    """

    def __init__(self, app: App, on_release: Callable[[], None]) -> None:
        self._app = app
        self._on_release = on_release
        self._reading = asyncio.Lock()
        self._translating_from = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Keep time until cancelled."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        for task, every, first in self._tasks():
            scheduler.add_job(
                task,
                "interval",
                seconds=every,
                next_run_time=datetime.now(UTC) + timedelta(seconds=first),
                misfire_grace_time=None,  # its default of one second would drop a late look
                coalesce=True,
                max_instances=1,
            )
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)
            await self.count_followers()  # of the last minute

    def _tasks(self) -> Iterator[tuple[Callable[[], Awaitable[object]], int, int]]:
        """What is done, every how many seconds, and after how many for the first time."""
        yield self.read_archives, _EVERY, 0
        yield self.keep_cadences, _EVERY, 0
        yield self.look_after_archives, _MINUTE, _SETTLING_IN
        yield self.tell_readers, _MINUTE, 0
        yield self.keep_the_house, _KEEP_HOUSE, _SETTLING_IN
        yield self.look_after_requests, _MINUTE, 0
        yield self.count_followers, _MINUTE, 0
        if self._app.config.web.websub:
            yield self.tell_hub, _EVERY, 0
        if self._app.config.translate.automatic and self._app.config.translate.service:
            yield self.translate_news, _MINUTE, 0

    async def read_archives(self) -> None:
        """Read every archive whose time has come, one after the other."""
        async with self._reading:
            for name in self._app.config.archives:
                try:
                    if await self._is_due(name):
                        await self._app.ingest(name)
                except Exception:  # whatever it is, the other archives are read
                    log.exception("archive not read", archive=name)

    async def look_after_archives(self) -> None:
        """Tell the operators of archives that nobody reads."""
        for name in self._app.config.archives:
            try:
                await self._app.look_after(name)
            except Exception:  # whatever it is, the other archives are looked after
                log.exception("archive not looked after", archive=name)

    async def tell_readers(self) -> None:
        """Queue the results of consents, and take out who was told of their erasure."""
        try:
            if await tell_results(self._app.desk, now=self._app.now()):
                self._on_release()
            await finish_erasures(self._app.db, now=self._app.now())
        except Exception:  # whatever it is, the next look tries anew
            log.exception("readers not told")

    async def keep_the_house(self) -> None:
        """What is due by the calendar: questions, alarms, what is kept no longer."""
        try:
            await housekeep(self._app.desk, now=self._app.now())
        except Exception:
            log.exception("house not kept")

    async def look_after_requests(self) -> None:
        """Answer what pages took in and did not get to answer, remind, let expire."""
        try:
            if await self._app.look_after_requests():
                self._on_release()
        except Exception:  # the next look tries again
            log.exception("requests not looked after")

    async def keep_cadences(self) -> list[Decision]:
        """Decide every occurrence that is due now."""
        decided = []
        for mailing_list in self._app.config.lists.values():
            try:
                decision = await occasion.keep(self._app.db, mailing_list, self._app.house, now=self._app.now())
            except Exception:  # whatever it is, the other lists are looked at
                log.exception("occurrence not decided", list=mailing_list.name)
                continue
            if decision is not None:
                decided.append(decision)
        if any(decision.verdict is Verdict.SENT for decision in decided):
            self._on_release()
        return decided

    async def count_followers(self) -> None:
        """Write down how many asked for the feeds."""
        try:
            await self._app.followers.write(self._app.db)
        except Exception:  # it is counted on, and written the next time
            log.exception("followers not written")

    async def tell_hub(self) -> None:
        """Tell the WebSub hub which feeds changed."""
        try:
            await self._app.tell_hub()
        except Exception:  # it is asked again what the hub has not heard
            log.exception("hub not told")

    async def translate_news(self) -> None:
        """Have the faces made that new entries lack; a service that does not answer is left alone for a while."""
        if self._app.now() < self._translating_from:
            return
        try:
            async with self._app.bureau() as bureau:
                plan = await look(bureau, by_itself=True)
                done = await translate(bureau, plan.gaps) if plan.gaps else Round()
        except Exception:  # whatever it is, the next look tries anew
            log.exception("faces not translated")
            return
        if done.failure or done.unpaid:
            self._translating_from = self._app.now() + _TRANSLATE_AGAIN

    async def _is_due(self, name: str) -> bool:
        async with self._app.db.read() as tx:
            state = await archives.state_of(tx, name)
        return state.read_at is None or state.read_at + self._app.archive(name).every <= self._app.now()
