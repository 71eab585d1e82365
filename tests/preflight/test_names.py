"""The sender's domain as receivers see it, against an imitation of the name system."""

from dataclasses import replace

import pytest

from publisher.preflight.domains import are_aligned, is_for_trying, is_made_up, organisation
from publisher.preflight.finding import Colour
from publisher.preflight.mailboxes import mailboxes
from publisher.preflight.names import OwnKey, Sending, asking_once, names
from tests.preflight.zone import Zone

HOST = "8.8.4.4"
KEY = OwnKey(domain="hanbit.example", name="s1._domainkey.hanbit.example", record="v=DKIM1; k=rsa; p=MIIBIjANBgkq")
SENDING = Sending(author="hanbit.example", envelope="hanbit.example", server="smtp.hanbit.example", keys=[KEY])


def zone() -> Zone:
    """Everything as it should be."""
    found = Zone()
    found.records["hanbit.example", "MX"] = ["10 smtp.hanbit.example"]
    found.records["smtp.hanbit.example", "A"] = [HOST]
    found.records["4.4.8.8.in-addr.arpa", "PTR"] = ["smtp.hanbit.example"]
    found.txt("hanbit.example", "v=spf1 mx -all")
    found.txt("s1._domainkey.hanbit.example", "v=DKIM1; k=rsa; p=MIIBIj ANBgkq")
    return found.txt("_dmarc.hanbit.example", "v=DMARC1; p=quarantine; rua=mailto:dmarc@hanbit.example")


async def colours(found: Zone, sending: Sending = SENDING) -> dict[str, Colour]:
    return {finding.check: finding.colour for finding in await names(sending, asking_once(found))}


GREEN = dict.fromkeys(("spf", "dkim", "dmarc", "reverse"), Colour.GREEN)


async def test_a_domain_in_order_is_green_and_nothing_is_asked_twice() -> None:
    found = zone()
    assert await colours(found) == GREEN
    assert len(found.asked) == len(set(found.asked))


@pytest.mark.parametrize(
    ("name", "kind", "records", "check", "colour"),
    [
        ("hanbit.example", "TXT", [], "spf", Colour.YELLOW),
        ("hanbit.example", "TXT", ["v=spf1 mx", "v=spf1 a"], "spf", Colour.RED),
        ("hanbit.example", "TXT", ["v=spf1 include:hanbit.example -all"], "spf", Colour.RED),
        ("hanbit.example", "TXT", ["v=spf1 ip4:8.8.8.8 -all"], "spf", Colour.YELLOW),
        ("s1._domainkey.hanbit.example", "TXT", [], "dkim", Colour.RED),
        ("s1._domainkey.hanbit.example", "TXT", ["v=DKIM1; p="], "dkim", Colour.RED),
        ("s1._domainkey.hanbit.example", "TXT", ["v=DKIM1; p=MIIBOTHER"], "dkim", Colour.RED),
        ("s1._domainkey.hanbit.example", "TXT", ["v=DKIM1; p=MIIBIjANBgkq", "v=DKIM1; p=x"], "dkim", Colour.RED),
        ("s1._domainkey.hanbit.example", "TXT", ["p=MIIBIjANBgkq; p=other"], "dkim", Colour.RED),
        ("s1._domainkey.hanbit.example", "TXT", ["hello"], "dkim", Colour.RED),
        ("_dmarc.hanbit.example", "TXT", [], "dmarc", Colour.YELLOW),
        ("_dmarc.hanbit.example", "TXT", ["v=DMARC1; p=perhaps"], "dmarc", Colour.YELLOW),
        ("_dmarc.hanbit.example", "TXT", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "dmarc", Colour.YELLOW),
        ("4.4.8.8.in-addr.arpa", "PTR", [], "reverse", Colour.YELLOW),
        ("4.4.8.8.in-addr.arpa", "PTR", ["elsewhere.example"], "reverse", Colour.YELLOW),
    ],
)
async def test_each_record_that_is_wrong_is_told_by_itself(
    name: str, kind: str, records: list[str], check: str, colour: Colour
) -> None:
    found = zone()
    found.records[name, kind] = records
    assert await colours(found) == {**GREEN, check: colour}


async def test_a_domain_that_takes_no_mail_is_red_and_ends_the_questions() -> None:
    found = zone()
    del found.records["hanbit.example", "MX"]
    assert await colours(found) == {"dns": Colour.RED}
    found.records["hanbit.example", "A"] = [HOST]
    assert "dns" not in await colours(found)


async def test_nobody_answering_is_yellow_and_never_red() -> None:
    silent = Zone(silent={"hanbit.example"})
    assert await colours(silent) == {"dns": Colour.YELLOW}
    found = zone()
    found.silent = {"s1._domainkey.hanbit.example", "_dmarc.hanbit.example", "4.4.8.8.in-addr.arpa"}
    assert set((await colours(found)).values()) <= {Colour.GREEN, Colour.YELLOW}


