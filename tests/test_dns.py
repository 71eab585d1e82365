"""Questions to the name system, against a small server on this machine that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from publisher.net import DnsResolver, Records, Unanswered, reverse_name


class Server(asyncio.DatagramProtocol):
    """Answers over UDP from a zone of (name, kind, value); `mood` is how it misbehaves."""

    def __init__(self) -> None:
        self.zone: list[tuple[str, str, str]] = []
        self.mood = ""
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.mood != "silent":
            self.transport.sendto(self._answer(data), addr)

    def _answer(self, data: bytes) -> bytes:
        if self.mood == "noise":
            return b"\x00" * 40
        question = dns.message.from_wire(data)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if self.mood == "refuses":
            answer.set_rcode(dns.rcode.REFUSED)
            return answer.to_wire()
        if self.mood == "forges":
            answer.id = (question.id + 1) % 65536
        name = str(question.question[0].name).rstrip(".")
        kind = dns.rdatatype.to_text(question.question[0].rdtype)
        if not any(known == name for known, _, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        while target := next((value for known, of, value in self.zone if (known, of) == (name, "CNAME")), ""):
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", target))
            name = target.rstrip(".")
            if len(answer.answer) > 40:
                break
        for known, of, value in self.zone:
            if (known, of) == (name, kind):
                answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", of, value))
        return answer.to_wire(max_size=65535)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    yield protocol
    transport.close()


def ask(server: Server, seconds: float = 5.0) -> DnsResolver:
    return DnsResolver(seconds, server=server.transport.get_extra_info("sockname"))


async def test_records_are_read_as_texts(server: Server) -> None:
    server.zone = [
        ("hanbit.example", "TXT", '"v=spf1 " "mx -all"'),
        ("hanbit.example", "MX", "10 mx.hanbit.example."),
        ("mx.hanbit.example", "A", "192.0.2.7"),
        ("7.2.0.192.in-addr.arpa", "PTR", "mx.hanbit.example."),
        ("alias.example", "CNAME", "mx.hanbit.example."),
    ]
    lookup = ask(server)
    assert await lookup("hanbit.example", "TXT") == Records(records=("v=spf1 mx -all",))
    assert await lookup("hanbit.example", "MX") == Records(records=("10 mx.hanbit.example",))
    assert await lookup(reverse_name("192.0.2.7"), "PTR") == Records(records=("mx.hanbit.example",))
    assert await lookup("alias.example", "A") == Records(records=("192.0.2.7",))


async def test_nothing_of_a_kind_is_told_from_no_such_name(server: Server) -> None:
    server.zone = [("hanbit.example", "A", "192.0.2.7")]
    assert await ask(server)("hanbit.example", "MX") == Records()
    assert await ask(server)("else.example", "MX") == Records(exists=False)


@pytest.mark.parametrize("mood", ["silent", "noise", "forges", "refuses"])
async def test_what_is_no_answer_is_told_as_none_and_in_time(server: Server, mood: str) -> None:
    server.zone, server.mood = [("hanbit.example", "A", "192.0.2.7")], mood
    assert isinstance(await ask(server, seconds=0.3)("hanbit.example", "A"), Unanswered)


async def test_aliases_in_a_circle_come_to_an_end(server: Server) -> None:
    server.zone = [("a.example", "CNAME", "b.example."), ("b.example", "CNAME", "a.example.")]
    assert isinstance(await ask(server, seconds=1)("a.example", "A"), Unanswered)


@pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 64 + ".example", "한" * 70, "a b.example"], ids=repr)
async def test_a_name_that_is_none_is_no_crash(server: Server, name: str) -> None:
    assert isinstance(await ask(server, seconds=0.5)(name, "A"), Records | Unanswered)
