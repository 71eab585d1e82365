"""`dkim`: the keys that sign letters, and the lines that the DNS needs for them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from publisher.app import App
from publisher.cli.checks import signing, tell
from publisher.cli.frame import as_json, err, house, out, say_json
from publisher.config.values import dns_label
from publisher.delivery.dkim import SigningKey
from publisher.delivery.keyring import dns_name, dns_record, dns_strings, make_keys, read_keys
from publisher.delivery.policy import DkimPolicy


@click.command()
@click.option("--selector", metavar="NAME", help="Make keys of another name, to change over to them.")
@click.option("--check", is_flag=True, help="Make nothing; say whether letters are signed, and what is wrong.")
@as_json
@house
async def dkim(app: App, selector: str | None, check: bool, as_json: bool) -> None:
    """Make the keys that sign letters, where there are none, and print the lines for the DNS."""
    if check:
        tell(signing(app), as_json=as_json)
        return
    in_use = app.config.delivery.dkim
    policy = _wanted(in_use, selector, proposed=f"p{app.now():%Y%m}")
    made = [] if policy.key_file else make_keys(policy, app.signing_folder)
    for file in made:
        err.print(f"{file} is made. Whoever has it can sign in your name; it stays on this machine.", markup=False)
    keys = read_keys(policy, app.signing_folder, domain=app.sender_domain)
    is_in_use = policy == in_use
    if as_json:
        shapes = [_shape(key) for key in keys]
        say_json({"selector": policy.selector, "domain": keys[0].domain, "in_use": is_in_use, "keys": shapes})
        return
    for line in (*_records(keys), *([] if is_in_use else _next(policy, in_use))):
        out.print(line, markup=False)


def _wanted(in_use: DkimPolicy, selector: str | None, *, proposed: str) -> DkimPolicy:
    """The policy whose keys are asked for: the one in use, or one to change over to."""
    if selector in (None, in_use.selector) and in_use.selector:
        return in_use
    try:
        return replace(in_use, selector=dns_label(proposed if selector is None else selector), key_file=None)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--selector") from None


def _records(keys: Sequence[SigningKey]) -> Iterator[str]:
    yield "The DNS needs these TXT records, here as they stand in a zone file:"
    for key in keys:
        strings = [f'"{string}"' for string in dns_strings(dns_record(key))]
        yield f"\n{dns_name(key)}. IN TXT ( {' '.join(strings)} )"
    yield "\nA form on a web page wants each record without the quotation marks, in one piece and without brackets."


def _next(policy: DkimPolicy, in_use: DkimPolicy) -> Iterator[str]:
    until = f"signed with the keys of {in_use.selector}" if in_use.selector else "not signed"
    yield f"\nLetters are {until} until config.yaml names the new ones. Once the DNS answers with them, write there"
    no_file = ", key_file: null" if in_use.key_file else ""
    yield f"\n  delivery: {{dkim: {{selector: {policy.selector}{no_file}}}}}\n"
    yield "and start the house again."
    if in_use.selector:
        yield f"Leave the records of {in_use.selector} in the DNS for a week: letters under way are checked by them."


def _shape(key: SigningKey) -> dict[str, Any]:
    record = dns_record(key)
    return {
        "algorithm": key.algorithm,
        "selector": key.selector,
        "name": dns_name(key),
        "record": record,
        "strings": dns_strings(record),
    }


COMMANDS = {"dkim": dkim}
