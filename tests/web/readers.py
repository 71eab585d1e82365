"""A house with two lists at which people ask, and the letters that reach them."""

import email
import email.policy
import re
from dataclasses import dataclass
from pathlib import Path

import httpx2

from publisher.app import App
from publisher.flows.deliver import deliver
from publisher.store import audience
from subscribers.model import Subscription
from subscribers.tokens import hash_of
from tests.web.house import PUBLIC, Page, configured

_LISTS = """  weekly:
    name: {ko: 주간 브리핑, en: Weekly Briefing}
    archives: [director, papers]
    cadence: "0 9 * * mon"
    less_often: monthly
  monthly:
    name: {ko: 월간 브리핑, en: Monthly Briefing}
    archives: [papers]
    cadence: "0 9 1 * *"
    languages: [ko, en]
"""


def two_lists(folder: Path, more: str = "") -> Path:
    """A configuration with a weekly list and a monthly one; `more` is YAML behind it."""
    path = configured(folder)
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text[: text.index('  weekly:')]}{_LISTS}{more}", encoding="utf-8")
    return path


@dataclass(frozen=True, kw_only=True)
class Got:
    """A letter as it reached somebody."""

    to: str
    subject: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """Every address of ours that stands in it, as a path."""
        found = re.findall(rf"{re.escape(PUBLIC)}(/[^\s\"'<>)]*)", self.text + self.html)
        return list(dict.fromkeys(found))

    def link(self, start: str) -> str:
        [found] = [link for link in self.links if link.startswith(start)]
        return found


async def post(app: App) -> list[Got]:
    """Empty the outbox into the mailbox folder; gives what came this time."""
    before = set(app.mailbox.glob("*.eml"))
    async with app.post_office() as office:
        await deliver(office)
    return [read(path) for path in sorted(set(app.mailbox.glob("*.eml")) - before)]


def read(path: Path) -> Got:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return Got(to=message["To"], subject=message["Subject"], text=text.get_content(), html=html.get_content())


async def filled_in(
    client: httpx2.AsyncClient, address: str = "haneul@readers.example", **fields: str
) -> dict[str, str]:
    """The fields of the form as somebody who agrees to everything needed would send them."""
    page = Page((await client.get("/subscribe")).text)
    [version] = page.all("input", name="version")
    whole = {"email": address, "list": "weekly", "languages": "ko", "age": "yes", "agree": "yes"}
    return {key: value for key, value in {**whole, "version": version["value"], **fields}.items() if value != "-"}


async def come(app: App, client: httpx2.AsyncClient, address: str = "haneul@readers.example", **fields: str) -> Got:
    """Ask and confirm; gives the welcome."""
    await client.post("/subscribe", data=await filled_in(client, address, **fields))
    [asked] = await post(app)
    await client.post(asked.link("/confirm/"))
    [welcome] = await post(app)
    return welcome


async def standing(app: App, address: str = "haneul@readers.example", list_name: str = "weekly") -> Subscription | None:
    async with app.db.read() as tx:
        return await audience.subscription_of(tx, hash_of(address, app.keys[0].secret), list_name)


async def everything(app: App) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the store but counters and ready-made feeds, to be compared."""
    async with app.db.read() as tx:
        names = (await tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return {
            name: [tuple(row) for row in await tx.exec_driver_sql(f'SELECT * FROM "{name}"')]
            for name in names
            if name != "knocks" and not name.startswith(("sqlite_", "feed_"))
        }
