"""SPF as a receiver evaluates it, limits and circles included. The examples follow RFC 7208."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.preflight.spf import Spf, evaluate
from tests.preflight.zone import Zone

HOST = "198.51.100.7"


def zone() -> Zone:
    found = Zone()
    found.records["relay.post.example", "A"] = [HOST]
    found.records["hanbit.example", "MX"] = ["10 relay.post.example"]
    found.txt("_spf.post.example", "v=spf1 ip4:198.51.100.0/24 -all")
    return found


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:198.51.100.7 -all", Spf.PASS),
        ("v=spf1 ip4:198.51.100.0/24 -all", Spf.PASS),
        ("v=spf1 ip4:203.0.113.0/24 -all", Spf.FAIL),
        ("v=spf1 ip4:203.0.113.0/24 ~all", Spf.SOFTFAIL),
        ("v=spf1 ?all", Spf.NEUTRAL),
        ("v=spf1", Spf.NEUTRAL),
        ("v=spf1 a:relay.post.example -all", Spf.PASS),
        ("v=spf1 mx -all", Spf.PASS),
        ("V=SPF1 MX -ALL", Spf.PASS),
        ("v=spf1 include:_spf.post.example ~all", Spf.PASS),
        ("v=spf1 redirect=_spf.post.example", Spf.PASS),
        ("v=spf1 -ip4:198.51.100.7 include:_spf.post.example", Spf.FAIL),
        ("v=spf1 include:nothing.example -all", Spf.BROKEN),
        ("v=spf1 redirect=nothing.example", Spf.BROKEN),
        ("v=spf1 ip4:not-an-address -all", Spf.BROKEN),
        ("v=spf1 everything -all", Spf.BROKEN),
        ("v=spf1 exists:%{i}.post.example -all", Spf.UNKNOWN),
        ("v=spf1 include:%{d}.example -all", Spf.UNKNOWN),
        ("v=spf2 -all", Spf.NONE),
        ("v=spf10 -all", Spf.NONE),
    ],
)
async def test_a_record_is_read_as_a_receiver_reads_it(record: str, result: Spf) -> None:
    verdict = await evaluate("hanbit.example", [HOST], zone().txt("hanbit.example", record))
    assert verdict.result is result, verdict.why


async def test_two_records_count_for_nothing() -> None:
    two = zone().txt("hanbit.example", "v=spf1 mx -all", "google-site-verification=x", "v=spf1 -all")
    verdict = await evaluate("hanbit.example", [HOST], two)
    assert (verdict.result, "2 records" in verdict.why) == (Spf.BROKEN, True)


async def test_includes_that_go_in_a_circle_come_to_an_end() -> None:
    circle = Zone().txt("a.example", "v=spf1 include:b.example -all").txt("b.example", "v=spf1 include:a.example -all")
    verdict = await evaluate("a.example", [HOST], circle)
    assert verdict.result is Spf.BROKEN
    assert "more than 10 lookups" in verdict.why
    assert len(circle.asked) <= 12


async def test_ten_lookups_are_enough_and_eleven_are_too_many() -> None:
    def chain(length: int) -> Zone:
        found = Zone()
        for number in range(length):
            found.txt(f"n{number}.example", f"v=spf1 include:n{number + 1}.example -all")
        return found.txt(f"n{length}.example", "v=spf1 ip4:198.51.100.7 -all")

    assert (await evaluate("n0.example", [HOST], chain(10))).result is Spf.PASS
    assert (await evaluate("n0.example", [HOST], chain(11))).result is Spf.BROKEN


async def test_names_without_records_are_limited_as_receivers_limit_them() -> None:
    empty = zone().txt("hanbit.example", "v=spf1 a:x1.example a:x2.example a:x3.example -all")
    assert (await evaluate("hanbit.example", [HOST], empty)).result is Spf.BROKEN


async def test_without_an_address_the_record_is_walked_to_its_end() -> None:
    fit = zone().txt("hanbit.example", "v=spf1 include:_spf.post.example mx -all")
    verdict = await evaluate("hanbit.example", [], fit)
    assert (verdict.result, verdict.why, verdict.lookups) == (Spf.UNKNOWN, "", 2)
    unfit = zone().txt("hanbit.example", "v=spf1 -all include:nothing.example")
    assert (await evaluate("hanbit.example", [], unfit)).result is Spf.BROKEN


async def test_no_answer_is_no_verdict() -> None:
    silent = Zone(silent={"hanbit.example"})
    verdict = await evaluate("hanbit.example", [HOST], silent)
    assert (verdict.result, verdict.why) == (Spf.UNKNOWN, "hanbit.example: timeout")


@given(st.text(st.sampled_from("v=spf1 :/%-+~?{}abimxpt4.6\x00가"), max_size=60))
async def test_whatever_stands_there_is_judged_and_nothing_is_raised(text: str) -> None:
    verdict = await evaluate("hanbit.example", [HOST, "2001:4860::1"], zone().txt("hanbit.example", f"v=spf1 {text}"))
    assert isinstance(verdict.result, Spf)