async def test_without_spf_and_dkim_nothing_speaks_for_the_domain() -> None:
    found = zone()
    del found.records["hanbit.example", "TXT"]
    found.records["s1._domainkey.hanbit.example", "TXT"] = []
    assert (await colours(found))["dmarc"] is Colour.RED


async def test_the_policy_of_the_organisation_holds_for_a_subdomain() -> None:
    found = zone()
    found.records["letters.hanbit.example", "MX"] = ["10 smtp.hanbit.example"]
    found.txt("letters.hanbit.example", "v=spf1 include:hanbit.example -all")
    below = replace(SENDING, author="letters.hanbit.example", envelope="letters.hanbit.example")
    assert await colours(found, below) == GREEN


async def test_a_strict_policy_wants_the_very_domain_in_the_envelope() -> None:
    found = zone().txt("_dmarc.hanbit.example", "v=DMARC1; p=reject; aspf=s")
    found.records["bounce.hanbit.example", "MX"] = ["10 smtp.hanbit.example"]
    found.txt("bounce.hanbit.example", "v=spf1 include:hanbit.example -all")
    found.records["s1._domainkey.hanbit.example", "TXT"] = []
    assert (await colours(found, replace(SENDING, envelope="bounce.hanbit.example")))["dmarc"] is Colour.RED
    found.txt("_dmarc.hanbit.example", "v=DMARC1; p=reject")
    assert (await colours(found, replace(SENDING, envelope="bounce.hanbit.example")))["dmarc"] is Colour.GREEN


@pytest.mark.parametrize(
    ("signed_by", "colour"),
    [("", Colour.YELLOW), ("hanbit.example", Colour.GREEN), ("mail.hanbit.example", Colour.GREEN),
     ("gappssmtp.com", Colour.YELLOW)],
)  # fmt: skip
async def test_without_an_own_key_it_counts_for_whom_the_provider_signs(signed_by: str, colour: Colour) -> None:
    sending = replace(SENDING, keys=(), signed_by=signed_by)
    assert (await colours(zone(), sending))["dkim"] is colour


async def test_each_of_the_great_mailboxes_has_its_line() -> None:
    assert [finding.colour for finding in mailboxes(await names(SENDING, zone()), "hanbit.example")] == [
        Colour.GREEN
    ] * 3
    found = zone()
    found.records["_dmarc.hanbit.example", "TXT"] = []
    told = [finding.said("en") for finding in mailboxes(await names(SENDING, found), "hanbit.example")]
    assert told == [
        "Gmail wants what is not in order yet: DMARC.",
        "Naver wants what is not in order yet: DMARC.",
        "Daum gets all that it wants.",
    ]
    assert mailboxes(await names(SENDING, Zone()), "hanbit.example") == []


async def test_a_relay_on_this_host_has_no_address_that_the_world_sees() -> None:
    found = zone()
    told = await colours(found, replace(SENDING, server="127.0.0.1"))
    assert "reverse" not in told
    assert told["spf"] is Colour.GREEN


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_every_finding_is_a_sentence_with_its_cure(language: str) -> None:
    for finding in await names(replace(SENDING, keys=()), Zone(records={("hanbit.example", "A"): [HOST]})):
        assert "%" not in finding.said(language) + finding.advice(language)
        assert finding.colour is Colour.GREEN or finding.advice(language)


@pytest.mark.parametrize(
    ("host", "is_so"),
    [("letters.hanbit.example", True), ("localhost", True), ("relay", True), ("127.0.0.1", True), ("::1", True),
     ("10.1.2.3", True), ("example.com", True), ("mail.example.org", True), ("example.or.kr", False),
     ("8.8.4.4", False), ("letters.example.co.kr", False)],
)  # fmt: skip
def test_names_for_trying_things_out_are_known(host: str, is_so: bool) -> None:
    assert is_for_trying(host) is is_so


def test_made_up_addresses_are_told_from_private_ones() -> None:
    assert is_made_up("https://times.example/a")
    assert not is_made_up("http://127.0.0.1/")
    assert not is_made_up("https://example.or.kr/")


def test_what_belongs_to_one_organisation_is_aligned() -> None:
    assert organisation("letters.example.or.kr") == "example.or.kr"
    assert organisation("a.b.hanbit.example") == "hanbit.example"
    assert are_aligned("hanbit.example", "Letters.Hanbit.example.")
    assert not are_aligned("hanbit.example", "letters.hanbit.example", strictly=True)
    assert not are_aligned("hanbit.example", "saebit.example")
