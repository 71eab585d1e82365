"""
What a refusal is about: this mailbox, what we send, or us.

A server says it in a code, mostly with an enhanced one (RFC 3463), and often
only its words tell the rest. The codes are those of RFC 5321 and 3463 and what
Google, Microsoft and Yahoo publish of theirs; Naver and Daum publish none, so
for them the general rules stand. `tests/delivery/test_answers.py` has real
answers of each, and what they mean.
"""

import re
from enum import StrEnum

from publisher.delivery.transport import Refused, Stage


class Meaning(StrEnum):
    """The first six are about one recipient or one letter, the others about us: any copy would be told the same."""

    NO_SUCH = "no such mailbox"
    FULL = "the mailbox is full"
    TURNED_DOWN = "refused for good"
    GREYLISTED = "greylisted"
    LATER = "refused for now"
    CONTENT = "refused by the server's policy"  # what we send, or how
    CLOSING = "the server is closing"
    RATE = "the server wants us to be slower"
    LIMIT = "the server's limit for a day is reached"
    SIGN_IN = "the server wants another sign-in"
    SENDER = "the server refuses us as the sender"
    POLICY = "the server's policy refuses us"


def meaning_of(refused: Refused) -> Meaning:
    """The most general thing that the answer can mean comes first: what is about us must count for nobody."""
    return _about_us(refused) or _about_the_mailbox(refused)


def is_for_good(refused: Refused) -> bool:
    return refused.code >= 500


# ── Us ───────────────────────────────────────────────────────────────────────

_SIGN_IN = frozenset({530, 534, 535, 538})  # RFC 4954 section 6
_SIGN_IN_DETAILS = frozenset(
    {
        "7.8",  # credentials invalid
        "7.9",  # sign-in method too weak
        "7.11",  # sign-in only over TLS
        "7.13",  # account disabled
        "7.14",  # trust relationship required
        "7.57",  # Microsoft: not signed in
        "7.139",  # Microsoft: basic sign-in switched off
    }
)
_LIMIT_DETAILS = frozenset(
    {
        "4.5",  # Google: daily sending limit
        "1.90",  # Microsoft: daily limit of recipients
    }
)
_SENDER_DETAILS = frozenset(
    {
        "1.7",  # bad sender's address syntax
        "1.8",  # bad sender's system
        "7.60",  # Microsoft: no right to send as this sender
    }
)
_POLICY_DETAILS = frozenset(
    {
        *("7.23", "7.24"),  # SPF failed, or could not be asked (RFC 7372)
        "7.25",  # no reverse name (RFC 7372)
        *("7.26", "7.27", "7.29", "7.30"),  # Google: not authenticated: SPF, TLS, DKIM
        "7.32",  # Google: From does not agree with what is authenticated
        *("7.509", "7.511", "7.515"),  # Microsoft: DMARC, banned, not authenticated enough
        *("7.705", "7.708", "7.750"),  # Microsoft: traffic of this customer or address not accepted
    }
)
_RATE_DETAILS = frozenset(
    {
        "7.28",  # Google: unusual rate
        "7.500",  # Microsoft: busy, ask again later
        "16.55",  # Yahoo: TSS05
    }
)
_DAILY = re.compile(r"\b(daily|per day|24 hours?|submission|sending)\b.{0,40}\b(limit|quota)", re.IGNORECASE)
_TOO_FAST = re.compile(
    r"\brate\b|throttl|too (many|fast|much)|slow(er| down)|unusual|unexpected volume|\[TSS", re.IGNORECASE
)
_PEAK = re.compile(r"\brelay limit\b", re.IGNORECASE)  # Google: 450 4.2.1, as of a mailbox that gets too much
_OUR_HOST = re.compile(
    r"client host|your (ip|host)|helo|reverse (dns|host ?name)|\bPTR\b|block ?list|black ?list|\bRBL\b", re.IGNORECASE
)
_RELAYING = re.compile(r"\brelay(ing)?\b", re.IGNORECASE)  # Exim and Postfix give 550 or 554 for it
_GREYLISTED = re.compile(r"gr[ae]y-?list", re.IGNORECASE)
SERVICE_CLOSING = 421


def _about_us(refused: Refused) -> Meaning | None:
    detail, said = _detail(refused), refused.reply
    if refused.code in _SIGN_IN or (is_for_good(refused) and detail in _SIGN_IN_DETAILS):
        return Meaning.SIGN_IN
    if (detail in _LIMIT_DETAILS and is_for_good(refused)) or (detail != "2.2" and _DAILY.search(said)):
        return Meaning.LIMIT
    if detail in _POLICY_DETAILS or _is_of_our_host(refused):
        return Meaning.POLICY
    if detail in _SENDER_DETAILS or (is_for_good(refused) and _is_of_the_sender(refused)):
        return Meaning.SENDER
    return None if is_for_good(refused) else _not_now(refused)


