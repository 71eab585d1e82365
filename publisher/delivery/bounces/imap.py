"""
A mailbox over IMAP (RFC 3501), by the standard library.

Mails are known by their UID, which only grows while the folder's UIDVALIDITY
stays the same; so what was read is a number, and nothing has to be marked in the mailbox.
Looking (BODY.PEEK) leaves a mail unread: people may use the same mailbox.
"""

import imaplib
import re
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from publisher.delivery.bounces.mail import LARGEST
from publisher.delivery.bounces.mailbox import Cursor
from publisher.delivery.policy import ImapPolicy, Security, WhenHandled
from publisher.errors import MailboxError

_TIMEOUT = 20.0  # seconds for one answer
_SPAN = 10_000  # numbers asked about at once: `imaplib` takes no line of a million bytes
_FAULTS = (imaplib.IMAP4.error, OSError, EOFError, ValueError)


class ImapMailbox:
    """
    Signs in and opens the folder; raises MailboxError, with the cure, where that fails.

    Certificates are checked against the system's authorities, or `tls`.
    """

    def __init__(self, policy: ImapPolicy, *, tls: ssl.SSLContext | None = None) -> None:
        self._policy = policy
        self._validity = self._next = 0
        try:
            self._client = _connected(policy, tls)
        except ssl.SSLCertVerificationError as error:
            raise MailboxError(
                f"{self._where}: its certificate is not valid for this name ({error.verify_message}): "
                "check delivery.bounces.imap.host, or have the certificate renewed"
            ) from error
        except ssl.SSLError as error:
            raise MailboxError(
                f"{self._where} does not speak TLS as configured: check delivery.bounces.imap.security and port "
                "(993 is usually tls, 143 starttls)"
            ) from error
        except _FAULTS as error:
            raise self._unreachable(error) from error
        try:
            self._sign_in()
            self._open()
        except BaseException:
            self.close()
            raise

    def waiting(self, cursor: Cursor) -> Sequence[str]:
        after = int(cursor.get("uid", 0)) if cursor.get("validity") == self._validity else 0
        for start in range(after + 1, max(self._next, after + 2), _SPAN):
            said = self._ask("SEARCH", f"UID {start}:{start + _SPAN - 1}")
            found = sorted(int(word) for line in said if isinstance(line, bytes) for word in line.split())
            if found:
                return [str(uid) for uid in found]
        return []

    def read(self, key: str) -> bytes:
        said = self._ask("FETCH", key, f"(BODY.PEEK[]<0.{LARGEST}>)")
        return next((one[1] for one in said if isinstance(one, tuple) and len(one) > 1), b"")[:LARGEST]

    def past(self, key: str) -> Cursor:
        return {"validity": self._validity, "uid": int(key)}

    def dispose(self, key: str) -> None:
        match self._policy.then:
            case WhenHandled.SEEN:
                self._ask("STORE", key, "+FLAGS.SILENT", r"(\Seen)")
            case WhenHandled.MOVE:
                self._move(key)
            case WhenHandled.DELETE:
                self._delete(key)

    def abort(self) -> None:
        with suppress(OSError, AttributeError):
            self._client.shutdown()

    def close(self) -> None:
        with suppress(*_FAULTS):
            self._client.logout()

    # ── Steps ────────────────────────────────────────────────────────────────

    @property
    def _where(self) -> str:
        return f"{self._policy.host}:{self._policy.port}"

    def _sign_in(self) -> None:
        try:
            self._client.login(self._policy.user, self._policy.password)
        except imaplib.IMAP4.abort as error:
            raise self._unreachable(error) from error
        except (imaplib.IMAP4.error, UnicodeError) as error:
            # The server's words are not repeated: some of them repeat the password.
            raise MailboxError(
                f"{self._where} refused the sign-in of '{self._policy.user}': "
                "check delivery.bounces.imap.user and its password (many providers want one made for programs)"
            ) from error
        except _FAULTS as error:
            raise self._unreachable(error) from error

    def _open(self) -> None:
        folder = self._policy.folder
        looks_only = self._policy.then is WhenHandled.KEEP
        try:
            answer, _ = self._client.select(_quoted(folder), readonly=looks_only)
            self._validity, self._next = self._number("UIDVALIDITY"), self._number("UIDNEXT")
        except _FAULTS as error:
            raise self._unreachable(error) from error
        if answer != "OK":
            raise MailboxError(f"{self._where} has no folder '{folder}': check delivery.bounces.imap.folder")

    def _number(self, name: str) -> int:
        _, said = self._client.response(name)
        return int(said[0]) if said and said[0] else 0

    def _move(self, key: str) -> None:
        target = _quoted(self._policy.move_to or "Bounces")
        with suppress(*_FAULTS):  # it is there already, as a rule
            self._client.create(target)
        self._ask("COPY", key, target)
        self._delete(key)

    def _delete(self, key: str) -> None:
        self._ask("STORE", key, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._client.capabilities:  # else it stays marked: EXPUNGE would take others' with it
            self._ask("EXPUNGE", key)

    def _ask(self, command: str, *words: str) -> list[Any]:
        try:
            answer, said = self._client.uid(command, *words)
        except _FAULTS as error:
            raise self._unreachable(error) from error
        if answer != "OK":
            raise MailboxError(f"{self._where} refused UID {command}: look at the server's log")
        return said

    def _unreachable(self, error: BaseException) -> MailboxError:
        return MailboxError(f"no mailbox at {self._where} ({type(error).__name__}): it is tried again")


def _connected(policy: ImapPolicy, tls: ssl.SSLContext | None) -> imaplib.IMAP4:
    context = tls or ssl.create_default_context()
    if policy.security is Security.TLS:
        return imaplib.IMAP4_SSL(policy.host, policy.port, ssl_context=context, timeout=_TIMEOUT)
    client = imaplib.IMAP4(policy.host, policy.port, timeout=_TIMEOUT)
    try:
        if policy.security is Security.STARTTLS:
            client.starttls(ssl_context=context)
    except BaseException:
        client.shutdown()
        raise
    return client


def _quoted(folder: str) -> str:
    """A folder's name as IMAP wants it: modified UTF-7 (RFC 3501 section 5.1.3), in quotes."""
    encoded = re.sub(r"[^\x20-\x7e]+", _shifted, folder.replace("&", "&-"))
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(run: re.Match[str]) -> str:
    utf7 = run[0].encode("utf-7").decode("ascii")  # +vPQ-
    return "&" + utf7.strip("+-").replace("/", ",") + "-"
