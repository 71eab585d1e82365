"""Bounces that keep to no standard: what flufl.bounce knows, then sentences, Korean providers' among them."""

import logging
import re

from flufl.bounce import all_failures

from publisher.delivery.bounces.codes import any_of, by_words, status_in, weigh
from publisher.delivery.bounces.mail import Mail
from publisher.delivery.bounces.returned import Failure
from subscribers.bounces import Weight

# A detector that stumbles over a hostile mail logs a trace; it is caught here, and no news.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)

_DAEMON = any_of(r"mailer-?daemon|postmaster|mail delivery (sub)?system|메일 ?(전송|배달) ?시스템")
_SUBJECT = any_of(
    r"undeliver(ed|able)|delivery (status )?(notification )?\(?(failure|failed)|delivery problem",
    r"returned (mail|to sender)|failure notice|could ?n.t be delivered|mail (delivery )?fail",
    r"(발송|전송|배달|전달|수신|송신) ?(이|에|을|를)? ?(실패|불가|불능)|반송",
    r"(발송|전송|배달|전달)(하|되)지 ?(못|않)|보내지 ?못",
)
_WARNING = any_of(r"delayed|warning: |will (be )?retr(y|ied)|지연|재시도|다시 시도")
_ADDRESS = re.compile(r"[A-Za-z0-9_.+=-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
_RETURNED = re.compile(
    r"^(-{3,}.{0,60}(original|returned|forwarded|below|원본|원문)|(received|return-path|message-id|dkim-signature):)",
    re.IGNORECASE | re.MULTILINE,
)
_MOST = 5  # addresses of one mail
_LOOKED_AT = 16 * 1024  # bytes for the detectors: a hundred thousand empty lines keep them busy for half a minute


def looks_returned(mail: Mail) -> bool:
    """Does a mail system write, and of something that did not arrive?"""
    if _SUBJECT.search(mail.own_subject):
        return True
    is_from_system = mail.header("Return-Path") == "<>" or _DAEMON.search(mail.header("From")) is not None
    return is_from_system and (mail.header("X-Failed-Recipients") != "" or by_words(_said(mail)) is not None)


def failures(mail: Mail) -> tuple[Failure, ...]:
    """The recipients of a bounce without a report; empty where it names none that we can make out."""
    return _by_detectors(mail) or _by_words(mail)


def is_temporary(mail: Mail) -> bool:
    """A warning only: it is still being tried."""
    said = f"{mail.header('Subject')}\n{_said(mail)[:2000]}"
    return _WARNING.search(said) is not None


def _by_detectors(mail: Mail) -> tuple[Failure, ...]:
    try:
        temporary, permanent = all_failures(mail.beginning(_LOOKED_AT))
    except Exception:  # whatever a detector stumbles over: there is a way after it
        return ()
    said = _said(mail)
    gone = [_failure(address, said, "failed") for address in sorted(permanent)]
    late = [_failure(address, said, "delayed") for address in sorted(temporary - permanent)]
    return tuple((*gone, *late)[:_MOST])


def _failure(address: bytes, said: str, action: str) -> Failure:
    recipient = address.decode("utf-8", "replace")
    status = status_in(said)
    weight = weigh(status, said) if action == "failed" else None
    return Failure(recipient=recipient, weight=weight, action=action, status=status, said=_sentence(said))


def _by_words(mail: Mail) -> tuple[Failure, ...]:
    said = _said(mail)
    status = status_in(said)
    action = "delayed" if is_temporary(mail) else "failed"
    weight: Weight | None = weigh(status, said) if action == "failed" else None
    named = mail.header("X-Failed-Recipients") or said
    addresses = list(dict.fromkeys(found[0] for found in _ADDRESS.finditer(named)))[:_MOST] or [""]
    return tuple(
        Failure(recipient=one, weight=weight, action=action, status=status, said=_sentence(said)) for one in addresses
    )


def _said(mail: Mail) -> str:
    """What the mail system says itself, above the letter that it returns."""
    text = mail.text[:8000]
    found = _RETURNED.search(text)
    return text[: found.start()] if found else text


def _sentence(said: str) -> str:
    """The line that tells why, for the record."""
    lines = [" ".join(line.split()) for line in said.splitlines()]
    telling = [line for line in lines if line and (status_in(line) or by_words(line))]
    return (telling or [line for line in lines if line] or [""])[0][:400]
