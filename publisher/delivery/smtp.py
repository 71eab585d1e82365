"""
The road over SMTP: lanes to one server, each with a connection that is made when it is needed.

aiosmtplib connects, protects and signs in; what is said then is in
`conversation`. A connection is thrown away after any cancellation, timeout or
oddity, because an answer that comes late would be taken for the answer to the
next command. Content goes out as it is, dots doubled, not rewritten:
`send_message` would fold the headers anew.
"""

import asyncio
import math
import re
import socket
import ssl
from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol, TypeAlias

import structlog
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from publisher.delivery.conversation import Conversation
from publisher.delivery.policy import Pipelining, Security, SmtpProfile
from publisher.delivery.tokens import TokenSource
from publisher.delivery.transport import Envelope, Outcome, Refused, StartOfContent, Unreachable
from publisher.delivery.wire import SERVICE_CLOSING, Wire
from publisher.errors import TransportError

log = structlog.get_logger()

_WITHOUT_GROUPS = 600.0  # seconds without pipelining after a server stumbled over it; then it is tried again
_STALE_AFTER = 20.0  # seconds idle; then NOOP asks whether anybody is still there
_PATIENCE = 5  # the answer to the final dot may take so many times longer than others (RFC 5321 section 4.5.3.2.6)


class SmtpTransport:
    """
    Hands copies to the server of one profile, over at most `profile.connections` connections.

    Twice as many copies are welcome at once: on each connection one may be made
    ready, and announced where the server pipelines, while another is answered.
    `tls` is for servers whose certificate the system does not know; without it
    certificates are checked against the system's authorities. `keys` is where the
    profile is configured, for whoever has to mend it; `kept` the file for a refresh
    token that its provider replaces.
    """

    def __init__(
        self,
        profile: SmtpProfile,
        *,
        tls: ssl.SSLContext | None = None,
        keys: str = "delivery.smtp",
        kept: Path | None = None,
    ) -> None:
        self.connections = 2 * profile.connections
        self._profile = profile
        self._tls = tls
        self._keys = keys
        self._tokens = TokenSource(profile.oauth, keys, kept) if profile.oauth else None
        self._own_name: str | None = None
        self._no_groups_until = 0.0 if profile.pipelining is Pipelining.AUTO else math.inf  # on the loop's clock
        self._lanes = [_Lane(self._open, self._avoid_groups) for _ in range(profile.connections)]
        self._preparing = asyncio.Lock()

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        """
        Hand over one copy; every answer of the server is an Outcome.

        A connection that turns out to be dead before `start` is replaced: only
        what a fresh one says is about this copy. From `start` on there is one try.
        """
        if not (envelope.recipient.isascii() and envelope.sender.isascii()):
            return Refused(code=553, enhanced="5.6.7", reply="the address needs SMTPUTF8, which letters do not use")
        lane = min(self._lanes, key=_Lane.load_of)
        return await lane.send(envelope, start)

    async def greet(self) -> Unreachable | None:
        """Open a connection, sign in, and keep it for the first copy; why not, if not. Raises TransportError."""
        return await self._lanes[0].greet()

    async def close(self) -> None:
        """Say goodbye on every idle connection. Those under way close themselves."""
        for lane in self._lanes:
            lane.leave()

    def _avoid_groups(self) -> None:
        """One server's bad moment is no reason to go slowly for ever."""
        now = asyncio.get_running_loop().time()
        if now >= self._no_groups_until:
            log.warning("smtp server breaks pipelining, one command at a time for a while", host=self._profile.host)
            self._no_groups_until = now + _WITHOUT_GROUPS

    async def _open(self, *, may_pipeline: bool) -> "Conversation | Unreachable":
        await self._prepare()
        profile = self._profile
        client = SMTP(
            hostname=profile.host,
            port=profile.port,
            use_tls=profile.security is Security.TLS,
            start_tls=profile.security is Security.STARTTLS,
            tls_context=self._tls,
            local_hostname=self._own_name,
            timeout=profile.timeout.total_seconds(),
        )
        try:
            await client.connect()
            await client.ehlo()
            await self._sign_in(client)
        except (SMTPException, OSError) as error:
            client.close()
            return _no_connection(profile, self._keys, error)
        except BaseException:
            client.close()
            raise
        if not isinstance(client.transport, asyncio.Transport):  # lost in this moment
            return Unreachable(reason=f"no connection to {profile.host}:{profile.port}")
        is_allowed = asyncio.get_running_loop().time() >= self._no_groups_until
        return Conversation(
            Wire(client.transport),
            is_pipelining=may_pipeline and is_allowed and client.supports_extension("pipelining"),
            takes_size=client.supports_extension("size"),
            timeout=profile.timeout.total_seconds(),
            patience=_PATIENCE * profile.timeout.total_seconds(),
            copies=profile.per_connection,
        )

    async def _sign_in(self, client: SMTP) -> None:
        """By password (whichever of PLAIN, LOGIN and CRAM-MD5 the server offers), or with a token."""
        user = self._profile.user
        if not user:
            return
        if self._tokens is None:
            await client.login(user, self._profile.password)
            return
        if "xoauth2" not in (client.esmtp_extensions.get("auth") or "").lower().split():
            raise SMTPException("the server does not offer XOAUTH2")
        try:
            await client.auth_xoauth2(user, await self._tokens.token())
        except SMTPAuthenticationError:
            if not self._tokens.is_older_than_this_moment:
                raise
            # One that was withdrawn before its time: a fresh one tells whether the account is shut.
            self._tokens.drop()
            await client.auth_xoauth2(user, await self._tokens.token())

    async def _prepare(self) -> None:
        """Look up once what aiosmtplib would look up for every connection: our own name, the authorities."""
        async with self._preparing:
            if self._own_name is None:
                name = await asyncio.to_thread(socket.getfqdn)
                self._own_name = name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "localhost"
            if self._tls is None and self._profile.security is not Security.NONE:
                self._tls = await asyncio.to_thread(ssl.create_default_context)