def _is_of_our_host(refused: Refused) -> bool:
    """Postfix and most others say it with 5.7.1 (or 4.7.1), as they say everything."""
    is_policy = refused.stage is not Stage.CONTENT and _detail(refused).partition(".")[0] in {"", "5", "7"}
    return is_policy and _OUR_HOST.search(refused.reply) is not None and not _TOO_FAST.search(refused.reply)


def _is_of_the_sender(refused: Refused) -> bool:
    return refused.stage is Stage.SENDER or _RELAYING.search(refused.reply) is not None


def _not_now(refused: Refused) -> Meaning | None:
    """Of what is refused for now: is it us, and not the recipient?"""
    if _GREYLISTED.search(refused.reply):
        return None
    detail = _detail(refused)
    is_policy = refused.code == SERVICE_CLOSING or refused.stage is Stage.SENDER or detail.startswith("7.")
    is_fast = _TOO_FAST.search(refused.reply) is not None
    if detail in _RATE_DETAILS or (is_policy and is_fast) or _PEAK.search(refused.reply):
        return Meaning.RATE
    if refused.code == SERVICE_CLOSING:
        return Meaning.CLOSING
    return Meaning.RATE if refused.stage is Stage.SENDER else None


# ── This mailbox, this letter ────────────────────────────────────────────────

_NO_SUCH_WORDS = re.compile(
    r"(user|mailbox|account|recipient|address)\b.{0,40}\b(unknown|not exist|not found|no such|inactive|disabled)"
    r"|\b(no such|unknown|invalid) (user|mailbox|account|recipient|address)",
    re.IGNORECASE,
)
_FULL_WORDS = re.compile(
    r"over ?-?quota|quota (is )?exceeded|(mailbox|mail box)( is|) full|storage allocation", re.IGNORECASE
)
_RESTRICTED = frozenset({"7.124", "7.133", "7.134", "7.136"})  # Microsoft: this mailbox takes letters of some only
_OUT_OF_STEP = frozenset({500, 502, 503, 504})  # the server did not understand us


def _about_the_mailbox(refused: Refused) -> Meaning:
    detail = _detail(refused)
    if detail == "2.2" or (detail[:2] in {"", "2."} and _FULL_WORDS.search(refused.reply)):
        return Meaning.FULL
    if not is_for_good(refused):
        return _postponed(refused)
    if detail in _RESTRICTED:
        return Meaning.TURNED_DOWN
    if not detail and _NO_SUCH_WORDS.search(refused.reply):
        return Meaning.NO_SUCH
    if _is_about_the_letter(refused):
        return Meaning.CONTENT
    return Meaning.NO_SUCH if _names_no_mailbox(refused) else Meaning.TURNED_DOWN


def _postponed(refused: Refused) -> Meaning:
    """Greylisting servers mostly say 450 4.2.0 or 4.7.1, in words of their own."""
    is_shy = refused.stage is Stage.RECIPIENT and _detail(refused) in {"2.0", "7.1"}
    if is_shy or _GREYLISTED.search(refused.reply):
        return Meaning.GREYLISTED
    return Meaning.CONTENT if _is_about_the_letter(refused) else Meaning.LATER


def _is_about_the_letter(refused: Refused) -> bool:
    """
    Is it about what we send, or how, rather than about this mailbox?

    After the content RFC 3463's subjects 3 (system), 6 (content) and 7 (policy)
    are; before it only policy is, since Outlook answers "5.5.0 mailbox
    unavailable" for a mailbox that does not exist.
    """
    subject = _detail(refused).partition(".")[0]
    if refused.code in _OUT_OF_STEP:
        return subject not in {"1", "2"}
    if refused.stage is Stage.CONTENT:
        return subject in {"3", "6", "7"} or (not subject and refused.code in {501, 552, 554})
    return subject == "7" or (not subject and refused.code == 554)


def _names_no_mailbox(refused: Refused) -> bool:
    detail = _detail(refused)
    if detail.startswith("1.") or detail in {"2.1", "4.1", "5.0"}:  # the last two as Microsoft uses them
        return True
    return (not detail and refused.code in {550, 551, 553}) or _NO_SUCH_WORDS.search(refused.reply) is not None


def _detail(refused: Refused) -> str:
    """`5.1.1` → `1.1`: what it is about, whether for good or for now."""
    return refused.enhanced.partition(".")[2]
