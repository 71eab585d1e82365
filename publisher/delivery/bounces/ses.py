"""
Amazon SES, by SNS over HTTPS.

SNS signs with a certificate that its message names, so the name must be an
address of SNS itself; and since every customer of Amazon can have SNS write to
us, only the configured topic counts. Made from Amazon's documents (SNS message
signatures; SES notification contents), not tried against the real one.
"""

import base64
import binascii
import re
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from publisher.delivery.bounces.codes import weigh
from publisher.delivery.bounces.posted import Fetch, Forged, Told, Unreadable, moment, parsed, several, text
from publisher.delivery.bounces.returned import Failure, Kind, Returned, Traces
from publisher.delivery.bounces.traces import traces_in
from publisher.delivery.policy import ReturnPolicy
from publisher.markup import fold
from subscribers.bounces import Weight

_OF_SNS = r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?/"
_CERTIFICATE = re.compile(_OF_SNS + r"[A-Za-z0-9._/-]{1,200}\.pem")
_CONFIRMATION = re.compile(_OF_SNS + r"\?[A-Za-z0-9&=%._:-]{1,2000}")

_SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_OF_NOTIFICATION = frozenset(_SIGNED) - {"SubscribeURL", "Token"}
_OF_CONFIRMATION = frozenset(_SIGNED) - {"Subject"}
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - SNS's version 1

_BLOCKED = frozenset({"MessageTooLarge", "ContentRejected", "AttachmentRejected"})


class Ses:
    """Bounces and complaints of a topic; confirms the subscription to it by itself."""

    def is_open(self, policy: ReturnPolicy) -> bool:
        return bool(policy.ses_topic)

    async def read(self, body: bytes, policy: ReturnPolicy, fetch: Fetch, now: datetime) -> Told | Forged | Unreadable:
        message = parsed(body)
        if message is None:
            return Unreadable(reason="not a message of SNS")
        if text(message, "TopicArn") != policy.ses_topic:
            return Forged(reason="of another topic than delivery.bounces.ses.topic")
        address = text(message, "SigningCertURL")
        if not _CERTIFICATE.fullmatch(address):
            return Forged(reason="its certificate is not at an address of SNS")
        if not _is_signed(message, await fetch(address), now):
            return Forged(reason="its signature does not hold")
        return await _read(message, fetch)


async def _read(message: dict[str, Any], fetch: Fetch) -> Told | Unreadable:
    match text(message, "Type"):
        case "SubscriptionConfirmation":
            address = text(message, "SubscribeURL")
            if not _CONFIRMATION.fullmatch(address):
                return Unreadable(reason="its SubscribeURL is not an address of SNS")
            await fetch(address)
            return Told()
        case "Notification":
            found = _returned(parsed(text(message, "Message")))
            return Told(returned=(found,) if found else ())
        case _:
            return Told()


# ── Whether it is theirs ─────────────────────────────────────────────────────


def _is_signed(message: dict[str, Any], pem: bytes, now: datetime) -> bool:
    algorithm = _HASHES.get(text(message, "SignatureVersion"))
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        signature = base64.b64decode(text(message, "Signature"), validate=True)
    except (ValueError, binascii.Error):
        return False
    key = certificate.public_key()
    is_in_force = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    if algorithm is None or not is_in_force or not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, _signed(message), PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def _signed(message: dict[str, Any]) -> bytes:
    """What the signature is over: name and value of these fields, each on a line, those that there are."""
    names = _OF_NOTIFICATION if text(message, "Type") == "Notification" else _OF_CONFIRMATION
    lines = [f"{name}\n{text(message, name)}\n" for name in _SIGNED if name in names and name in message]
    return "".join(lines).encode("utf-8", "replace")


# ── What it says ─────────────────────────────────────────────────────────────


def _returned(event: dict[str, Any] | None) -> Returned | None:
    match text(event, "notificationType") or text(event, "eventType"):
        case "Bounce":
            failures = tuple(_failure(event, one) for one in several(event, "bounce", "bouncedRecipients"))
            dated = moment(text(event, "bounce", "timestamp"))
            return Returned(kind=Kind.BOUNCE, failures=failures, traces=_traces(event), dated=dated)
        case "Complaint" if text(event, "complaint", "complaintFeedbackType") != "not-spam":
            dated = moment(text(event, "complaint", "timestamp"))
            return Returned(kind=Kind.COMPLAINT, traces=_traces(event), dated=dated)
        case _:
            return None


def _failure(event: Any, one: Any) -> Failure:
    status, said = text(one, "status"), text(one, "diagnosticCode")
    return Failure(
        recipient=fold(text(one, "emailAddress")),
        weight=_weight(text(event, "bounce", "bounceType"), text(event, "bounce", "bounceSubType"), status, said),
        action="failed",
        status=status,
        said=fold(said)[:400],
    )


def _weight(kind: str, detail: str, status: str, said: str) -> Weight:
    if detail in _BLOCKED:
        return Weight.BLOCKED
    match kind:
        case "Permanent":
            return Weight.HARD
        case "Transient":
            return Weight.SOFT
        case _:
            return weigh(status, said)


def _traces(event: Any) -> Traces:
    """SES gives the letter a Message-ID of its own; ours stands among the headers that it repeats."""
    headers = {text(one, "name").lower(): text(one, "value") for one in several(event, "mail", "headers")}
    message_id = headers.get("message-id") or text(event, "mail", "commonHeaders", "messageId")
    return traces_in(text(event, "mail", "source"), message_id)
