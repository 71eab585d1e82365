"""
The road over SMTP: a pool of connections to one server.

A connection carries one copy at a time. It is thrown away after any
cancellation, timeout or oddity, because an answer that comes late would be
taken for the answer to the next command (aiosmtplib keeps such a connection
"connected"). Content goes out as it is, dots doubled, not rewritten:
`send_message` would fold the headers anew.
"""

import asyncio
import re
import socket
import ssl
from typing import TypeAlias

import structlog
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from publisher.delivery.policy import Security, SmtpProfile
from publisher.delivery.transport import (
    Accepted,
    Envelope,
    Outcome,
    Refused,
    Stage,
    StartOfContent,
    Unanswered,
    Unreachable,
)
from publisher.errors import TransportError

log = structlog.get_logger()

COPIES_PER_CONNECTION = 100
"""Many servers hang up on a connection that goes on and on; a fresh one costs little against so many."""

_STALE_AFTER = 20.0  # seconds idle; then NOOP asks whether anybody is still there
_PATIENCE = 5  # the answer to the final dot may take so many times longer than others (RFC 5321 section 4.5.3.2.6)
_SERVICE_CLOSING = 421
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")


class SmtpTransport:
    """
    Hands copies to the server of one profile, at most `connections` at once.

    `tls` is for servers whose certificate the system does not know; without it
    certificates are checked against the system's authorities.
    """

    def __init__(self, profile: SmtpProfile, *, tls: ssl.SSLContext | None = None) -> None:
        self.connections = profile.connections
        self._profile = profile
        self._tls = tls
        self._own_name: str | None = None
        self._turn = asyncio.Semaphore(profile.connections)
        self._idle: list[_Connection] = []
        self._preparing = asyncio.Lock()

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        """
        Hand over one copy; every answer of the server is an Outcome.

        A connection that turns out to be dead before the content goes out is
        replaced once: only what a fresh one says is about this copy.
        """
        if not (envelope.recipient.isascii() and envelope.sender.isascii()):
            return Refused(code=553, enhanced="5.6.7", reply="the address needs SMTPUTF8, which letters do not use")
        async with self._turn:
            connection = await self._take()
            if isinstance(connection, Unreachable):
                return connection
            outcome = await self._carry(connection, envelope, start)
            if connection.is_used and _says_nothing_about_the_copy(outcome):
                connection = await self._open()
                if isinstance(connection, Unreachable):
                    return connection
                outcome = await self._carry(connection, envelope, start)
            return outcome

    async def greet(self) -> Unreachable | None:
        """Open a connection, sign in, and keep it for the first copy; why not, if not. Raises TransportError."""
        connection = await self._take()
        if isinstance(connection, Unreachable):
            return connection
        self._idle.append(connection)
        return None

    async def close(self) -> None:
        """Say goodbye on every idle connection. Those under way close themselves."""
        while self._idle:
            self._idle.pop().leave()

    async def _carry(self, connection: "_Connection", envelope: Envelope, start: StartOfContent) -> Outcome:
        try:
            outcome = await connection.send(envelope, start)
        except BaseException:
            connection.close()  # a cancelled exchange has an answer outstanding
            raise
        # From here on nothing is awaited: a cancellation must not swallow the answer.
        if connection.is_usable:
            self._idle.append(connection)
        else:
            connection.leave()
        return outcome

    async def _take(self) -> "_Connection | Unreachable":
        while self._idle:
            connection = self._idle.pop()
            if await connection.is_ready():
                return connection
        return await self._open()

    async def _open(self) -> "_Connection | Unreachable":
        await self._prepare()
        profile = self._profile
        client = SMTP(
            hostname=profile.host,
            port=profile.port,
            username=profile.user or None,
            password=profile.password if profile.user else None,
            use_tls=profile.security is Security.TLS,
            start_tls=profile.security is Security.STARTTLS,
            tls_context=self._tls,
            local_hostname=self._own_name,
            timeout=profile.timeout.total_seconds(),
        )
        try:
            await client.connect()
            await client.ehlo()
        except (SMTPException, OSError) as error:
            client.close()
            return _no_connection(profile, error)
        except BaseException:
            client.close()
            raise
        return _Connection(client, patience=_PATIENCE * profile.timeout.total_seconds())

    async def _prepare(self) -> None:
        """Look up once what aiosmtplib would look up for every connection: our own name, the authorities."""
        async with self._preparing:
            if self._own_name is None:
                name = await asyncio.to_thread(socket.getfqdn)
                self._own_name = name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "localhost"
            if self._tls is None and self._profile.security is not Security.NONE:
                self._tls = await asyncio.to_thread(ssl.create_default_context)


