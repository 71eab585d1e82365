"""Signing in with a token, against imitations of a provider and of a server, written from their documents."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from structlog.testing import capture_logs

from publisher.delivery.policy import OAuth
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.tokens import TokenSource
from publisher.delivery.transport import Accepted, Unreachable
from publisher.errors import TransportError
from tests.delivery.smtp_server import serving
from tests.delivery.test_smtp import COPY, Started, profile

ACCOUNT = OAuth(token_url="", client_id="hanbit", client_secret="wet paint", refresh_token="first", scope="SMTP.Send")
USER = "letters@hanbit-peace.example"


@dataclass
class Provider:
    """Gives tokens as RFC 6749 section 6 has it; `answers` are used up one by one, then all is well."""

    answers: list[tuple[int, str]] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    lives: int = 3600

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split("\r\n")[0])
        self.forms.append(parse_qs((await reader.readexactly(length)).decode()))
        well = {"access_token": f"token-{len(self.forms)}", "expires_in": self.lives, "refresh_token": "second"}
        status, body = self.answers.pop(0) if self.answers else (200, json.dumps(well))
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def provider(*answers: tuple[int, str], lives: int = 3600) -> AsyncIterator[tuple[Provider, OAuth]]:
    imitation = Provider(answers=list(answers), lives=lives)
    async with serving(imitation.serve) as port:
        account = OAuth(**{**vars(ACCOUNT), "token_url": f"http://127.0.0.1:{port}/token"})
        yield imitation, account


@dataclass
class Post:
    """A server that lets in by XOAUTH2 only, with these tokens."""

    tokens: set[str]
    tried: list[str] = field(default_factory=list)
    offers: str = "AUTH PLAIN XOAUTH2"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx.example\r\n")
        try:
            while line := (await reader.readline()).decode().strip():
                writer.write(self._answer(line) + b"\r\n")
                if line.startswith("AUTH") and self.tried[-1] not in self.tokens:
                    await reader.readline()
                    writer.write(b"535 5.7.8 Username and Password not accepted\r\n")
                if line == "DATA":
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(b"250 taken\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self, line: str) -> bytes:
        match line.split():
            case ["EHLO", *_]:
                return f"250-mx.example\r\n250 {self.offers}".encode()
            case ["AUTH", "XOAUTH2", said]:
                user, token, *_ = base64.b64decode(said).decode().split("\x01")
                assert user == f"user={USER}"
                self.tried.append(token.removeprefix("auth=Bearer "))
                return b"235 ok" if self.tried[-1] in self.tokens else b"334 eyJzdGF0dXMiOiI0MDEifQ=="
            case ["DATA"]:
                return b"354 go on"
            case _:
                return b"250 ok"


async def test_a_letter_goes_with_a_token_and_the_token_is_used_until_it_ends() -> None:
    server = Post(tokens={"token-1"})
    async with provider() as (imitation, account), serving(server.serve) as port:
        road = SmtpTransport(profile(port, user=USER, oauth=account, connections=1, per_connection=1))
        outcomes = [await road.send(COPY, Started()) for _ in range(3)]
        await road.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert server.tried == ["token-1"] * 3
    [form] = imitation.forms
    assert form == {
        "grant_type": ["refresh_token"],
        "client_id": ["hanbit"],
        "client_secret": ["wet paint"],
        "refresh_token": ["first"],
        "scope": ["SMTP.Send"],
    }


async def test_a_token_that_ends_is_renewed_with_the_newest_refresh_token() -> None:
    async with provider(lives=30) as (imitation, account):  # less than the minute that one must be good for
        source = TokenSource(account, "delivery.smtp")
        assert [await source.token() for _ in range(2)] == ["token-1", "token-2"]
    assert [form["refresh_token"] for form in imitation.forms] == [["first"], ["second"]]


async def test_a_refresh_token_that_was_replaced_is_used_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "tokens" / "default.json"
    async with provider() as (imitation, account):
        for _ in range(2):
            await TokenSource(account, "delivery.smtp", kept).token()
        renewed = replace(account, refresh_token="by the operator")
        await TokenSource(renewed, "delivery.smtp", kept).token()
    assert [form["refresh_token"] for form in imitation.forms] == [["first"], ["second"], ["by the operator"]]


async def test_two_processes_use_the_refresh_token_that_either_got(tmp_path: Path) -> None:
    async with provider(lives=30) as (imitation, account):
        first, second = (TokenSource(account, "delivery.smtp", tmp_path / "default.json") for _ in range(2))
        await first.token()
        await second.token()
    assert [form["refresh_token"] for form in imitation.forms] == [["first"], ["second"]]


async def test_a_refresh_token_is_kept_for_this_user_alone(tmp_path: Path) -> None:
    kept = tmp_path / "tokens" / "default.json"
    async with provider() as (_, account):
        await TokenSource(account, "delivery.smtp", kept).token()
    assert [kept.parent.stat().st_mode & 0o777, kept.stat().st_mode & 0o777] == [0o700, 0o600]
    assert list(kept.parent.iterdir()) == [kept]
    assert "first" not in kept.read_text()  # the configured one is told apart by its hash


@pytest.mark.parametrize("rubbish", ["", "[]", "{}", "null", '{"came_from": 1, "refresh_token": "second"}', "\x00"])
async def test_what_is_kept_and_cannot_be_read_is_passed_over(tmp_path: Path, rubbish: str) -> None:
    kept = tmp_path / "default.json"
    kept.write_text(rubbish)
    async with provider() as (imitation, account):
        await TokenSource(account, "delivery.smtp", kept).token()
    assert imitation.forms[0]["refresh_token"] == ["first"]


async def test_a_refresh_token_that_cannot_be_kept_is_used_and_told_of_without_it(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("a file where a folder should be")
    async with provider(lives=30) as (imitation, account):
        with capture_logs() as lines:
            source = TokenSource(account, "delivery.smtp", tmp_path / "tokens" / "default.json")
            assert [await source.token() for _ in range(2)] == ["token-1", "token-2"]
    assert [form["refresh_token"] for form in imitation.forms] == [["first"], ["second"]]
    assert [line["event"] for line in lines] == ["refresh token not kept, a restart uses the one before"]
    assert "second" not in str(lines)


async def test_many_connections_ask_for_one_token() -> None:
    async with provider() as (imitation, account):
        source = TokenSource(account, "delivery.smtp")
        assert set(await asyncio.gather(*(source.token() for _ in range(9)))) == {"token-1"}
    assert len(imitation.forms) == 1


async def test_a_token_that_was_withdrawn_is_replaced_once() -> None:
    server = Post(tokens={"token-1", "token-2"})
    async with provider() as (_, account), serving(server.serve) as port:
        road = SmtpTransport(profile(port, user=USER, oauth=account, connections=1, per_connection=1))
        await road.send(COPY, Started())
        server.tokens = {"token-2"}
        assert isinstance(await road.send(COPY, Started()), Accepted)
        await road.close()
    assert server.tried == ["token-1", "token-1", "token-2"]


async def test_a_server_that_takes_no_token_is_told_and_holds_no_secret() -> None:
    server = Post(tokens=set())
    async with provider() as (_, account), serving(server.serve) as port:
        road = SmtpTransport(profile(port, user=USER, oauth=account))
        with pytest.raises(
            TransportError, match=r"refused the sign-in .* check delivery\.smtp\.user and its token"
        ) as told:
            await road.send(COPY, Started())
        await road.close()
    assert server.tried == ["token-1"]  # it was fresh: another would be no better
    assert not any(secret in str(told.value) for secret in ("token-1", "wet paint", "first"))


async def test_a_server_without_xoauth2_is_a_fault_to_mend() -> None:
    async with provider() as (imitation, account), serving(Post(tokens=set(), offers="AUTH PLAIN").serve) as port:
        road = SmtpTransport(profile(port, user=USER, oauth=account))
        with pytest.raises(TransportError, match="does not offer XOAUTH2"):
            await road.send(COPY, Started())
        await road.close()
    assert imitation.forms == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((400, '{"error": "invalid_grant"}'), r"127\.0\.0\.1 refuses a token \(invalid_grant\): the refresh token"),
        ((401, '{"error": "invalid_client"}'), r"\(invalid_client\): check client_id and client_secret"),
        ((200, '{"error": "first\\u0007 wet paint"}'), r"refuses a token \(firstwetpaint\)"),
        ((200, "<html>"), "answers no token"),
        ((200, "[]"), "answers no token"),
    ],
)
async def test_a_refusal_of_the_provider_stops_every_letter_and_says_what_to_do(
    answer: tuple[int, str], told: str
) -> None:
    async with provider(answer) as (_, account):
        with pytest.raises(TransportError, match=told):
            await TokenSource(account, "delivery.smtp").token()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_provider_that_is_away_is_an_outage(status: int) -> None:
    async with provider((status, "")) as (_, account), serving(Post(tokens=set()).serve) as port:
        road = SmtpTransport(profile(port, user=USER, oauth=account))
        outcome = await road.send(COPY, Started())
        await road.close()
    assert isinstance(outcome, Unreachable)
    assert not outcome.connected


async def test_a_provider_that_is_not_there_is_an_outage() -> None:
    async with provider() as (_, account):
        pass
    with pytest.raises(ConnectionError, match="which gives tokens"):
        await TokenSource(account, "delivery.smtp").token()
