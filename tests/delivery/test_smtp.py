"""The SMTP road against real servers: what arrives, and what every kind of failure is called."""

import asyncio
import ssl
import subprocess
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from publisher.delivery import smtp
from publisher.delivery.policy import Security, SmtpProfile
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.transport import Accepted, Envelope, Outcome, Refused, Stage, Unanswered, Unreachable
from publisher.errors import TransportError
from tests.delivery.smtp_server import HANG_UP, SILENCE, Sink, honest, one_user, scripted

pytestmark = pytest.mark.usefixtures("each_road")

COPY = Envelope(
    delivery_id=1,
    claim_no=1,
    sender="letters@hanbit-peace.example",
    recipient="hana@reader.example",
    message_id="<1@hanbit-peace.example>",
    content=b"Subject: x\r\n\r\n.leading\r\n..two\r\n.\r\nlast\r\n",
)


def profile(port: int, **changes: Any) -> SmtpProfile:
    plain = SmtpProfile(host="127.0.0.1", port=port, security=Security.NONE, timeout=timedelta(seconds=2))
    return replace(plain, **changes)


class Started:
    """A `start` that remembers."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    async def __call__(self, envelope: Envelope) -> None:
        self.ids.append(envelope.delivery_id)


async def send(port: int, copy: Envelope = COPY, **changes: Any) -> tuple[Outcome, bool]:
    """The outcome of one copy on a road of its own, and whether its content was about to go."""
    started = Started()
    road = SmtpTransport(profile(port, **changes))
    try:
        return await road.send(copy, started), bool(started.ids)
    finally:
        await road.close()


# ── What arrives ─────────────────────────────────────────────────────────────


async def test_the_content_arrives_as_it_was_made() -> None:
    sink = Sink()
    async with honest(sink) as port:
        outcome, started = await send(port)
    assert outcome == Accepted(code=250, reply="2.0.0 taken")
    assert started
    [taken] = sink.taken
    assert taken.original_content == COPY.content
    assert (taken.mail_from, taken.rcpt_tos) == (COPY.sender, [COPY.recipient])


async def test_connections_are_used_again_and_never_more_than_allowed() -> None:
    async with scripted() as (server, port):
        road = SmtpTransport(profile(port, connections=3))
        copies = [replace(COPY, delivery_id=number) for number in range(30)]
        outcomes = await asyncio.gather(*(road.send(copy, Started()) for copy in copies))
        await road.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(server.commands) == 3
    assert all(said[-1] == "QUIT" for said in server.commands)


async def test_a_connection_is_replaced_after_so_many_copies() -> None:
    async with scripted() as (server, port):
        road = SmtpTransport(profile(port, connections=1, per_connection=2))
        for _ in range(5):
            await road.send(COPY, Started())
        await road.close()
    assert len(server.commands) == 3


async def test_the_size_is_announced_where_the_server_wants_it() -> None:
    async with scripted() as (server, port):
        await send(port)
    assert f"MAIL FROM:<letters@hanbit-peace.example> SIZE={len(COPY.content)}" in server.commands[0]


# ── Refusals ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("MAIL", "553 5.7.60 not yours", Refused(code=553, enhanced="5.7.60", stage=Stage.SENDER)),
        ("RCPT", "550 5.1.1 unknown", Refused(code=550, enhanced="5.1.1", stage=Stage.RECIPIENT)),
        ("RCPT", "450 try later", Refused(code=450, stage=Stage.RECIPIENT)),
        ("DATA", "554 no", Refused(code=554, stage=Stage.CONTENT)),
        ("content", "452-4.3.1 disk\r\n452 4.3.1 full", Refused(code=452, enhanced="4.3.1", stage=Stage.CONTENT)),
    ],
)
async def test_a_refusal_says_what_was_refused(step: str, answer: str, expected: Refused) -> None:
    async with scripted(**{step: answer}) as (_, port):
        outcome, started = await send(port)
    assert isinstance(outcome, Refused)
    assert replace(outcome, reply="") == expected
    assert started is (step == "content")


@pytest.mark.parametrize("step", ["RCPT", "DATA", "content"])
async def test_the_next_copy_goes_by_the_same_connection_after_a_reset(step: str) -> None:
    async with scripted(**{step: ["550 5.1.1 unknown"]}) as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        first, second = [await road.send(COPY, Started()) for _ in range(2)]
        await road.close()
    assert isinstance(first, Refused)
    assert isinstance(second, Accepted)
    [said] = server.commands
    assert "RSET" in said


async def test_a_reply_never_holds_the_recipients_address() -> None:
    async with scripted(RCPT="550 5.1.1 <Hana@Reader.example>: \x07unknown") as (_, port):
        outcome, _ = await send(port)
    assert isinstance(outcome, Refused)
    assert outcome.reply == "5.1.1 <(recipient)>: unknown"


async def test_an_address_beyond_ascii_is_refused_here() -> None:
    outcome, started = await send(1, replace(COPY, recipient="하나@reader.example"))
    assert isinstance(outcome, Refused)
    assert outcome.enhanced == "5.6.7"
    assert not started


async def test_an_address_cannot_bring_a_command_of_its_own() -> None:
    async with scripted() as (server, port):
        outcome, started = await send(port, replace(COPY, recipient="a@b.example>\r\nRCPT TO:<c@d.example"))
    assert isinstance(outcome, Refused)
    assert not started
    assert not any("c@d.example" in line for said in server.commands for line in said)


# ── Lost connections ─────────────────────────────────────────────────────────


async def test_nobody_there_is_an_outage() -> None:
    async with scripted() as (_, port):
        pass
    outcome, started = await send(port)
    assert isinstance(outcome, Unreachable)
    assert not outcome.connected
    assert not started


@pytest.mark.parametrize("step", ["greeting", "EHLO"])
@pytest.mark.parametrize("fault", ["421 4.3.2 later", HANG_UP, SILENCE, "not smtp at all", "22\r\n0"])
async def test_a_server_that_will_not_greet_is_an_outage(step: str, fault: str) -> None:
    async with scripted(**{step: fault, "HELO": fault}) as (_, port):
        outcome, _ = await send(port, timeout=timedelta(seconds=0.3))
    assert isinstance(outcome, Unreachable)
    assert not outcome.connected


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", [HANG_UP, "not smtp at all", SILENCE])
async def test_lost_before_the_content_the_copy_did_certainly_not_go(step: str, fault: str) -> None:
    async with scripted(**{step: fault}) as (_, port):
        outcome, started = await send(port, timeout=timedelta(seconds=0.2))
    assert isinstance(outcome, Unreachable)
    assert outcome.connected
    assert not started


@pytest.mark.parametrize("fault", [HANG_UP, "not smtp at all", SILENCE])
async def test_lost_after_the_content_nobody_can_know(fault: str) -> None:
    async with scripted(content=fault) as (server, port):
        outcome, started = await send(port, timeout=timedelta(seconds=0.1))
    assert isinstance(outcome, Unanswered)
    assert started
    assert len(server.contents) == 1


async def test_a_slow_answer_is_waited_for() -> None:
    sink = Sink(delay=0.3)
    async with honest(sink) as port:
        outcome, _ = await send(port, timeout=timedelta(seconds=0.2))
    assert isinstance(outcome, Accepted)


@pytest.mark.parametrize("fault", [HANG_UP, "421 4.4.2 too many letters on this connection"])
async def test_a_used_connection_that_dies_is_replaced_without_fuss(fault: str) -> None:
    async with scripted(MAIL=["250 ok", fault]) as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        outcomes = [await road.send(COPY, Started()) for _ in range(2)]
        await road.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(server.commands) == 2


async def test_a_server_that_changes_its_mind_about_a_copy_it_asked_for_is_believed() -> None:
    async with scripted(content=["550 5.7.1 not after all"]) as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        first, second = [await road.send(COPY, Started()) for _ in range(2)]
        await road.close()
    assert isinstance(first, Refused)
    assert first.stage is Stage.CONTENT
    assert isinstance(second, Accepted)
    assert len(server.contents) == 2


async def test_a_server_that_no_longer_offers_what_it_did_is_spoken_to_as_it_wants() -> None:
    ehlo = ["250-mx.example\r\n250 PIPELINING", "250 mx.example", "250-mx.example\r\n250 PIPELINING"]
    async with scripted(EHLO=ehlo) as (server, port):
        road = SmtpTransport(profile(port, connections=1, per_connection=2))
        outcomes = [await road.send(COPY, Started()) for _ in range(6)]
        await road.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(server.commands) == 3


async def test_a_closing_server_says_so() -> None:
    async with scripted(MAIL="421 4.3.2 shutting down") as (_, port):
        outcome, _ = await send(port)
    assert isinstance(outcome, Refused)
    assert outcome.code == 421


async def test_an_idle_connection_is_asked_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_STALE_AFTER", 0.0)
    async with scripted(NOOP=["250 still here", HANG_UP]) as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        outcomes = [await road.send(COPY, Started()) for _ in range(3)]
        await road.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert [said.count("NOOP") for said in server.commands] == [2, 0]


async def test_after_a_cancellation_the_next_copy_gets_its_own_answer() -> None:
    async with scripted(content=[SILENCE]) as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await road.send(COPY, Started())
        assert isinstance(await road.send(COPY, Started()), Accepted)
        await road.close()
    assert len(server.commands) == 2


async def test_a_copy_that_is_called_back_sends_no_content() -> None:
    async def call_back(_: Envelope) -> None:
        raise RuntimeError("not this one")

    async with scripted() as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        with pytest.raises(RuntimeError):
            await road.send(COPY, call_back)
        assert isinstance(await road.send(COPY, Started()), Accepted)
        await road.close()
    assert len(server.contents) == 1


# ── Sign-in and TLS ──────────────────────────────────────────────────────────


async def test_who_signs_in_may_send() -> None:
    sink = Sink()
    async with honest(sink, authenticator=one_user, auth_require_tls=False) as port:
        outcome, _ = await send(port, user="publisher", password="right")
    assert isinstance(outcome, Accepted)
    assert sink.signed_in


async def test_a_wrong_password_stops_every_letter_and_is_not_told() -> None:
    async with honest(Sink(), authenticator=one_user, auth_require_tls=False) as port:
        with pytest.raises(TransportError, match=r"refused the sign-in of 'publisher' .* check") as raised:
            await send(port, user="publisher", password="wrong-secret")
    assert "wrong-secret" not in str(raised.value)


async def test_a_server_without_sign_in_is_a_fault_to_mend() -> None:
    async with honest(Sink()) as port:
        with pytest.raises(TransportError, match=r"check delivery\.smtp"):
            await send(port, user="publisher", password="right")


async def test_without_starttls_nothing_is_said_in_the_clear() -> None:
    async with scripted() as (server, port):
        with pytest.raises(TransportError, match="STARTTLS"):
            await send(port, security=Security.STARTTLS)
    assert not any(line.startswith("MAIL") for said in server.commands for line in said)


async def test_tls_where_none_is_spoken_is_a_fault_to_mend() -> None:
    async with scripted() as (_, port):
        with pytest.raises(TransportError, match="does not speak TLS as configured"):
            await send(port, security=Security.TLS)


async def test_a_server_that_turns_us_away_is_a_fault_to_mend() -> None:
    async with scripted(greeting="554 5.7.1 you are blocked") as (_, port):
        with pytest.raises(TransportError, match="turns us away"):
            await send(port)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, made here, with its key in the same file."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run(
            [*command, *name, "-keyout", file, "-out", file.with_suffix(".crt")], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    file.write_bytes(file.read_bytes() + file.with_suffix(".crt").read_bytes())
    return file


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_letters_go_over_tls_to_a_server_we_trust(certificate: Path, security: Security) -> None:
    sink, ours = Sink(), ssl.create_default_context(cafile=certificate.with_suffix(".crt"))
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(certificate)
    options = {"tls_context": theirs, "require_starttls": True} if security is Security.STARTTLS else {}
    wrapping = theirs if security is Security.TLS else None
    async with honest(sink, wrapping=wrapping, **options) as port:
        road = SmtpTransport(profile(port, security=security), tls=ours)
        assert isinstance(await road.send(COPY, Started()), Accepted)
        await road.close()
    assert len(sink.taken) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(certificate: Path, security: Security) -> None:
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(certificate)
    options = {"tls_context": theirs} if security is Security.STARTTLS else {}
    wrapping = theirs if security is Security.TLS else None
    sink = Sink()
    async with honest(sink, wrapping=wrapping, **options) as port:
        with pytest.raises(TransportError, match="certificate is not valid"):
            await send(port, security=security)
    assert not sink.taken


async def test_logs_hold_no_address_and_no_secret() -> None:
    async with scripted() as (_, port):
        pass
    with capture_logs() as lines:
        await send(port, user="publisher", password="right")
    assert lines
    assert not any(word in str(lines) for word in ("hana@", "letters@", "right"))


@pytest.mark.parametrize("answer", ["454 4.7.0 TLS not available", "220 go ahead\r\nno TLS at all", HANG_UP])
async def test_a_server_that_offers_starttls_and_breaks_it_hears_nothing_in_the_clear(answer: str) -> None:
    async with scripted(EHLO="250-mx.example\r\n250 STARTTLS", STARTTLS=answer) as (server, port):
        with suppress(TransportError):
            outcome, _ = await send(port, security=Security.STARTTLS, user="publisher", password="right")
            assert isinstance(outcome, Unreachable)
    assert {line.split()[0] for said in server.commands for line in said} <= {"EHLO", "STARTTLS", "QUIT"}


async def test_a_server_that_cannot_check_a_password_now_is_not_asked_again_and_again() -> None:
    async with scripted(EHLO="250-mx.example\r\n250 AUTH PLAIN", AUTH="454 4.7.0 too many login attempts") as (_, port):
        with pytest.raises(TransportError, match=r"cannot check the sign-in of 'publisher' now \(454\)"):
            await send(port, user="publisher", password="right")
