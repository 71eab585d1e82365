"""
The domain that letters come from, as receivers see it: SPF, DKIM, DMARC, and whether it can be answered.

Red is what is known to be wrong. A question that nobody answered is no fact
about the domain, and at most yellow.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from publisher.i18n import noted
from publisher.net import Lookup, Records, Unanswered, is_public, reverse_name
from publisher.preflight.domains import are_aligned, is_numeric, organisation
from publisher.preflight.finding import Colour, Finding
from publisher.preflight.spf import Spf, SpfVerdict, evaluate
from publisher.preflight.tags import tags


@dataclass(frozen=True, kw_only=True)
class OwnKey:
    """A key that the house signs with for `domain`: the name at which its record must stand, and the record."""

    domain: str
    name: str
    record: str


@dataclass(frozen=True, kw_only=True)
class Sending:
    """
    How letters leave: the domains of From and of MAIL FROM, the SMTP server ('' for none), the keys.

    `signed_by` is the domain that the provider was seen to sign for (`results`),
    where the house has no key of its own.
    """

    author: str
    envelope: str
    server: str = ""
    keys: Sequence[OwnKey] = ()
    signed_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Whether SPF and DKIM speak for the author's domain; None where it is not known."""

    spf: bool | None
    dkim: bool | None


def asking_once(lookup: Lookup) -> Lookup:
    """The same lookup, which asks each question once."""
    asked: dict[tuple[str, str], asyncio.Future[Records | Unanswered]] = {}

    async def once(name: str, kind: str) -> Records | Unanswered:
        key = (name.lower(), kind)
        if key not in asked:
            asked[key] = asyncio.ensure_future(lookup(name, kind))
        return await asked[key]

    return once


async def names(sending: Sending, lookup: Lookup) -> Sequence[Finding]:
    """Everything that is to be said of the domains of letters that leave like this."""
    return [finding async for finding in _names(sending, lookup)]


async def _names(sending: Sending, lookup: Lookup) -> AsyncIterator[Finding]:
    reachable = await _reachable(sending, lookup)
    if reachable:  # either nothing else matters, or nobody answers and each further question takes its time
        yield reachable
        return
    addresses = await _addresses(sending, lookup)
    verdict = await evaluate(sending.envelope, addresses, lookup)
    yield _spf(sending, verdict, addresses)
    dkim = [await _dkim(key, lookup) for key in sending.keys] or [_provider(sending)]
    for finding in dkim:
        yield finding
    judged = Judged(spf=_speaks(verdict), dkim=_all_speak(sending, dkim))
    yield await _dmarc(sending, judged, lookup)
    if addresses:
        yield await _reverse(sending, addresses, lookup)


def _finding(colour: Colour, check: str, domain: str, what: str, cure: str = "", **values: object) -> Finding:
    return Finding(
        check=check,
        colour=colour,
        what=what,
        cure=cure,
        where=domain,
        subject=domain,
        values={"domain": domain, **values},
    )


_UNANSWERED = noted("The name system gave no answer about %(domain)s (%(reason)s).")
_ASK_AGAIN = noted("Run publisher preflight again later, or on a machine that may ask.")


# ── Can it be answered? ──────────────────────────────────────────────────────


async def _reachable(sending: Sending, lookup: Lookup) -> Finding | None:
    """Servers refuse mail whose sender's domain takes none (RFC 5321 section 5.1: MX, else its address)."""
    domain = sending.envelope
    found = await lookup(domain, "MX")
    if isinstance(found, Records) and not found.records:
        found = await lookup(domain, "A")
    if isinstance(found, Records) and not found.records:
        found = await lookup(domain, "AAAA")
    if isinstance(found, Unanswered):
        return _finding(Colour.YELLOW, "dns", domain, _UNANSWERED, _ASK_AGAIN, reason=found.reason)
    if not found.records:
        return _finding(
            Colour.RED,
            "dns",
            domain,
            noted("%(domain)s can receive no mail: it has neither an MX record nor an address."),
            noted("Correct site.sender.email, or give the domain an MX record."),
        )
    return None


async def _addresses(sending: Sending, lookup: Lookup) -> Sequence[str]:
    """The public addresses of the SMTP server; a relay on this host has none that the world sees."""
    if is_numeric(sending.server):
        return [sending.server] if is_public(sending.server) else ()
    if "." not in sending.server:
        return ()
    found = [await lookup(sending.server, kind) for kind in ("A", "AAAA")]
    records = (record for one in found if isinstance(one, Records) for record in one.records)
    return [record for record in records if is_public(record)][:4]


async def _reverse(sending: Sending, addresses: Sequence[str], lookup: Lookup) -> Finding:
    for address in addresses:
        back = await lookup(reverse_name(address), "PTR")
        if isinstance(back, Unanswered):
            return _finding(Colour.YELLOW, "reverse", sending.server, _UNANSWERED, _ASK_AGAIN, reason=back.reason)
        forth = [await lookup(name, "AAAA" if ":" in address else "A") for name in back.records[:3]]
        if not any(isinstance(one, Records) and address in one.records for one in forth):
            return _finding(
                Colour.YELLOW,
                "reverse",
                sending.server,
                noted("The address %(address)s of %(domain)s does not lead back to a name that has it."),
                noted("Ask whoever runs the server for a reverse record; Gmail, Naver and Daum want one."),
                address=address,
            )
    return _finding(Colour.GREEN, "reverse", sending.server, noted("The addresses of %(domain)s lead back to it."))


# ── SPF and DKIM ─────────────────────────────────────────────────────────────