class _Open(Protocol):
    def __call__(self, *, may_pipeline: bool) -> Awaitable[Conversation | Unreachable]: ...


class _AvoidGroups(Protocol):
    def __call__(self) -> None: ...


class _Lane:
    """
    One connection at a time, and the copies that queue for it.

    A copy has the lane's turn from its first command until its content is out.
    Then the next one may begin, but its own content waits for `before`: that
    the copy before it has had its answer and its sender could write that down.
    So there is never more than one content without an answer.
    """

    def __init__(self, open_: _Open, avoid_groups: _AvoidGroups) -> None:
        self._open = open_
        self._avoid_groups = avoid_groups
        self._load = 0
        self._turn = asyncio.Lock()
        self._conversation: Conversation | None = None
        self._before = asyncio.Event()
        self._before.set()

    def load_of(self) -> int:
        """How many copies are on it or wait for it."""
        return self._load

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        self._load += 1
        answered = asyncio.Event()
        try:
            async with self._turn:
                conversation = await self._announced(envelope)
                if not isinstance(conversation, Conversation):
                    return conversation
                try:
                    await start(envelope)
                except BaseException:
                    conversation.close()
                    raise
                self._before = answered
                asked = conversation.content(envelope)
            try:
                return await conversation.answer(asked, envelope)
            except BaseException:
                conversation.close()  # an answer is outstanding
                raise
            finally:
                conversation.rest()
        finally:
            self._load -= 1
            # From the answer to here nothing is awaited, and the sender, which goes on now, is
            # ahead of whoever waits for this: what it writes down first is written first.
            answered.set()

    async def greet(self) -> Unreachable | None:
        async with self._turn:
            found = await self._ready(may_pipeline=True)
        return found if isinstance(found, Unreachable) else None

    def leave(self) -> None:
        if self._conversation and self._load == 0:
            self._conversation.leave()
        elif self._conversation:
            self._conversation.spoil()

    async def _announced(self, envelope: Envelope) -> Conversation | Outcome:
        """The conversation whose server waits for the content, or why none does. A used connection may have died."""
        is_suspect = False
        while True:
            conversation = await self._ready(may_pipeline=not is_suspect)
            if isinstance(conversation, Unreachable):
                return conversation
            try:
                outcome = await conversation.announce(envelope, self._before)
            except BaseException:
                self._give_up(conversation)
                raise
            if outcome is None or not _says_nothing_about_the_copy(outcome):
                if is_suspect:
                    self._avoid_groups()
                return outcome or conversation
            conversation.close()
            is_fresh = conversation.carried == 1
            if is_fresh and (is_suspect or not conversation.is_pipelining or isinstance(outcome, Refused)):
                return outcome
            is_suspect = is_fresh  # it may be our groups that the server cannot stand

    async def _ready(self, *, may_pipeline: bool) -> Conversation | Unreachable:
        """The open connection if it can take a copy, else a new one."""
        if self._conversation and not self._conversation.is_pipelining:
            await self._before.wait()
        if self._conversation and await self._is_well(self._conversation):
            return self._conversation
        await self._before.wait()
        if self._conversation:
            self._conversation.leave()
            self._conversation = None
        opened = await self._open(may_pipeline=may_pipeline)
        if isinstance(opened, Conversation):
            self._conversation = opened
        return opened

    async def _is_well(self, conversation: Conversation) -> bool:
        is_stale = self._before.is_set() and conversation.idle_for >= _STALE_AFTER
        return conversation.is_usable and (not is_stale or await conversation.is_there())

    def _give_up(self, conversation: Conversation) -> None:
        """Somebody who announced a copy was cancelled: the copy before it may still have its answer."""
        if self._before.is_set():
            conversation.close()
        else:
            conversation.spoil()


