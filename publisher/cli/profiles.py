"""`profiles`: the SMTP servers, whether letters go by them, and how many have gone."""

from typing import Any

import click

from publisher.app import App
from publisher.cli.frame import as_json, house, out, say_json
from publisher.delivery.policy import SmtpProfile
from publisher.errors import NotFound
from publisher.flows.shares import standing_of
from publisher.store import pace, roads
from publisher.store.database import Tx
from publisher.store.roads import Rest


@click.group()
def profiles() -> None:
    """The SMTP profiles: how they stand, and letting one go on."""


@profiles.command(name="list")
@as_json
@house
async def list_(app: App, as_json: bool) -> None:
    """Each profile, how it stands, and its pace.

    With the letters of the last 24 hours, and why one rests.
    """
    async with app.db.read() as tx:
        shapes = await profile_shapes(tx, app)
    if as_json:
        say_json(shapes)
        return
    for one in shapes:
        for line in profile_lines(app, one):
            out.print(line, markup=False)
    if not shapes:
        out.print(f"no SMTP server is configured; letters go to {app.mailbox}", markup=False)


@profiles.command()
@click.argument("name", required=False)
@house
async def resume(app: App, name: str | None) -> None:
    """Let a profile that rests go on at once.

    Without NAME all of them; once what is told there has been mended.
    """
    known = app.config.delivery.roads
    if name and name not in known:
        raise NotFound(f"no profile is called '{name}'; there are: {', '.join(known) or 'none is configured'}")
    async with app.db.begin() as tx:
        going_on = [one for one in ([name] if name else known) if await roads.recovered(tx, one)]
    out.print(f"{', '.join(going_on)}: going on" if going_on else "no profile was resting", markup=False)


async def profile_shapes(tx: Tx, app: App) -> list[dict[str, Any]]:
    """As `--json` has them."""
    resting = await roads.resting(tx)
    return [
        _shape(app, name, profile, resting.get(name), sum((await pace.sent_lately(tx, name, app.now())).values()))
        for name, profile in app.config.delivery.roads.items()
    ]


def _shape(app: App, name: str, profile: SmtpProfile, rest: Rest | None, lately: int) -> dict[str, Any]:
    is_resting = standing_of(rest).is_resting(app.now())
    return {
        "name": name,
        "server": f"{profile.host}:{profile.port}",
        "state": "resting" if is_resting else "trying" if rest else "ok",
        "since": rest.since if rest else None,
        "until": rest.until if rest and is_resting else None,
        "why": rest.fault if rest else None,
        "reason": rest.reason if rest else None,
        "last_24_hours": lately,
        "per_day": profile.per_day,
        "per_second": profile.per_second,
        "connections": profile.connections,
    }


def profile_lines(app: App, one: dict[str, Any]) -> list[str]:
    """For the terminal; what to do stands below one that rests."""
    of_day = f" of {one['per_day']}" if one["per_day"] else ""
    rate = f", at most {one['per_second']:g} a second" if one["per_second"] else ""
    first = (
        f"{one['name']:12} {one['state']}, {one['server']}; {one['last_24_hours']}{of_day} letters in 24 hours{rate}"
    )
    if one["state"] == "ok":
        return [first]
    until = f"until {app.local(one['until'])}" if one["until"] else "one letter goes ahead and tries"
    return [
        first,
        f"{'':12} rests since {app.local(one['since'])}, {until}: {one['reason']}",
        f"{'':12} `publisher profiles resume {one['name']}` lets it go on at once",
    ]


COMMANDS = {"profiles": profiles}