def _spf(sending: Sending, verdict: SpfVerdict, addresses: Sequence[str]) -> Finding:
    domain = sending.envelope
    add = noted("Add the line that your mail provider names; Daum marks senders without one, and Gmail wants it.")
    match verdict.result:
        case Spf.BROKEN:
            what = noted("The SPF record of %(domain)s counts for nothing: %(why)s.")
            return _finding(
                Colour.RED, "spf", domain, what, noted("Mend the TXT record: one record, ten lookups."), why=verdict.why
            )
        case Spf.NONE:
            what = noted("%(domain)s has no SPF record.")
            return _finding(Colour.YELLOW, "spf", domain, what, add)
        case Spf.UNKNOWN if verdict.why:
            return _finding(Colour.YELLOW, "spf", domain, _UNANSWERED, _ASK_AGAIN, reason=verdict.why)
        case Spf.PASS | Spf.UNKNOWN:
            what = noted("The SPF record of %(domain)s holds (%(lookups)d lookups).")
            return _finding(Colour.GREEN, "spf", domain, what, lookups=verdict.lookups)
    return _finding(
        Colour.YELLOW,
        "spf",
        domain,
        noted("The SPF record of %(domain)s does not name %(server)s (%(address)s): %(result)s."),
        noted("If letters leave from other addresses of your provider, a test letter shows it; else add the server."),
        server=sending.server,
        address=addresses[0] if addresses else "",
        result=verdict.result.value,
    )


async def _dkim(key: OwnKey, lookup: Lookup) -> Finding:
    found = await lookup(key.name, "TXT")
    publish = noted("Publish the line that publisher dkim prints, and wait until the name system has it.")
    if isinstance(found, Unanswered):
        return _finding(Colour.YELLOW, "dkim", key.name, _UNANSWERED, _ASK_AGAIN, reason=found.reason)
    if not found.records:
        return _finding(Colour.RED, "dkim", key.name, noted("There is no DKIM key at %(domain)s."), publish)
    record = (tags(found.records[0]) if len(found.records) == 1 else None) or {}
    if record.get("v", "DKIM1") != "DKIM1" or "p" not in record:
        return _finding(Colour.RED, "dkim", key.name, noted("What stands at %(domain)s is not one DKIM key."), publish)
    ours = tags(key.record) or {}
    if "".join(record["p"].split()) != ours.get("p"):
        what = noted("The key at %(domain)s is another one than letters are signed with.")
        return _finding(Colour.RED, "dkim", key.name, what, publish)
    return _finding(Colour.GREEN, "dkim", key.name, noted("The DKIM key at %(domain)s is ours."))


def _provider(sending: Sending) -> Finding:
    if not sending.signed_by:
        return _finding(
            Colour.YELLOW,
            "dkim",
            sending.author,
            noted("The house signs with no key of its own; whether the provider signs for %(domain)s is not known."),
            noted(
                "Send a test letter to a Gmail or Naver box and hand the headers to"
                " publisher preflight --authentication-results, or make a key with publisher dkim."
            ),
        )
    if not are_aligned(sending.signed_by, sending.author):
        what = noted("The provider signs for %(signer)s and not for %(domain)s.")
        cure = noted("Let the provider sign for your own domain, or make a key with publisher dkim.")
        return _finding(Colour.YELLOW, "dkim", sending.author, what, cure, signer=sending.signed_by)
    what = noted("The provider signs for %(domain)s.")
    return _finding(Colour.GREEN, "dkim", sending.author, what)


def _speaks(verdict: SpfVerdict) -> bool | None:
    match verdict.result:
        case Spf.PASS:
            return True
        case Spf.NONE | Spf.BROKEN:
            return False
    return None  # the provider may send from other addresses than its server's


def _all_speak(sending: Sending, found: Sequence[Finding]) -> bool | None:
    if any(finding.colour is Colour.RED for finding in found):
        return False
    if any(finding.colour is Colour.YELLOW for finding in found):
        return None
    signers = {key.domain for key in sending.keys} or {sending.signed_by}
    return any(are_aligned(signer, sending.author) for signer in signers)


# ── DMARC ────────────────────────────────────────────────────────────────────


async def _dmarc(sending: Sending, judged: Judged, lookup: Lookup) -> Finding:
    domain = sending.author
    places = dict.fromkeys((domain, organisation(domain)))
    records: list[str] = []
    for place in places:
        found = await lookup(f"_dmarc.{place}", "TXT")
        if isinstance(found, Unanswered):
            return _finding(Colour.YELLOW, "dmarc", domain, _UNANSWERED, _ASK_AGAIN, reason=found.reason)
        records = [text for text in found.records if text.lower().startswith("v=dmarc1")]
        if records:
            break
    policy = (tags(records[0]) or {}) if len(records) == 1 else {}
    strictly = policy.get("aspf", "r").lower() == "s"
    spf = judged.spf if are_aligned(sending.envelope, domain, strictly=strictly) else False
    if spf is False and judged.dkim is False:
        return _finding(
            Colour.RED,
            "dmarc",
            domain,
            noted("Neither SPF nor DKIM speaks for %(domain)s: Gmail, Naver and Daum will refuse or mark the letters."),
            noted("Mend one of the two first, better both."),
        )
    add = noted('Publish one TXT record at _dmarc.%(domain)s; "v=DMARC1; p=none" is enough to begin with.')
    if not records:
        return _finding(
            Colour.YELLOW, "dmarc", domain, noted("%(domain)s has no DMARC record; Gmail and Naver want one."), add
        )
    if policy.get("p", "").lower() not in {"none", "quarantine", "reject"}:
        return _finding(
            Colour.YELLOW, "dmarc", domain, noted("The DMARC record of %(domain)s cannot be read by receivers."), add
        )
    what = noted("%(domain)s has a DMARC record (p=%(policy)s).")
    return _finding(Colour.GREEN, "dmarc", domain, what, policy=policy["p"].lower())