# ── Reading answers ──────────────────────────────────────────────────────────


def _says_nothing_about_the_copy(outcome: Outcome) -> bool:
    match outcome:
        case Unreachable():
            return True
        case Refused(code=code):
            return code == SERVICE_CLOSING
        case _:
            return False


_Fault: TypeAlias = SMTPException | OSError


def _no_connection(profile: SmtpProfile, keys: str, error: _Fault) -> Unreachable:
    """
    Why there is no connection: an outage is told, what somebody must mend is raised.

    Nothing is lost by raising: the copies wait until the profile works again.
    """
    where = f"{profile.host}:{profile.port}"
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    match error:
        case SMTPAuthenticationError(code=code) if code >= 500:
            raise TransportError(
                f"{where} refused the sign-in of '{profile.user}' ({code}): check {keys}.user and its "
                f"{'token' if profile.oauth else 'password'}"
            ) from error
        case SMTPAuthenticationError(code=code):  # too many sign-ins, or its own list of accounts is away
            raise TransportError(f"{where} cannot check the sign-in of '{profile.user}' now ({code})") from error
        case SMTPConnectResponseError(code=code) | SMTPHeloError(code=code) if code >= 500:
            raise TransportError(f"{where} turns us away ({code}): ask its operator to let this host in") from error
        case _ if isinstance(cause, ssl.SSLCertVerificationError):
            raise TransportError(
                f"{where}: its certificate is not valid for this name ({cause.verify_message}): "
                f"check {keys}.host, or have the certificate renewed"
            ) from error
        case _ if isinstance(cause, ssl.SSLError):
            raise TransportError(
                f"{where} does not speak TLS as configured: check {keys}.security and port "
                "(587 is usually starttls, 465 tls)"
            ) from error
        case SMTPConnectError() | SMTPServerDisconnected() | SMTPTimeoutError() | SMTPResponseException() | OSError():
            log.info("smtp server unreachable", host=profile.host, port=profile.port, error=type(error).__name__)
            return Unreachable(reason=f"no connection to {where}")
        case _:  # STARTTLS or AUTH is not offered
            raise TransportError(f"{where}: {error}: check {keys}.security and user") from error