class _Connection:
    """One conversation with the server."""

    def __init__(self, client: SMTP, *, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._sent = 0
        self._last_used = asyncio.get_running_loop().time()
        self._is_in_step = True  # every command has had its answer
        self._needs_reset = False  # a refusal left half an envelope behind

    @property
    def is_usable(self) -> bool:
        return self._is_in_step and self._client.is_connected and self._sent < COPIES_PER_CONNECTION

    @property
    def is_used(self) -> bool:
        """Has it carried a copy before the present one? Then its death may be old age."""
        return self._sent > 1

    async def is_ready(self) -> bool:
        """Is the server still there, and its envelope empty? Closes the connection if not."""
        is_fresh = asyncio.get_running_loop().time() - self._last_used < _STALE_AFTER
        if is_fresh and not self._needs_reset:
            return self._client.is_connected
        try:
            await (self._client.rset() if self._needs_reset else self._client.noop())
        except (SMTPException, OSError):
            self.close()
            return False
        except BaseException:
            self.close()
            raise
        self._needs_reset = False
        return True

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        self._sent += 1
        refused_or_lost = await self._announce(envelope)
        if refused_or_lost is not None:
            return refused_or_lost
        await start(envelope)
        outcome = await self._content(envelope)
        self._last_used = asyncio.get_running_loop().time()
        return outcome

    async def _announce(self, envelope: Envelope) -> Outcome | None:
        """MAIL, RCPT, DATA; None when the server waits for the content."""
        size = (b"SIZE=%d" % len(envelope.content),) if self._client.supports_extension("size") else ()
        steps: tuple[tuple[Stage, int, tuple[bytes, ...]], ...] = (
            (Stage.SENDER, 2, (b"MAIL", b"FROM:<%b>" % envelope.sender.encode("ascii"), *size)),
            (Stage.RECIPIENT, 2, (b"RCPT", b"TO:<%b>" % envelope.recipient.encode("ascii"))),
            (Stage.CONTENT, 3, (b"DATA",)),
        )
        for stage, expected, command in steps:
            try:
                answer = await self._client.execute_command(*command)
            except (SMTPException, OSError) as error:
                self._is_in_step = False
                return Unreachable(reason=_reason(error), connected=True)
            except ValueError as error:  # a control character: no such address exists
                return Refused(code=553, enhanced="5.1.3", reply=str(error), stage=stage)
            if answer.code // 100 != expected:
                self._needs_reset = True
                return _refused(answer, stage, envelope)
        return None

    async def _content(self, envelope: Envelope) -> Outcome:
        protocol = self._client.protocol
        if protocol is None:
            self._is_in_step = False
            return Unreachable(reason="connection lost before the content", connected=True)
        try:
            protocol.write(_stuffed(envelope.content))
        except SMTPServerDisconnected as error:  # raised before anything is handed to the socket
            self._is_in_step = False
            return Unreachable(reason=_reason(error), connected=True)
        try:
            answer = await protocol.read_response(timeout=self._patience)
        except (SMTPException, OSError) as error:
            self._is_in_step = False
            return Unanswered(reason=_reason(error))
        if answer.code // 100 == 2:
            return Accepted(code=answer.code, reply=_tidy(answer.message, envelope))
        self._needs_reset = True
        return _refused(answer, Stage.CONTENT, envelope)

    def leave(self) -> None:
        """Say QUIT and go; what the server answers to that is of no interest."""
        protocol = self._client.protocol
        if self._is_in_step and protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        self._is_in_step = False
        self._client.close()


# ── Reading answers ──────────────────────────────────────────────────────────


def _says_nothing_about_the_copy(outcome: Outcome) -> bool:
    match outcome:
        case Unreachable():
            return True
        case Refused(code=code):
            return code == _SERVICE_CLOSING
        case _:
            return False


def _stuffed(content: bytes) -> bytes:
    """The content as DATA wants it: lines that begin with a dot get another, and a lone dot ends it."""
    if content.startswith(b"."):
        content = b"." + content
    ending = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    return content.replace(b"\r\n.", b"\r\n..") + ending


def _refused(answer: SMTPResponse, stage: Stage, envelope: Envelope) -> Refused:
    enhanced = _ENHANCED.match(answer.message.lstrip())
    return Refused(
        code=answer.code,
        enhanced=enhanced[1] if enhanced else "",
        reply=_tidy(answer.message, envelope),
        stage=stage,
    )


def _tidy(message: str, envelope: Envelope) -> str:
    """The server's words in one line, without the address, which must not outlive its erasure."""
    without = re.sub(re.escape(envelope.recipient), "(recipient)", message, flags=re.IGNORECASE)
    printable = "".join(letter if letter.isprintable() else " " for letter in without)
    return " ".join(printable.split())[:400]


def _reason(error: Exception) -> str:
    match error:
        case SMTPTimeoutError():
            return "the server did not answer in time"
        case SMTPResponseException():
            return "the server's answer is no SMTP"
        case _:
            return "the server hung up"


_Fault: TypeAlias = SMTPException | OSError


def _no_connection(profile: SmtpProfile, error: _Fault) -> Unreachable:
    """
    Why there is no connection: an outage is told, what somebody must mend is raised.

    Nothing is lost by raising: the copies wait until the profile works again.
    """
    where = f"{profile.host}:{profile.port}"
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    match error:
        case SMTPAuthenticationError(code=code) if code >= 500:
            raise TransportError(
                f"{where} refused the sign-in of '{profile.user}' ({code}): check delivery.smtp.user and its password"
            ) from error
        case SMTPConnectResponseError(code=code) | SMTPHeloError(code=code) if code >= 500:
            raise TransportError(f"{where} turns us away ({code}): ask its operator to let this host in") from error
        case _ if isinstance(cause, ssl.SSLCertVerificationError):
            raise TransportError(
                f"{where}: its certificate is not valid for this name ({cause.verify_message}): "
                "check delivery.smtp.host, or have the certificate renewed"
            ) from error
        case _ if isinstance(cause, ssl.SSLError):
            raise TransportError(
                f"{where} does not speak TLS as configured: check delivery.smtp.security and port "
                "(587 is usually starttls, 465 tls)"
            ) from error
        case SMTPConnectError() | SMTPServerDisconnected() | SMTPTimeoutError() | SMTPResponseException() | OSError():
            log.info("smtp server unreachable", host=profile.host, port=profile.port, error=type(error).__name__)
            return Unreachable(reason=f"no connection to {where}")
        case _:  # STARTTLS or AUTH is not offered
            raise TransportError(f"{where}: {error}: check delivery.smtp.security and user") from error
