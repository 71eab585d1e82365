"""
Answers of real servers, and what they mean.

Written after RFC 5321, RFC 3463 and 5248, Postfix and Exim as they answer by default, and the pages on which Google
(support.google.com/a/answer/3726730), Microsoft (learn.microsoft.com, non-delivery reports in Exchange Online) and
Yahoo (senders.yahooinc.com, SMTP error codes) tell theirs. Naver and Daum publish no such page that could be read:
their lines are what others' logs show, and not tried against the real ones.
"""

import re

import pytest

from publisher.delivery.answers import Meaning, meaning_of
from publisher.delivery.transport import Refused, Stage

MAIL, RCPT, DATA = Stage.SENDER, Stage.RECIPIENT, Stage.CONTENT

ANSWERS = {
    Meaning.NO_SUCH: [
        (RCPT, "550-5.1.1 The email account that you tried to reach does not exist."),  # Google
        (RCPT, "550 5.2.1 The email account that you tried to reach is inactive."),  # Google
        (RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),  # Exchange
        (RCPT, "550 5.4.1 Recipient address rejected: Access denied."),  # Exchange Online
        (RCPT, "550 5.5.0 Requested action not taken: mailbox unavailable"),  # Outlook.com
        (RCPT, "554 delivery error: dd This user doesn't have a yahoo.com account, no such user"),  # Yahoo
        (RCPT, "550 5.1.1 <(recipient)>: Recipient address rejected: User unknown in virtual mailbox table"),  # Postfix
        (RCPT, "550 Unrouteable address"),  # Exim
        (RCPT, "550 No such user here"),
        (RCPT, "550 5.1.1 <(recipient)> No such user"),  # Naver
        (RCPT, "550 5.1.1 <(recipient)>... User unknown"),  # Daum
        (RCPT, "553 5.1.3 bad address syntax"),
        (RCPT, "551 user not local; please try another path"),  # RFC 5321
        (DATA, "550 no such user here"),
        (DATA, "550 5.1.1 user unknown"),
    ],
    Meaning.FULL: [
        (RCPT, "452-4.2.2 The email account that you tried to reach is over quota."),  # Google
        (RCPT, "552-5.2.2 The email account that you tried to reach is over quota and inactive."),  # Google
        (DATA, "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException"),  # Exchange
        (RCPT, "552 5.2.2 <(recipient)>: Quota exceeded (mailbox for user is full)"),  # Dovecot
        (DATA, "552 1 Requested mail action aborted, mailbox not found or over quota"),  # Yahoo
        (RCPT, "552 Requested mail action aborted: exceeded storage allocation"),  # RFC 5321
        (RCPT, "452 4.2.2 Mailbox full"),  # Daum
        (RCPT, "552 5.2.2 mailbox is full"),  # Naver
    ],
    Meaning.TURNED_DOWN: [
        (RCPT, "550 5.2.0 this mailbox takes no letters now"),
        (RCPT, "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required"),  # Exchange
        (RCPT, "550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox"),  # Exchange
        (RCPT, "554 5.4.14 Hop count exceeded - possible mail loop"),  # Exchange
    ],
    Meaning.GREYLISTED: [
        (RCPT, "450 4.2.0 <(recipient)>: Recipient address rejected: Greylisted"),  # Postfix
        (RCPT, "451 4.7.1 Greylisting in action, please come back in 00:04:59"),
        (RCPT, "451 Temporary local problem, greylisted; please try later"),  # Exim
        (DATA, "450 4.7.1 Try again later, greylisting is on"),
        (RCPT, "450 4.7.1 try again later"),
    ],
    Meaning.LATER: [
        (RCPT, "450-4.2.1 The user you are trying to contact is receiving mail too quickly."),  # Google
        (RCPT, "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents it."),  # Google
        (RCPT, "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded"),  # Exchange
        (DATA, "451 4.4.2 local error in processing"),
        (RCPT, "450 4.1.1 <(recipient)>: Recipient address rejected: unverified address"),  # Postfix
        (RCPT, "452 4.3.1 Insufficient system storage"),  # Postfix
        (RCPT, "451 Temporary local problem - please try later"),  # Exim
        (RCPT, "450 Requested mail action not taken: mailbox unavailable"),  # RFC 5321
    ],
    Meaning.CONTENT: [
        (DATA, "550-5.7.1 Our system has detected that this message is likely unsolicited mail."),  # Google
        (DATA, "552-5.7.0 This message was blocked because its content presents a potential security issue."),  # Google
        (DATA, "552 5.3.4 Message size exceeds fixed limit"),  # Postfix
        (DATA, "554 5.6.0 Invalid Subject header"),  # Yahoo
        (DATA, "554 Message not allowed - PH01 Email not accepted for policy reasons."),  # Yahoo
        (DATA, "554 5.7.1 Spam message rejected"),  # Daum
        (RCPT, "550 5.7.1 refused by policy"),
        (RCPT, "554 no thanks"),
        (DATA, "503 5.5.1 bad sequence of commands"),
        (DATA, "554 transaction failed"),
    ],
    Meaning.CLOSING: [
        (MAIL, "421 4.3.2 Service shutting down"),
        (RCPT, "421-4.3.0 Temporary System Problem. Try again later."),  # Google
        (MAIL, "421 4.4.5 Server busy, try again later."),  # Google
        (MAIL, "421 mx.example Service not available, closing transmission channel"),  # RFC 5321
        (DATA, "421 4.4.2 mx.example Error: timeout exceeded"),  # Postfix
    ],
    Meaning.RATE: [
        (DATA, "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your"),  # Google
        (DATA, "421-4.7.0 Our system has detected an unusual rate of unsolicited mail"),  # Google
        (RCPT, "450 4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error."),  # Google
        (MAIL, "451 4.7.500 Server busy. Please try again later from."),  # Exchange Online
        (MAIL, "421 4.7.0 [TSS04] Messages from us temporarily deferred due to unexpected volume"),  # Yahoo
        (MAIL, "421 4.16.55 [TSS05] Messages from us temporarily deferred due to excessive user complaints"),  # Yahoo
        (MAIL, "450 4.7.1 Error: too much mail from 192.0.2.1"),  # Postfix
        (MAIL, "451 4.7.0 slow down"),
        (MAIL, "421 4.7.0 too many connections from your network"),  # Daum
    ],
    Meaning.LIMIT: [
        (DATA, "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits"),  # Google
        (RCPT, "550-5.4.5 Daily SMTP relay limit exceeded for user."),  # Google
        (MAIL, "550 5.7.1 Daily SMTP relay limit exceeded for customer."),  # Google
        (DATA, "550 5.1.90 Your message can't be sent, you've reached your daily limit of recipients"),  # Exchange
        (DATA, "554 5.2.0 the sending quota of this account is used up"),
    ],
    Meaning.SIGN_IN: [
        (MAIL, "530-5.7.0 Authentication Required."),  # Google
        (MAIL, "530 5.7.57 Client not authenticated to send mail."),  # Exchange Online
        (MAIL, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."),  # Exchange Online
        (MAIL, "535-5.7.8 Username and Password not accepted."),  # Google
        (MAIL, "534-5.7.14 Please log in via your web browser and then try again."),  # Google
        (RCPT, "530 Must issue a STARTTLS command first"),
        (MAIL, "525 5.7.13 User account disabled"),  # RFC 5248
    ],
    Meaning.SENDER: [
        (MAIL, "553 5.7.1 <letters>: Sender address rejected: not owned by user letters"),  # Postfix
        (DATA, "554 5.7.60 SMTP; Client does not have permissions to send as this sender"),  # Exchange Online
        (MAIL, "550 5.1.8 Bad sender's system address"),
        (MAIL, "450 4.1.8 <letters>: Sender address rejected: Domain not found"),  # Postfix
        (RCPT, "554 5.7.1 <(recipient)>: Relay access denied"),  # Postfix
        (RCPT, "550 relay not permitted"),  # Exim
        (MAIL, "553 5.1.7 the sender is not the one who signed in"),  # Naver
    ],
    Meaning.POLICY: [
        (DATA, "550-5.7.26 Your email has been blocked because the sender is unauthenticated."),  # Google
        (DATA, "421-4.7.26 Your email has been rate limited because it is unauthenticated."),  # Google
        (MAIL, "550-5.7.25 The IP address sending this message does not have a PTR record setup"),  # Google
        (MAIL, "550 5.7.509 Access denied, sending domain does not pass DMARC verification"),  # Exchange Online
        (DATA, "550 5.7.515 Access denied, sending domain does not meet the required authentication level."),  # Outlook
        (MAIL, "550 5.7.708 Access denied, traffic not accepted from this IP"),  # Exchange Online
        (RCPT, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.blocklist.example"),  # Postfix
        (RCPT, "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]"),  # Postfix
        (RCPT, "504 5.5.2 <us>: Helo command rejected: need fully-qualified hostname, with 5.7.1"),
        (MAIL, "421 4.7.1 Your IP is blocked from this server"),  # Naver
    ],
}  # fmt: skip


def answer(stage: Stage, line: str) -> Refused:
    found = re.fullmatch(r"(\d{3})[ -](.*)", line)
    assert found
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}", found[2])
    return Refused(code=int(found[1]), enhanced=enhanced[0] if enhanced else "", reply=found[2], stage=stage)


@pytest.mark.parametrize(
    ("stage", "line", "meaning"),
    [(stage, line, meaning) for meaning, lines in ANSWERS.items() for stage, line in lines],
)
def test_what_a_server_means(stage: Stage, line: str, meaning: Meaning) -> None:
    assert meaning_of(answer(stage, line)) is meaning


def test_every_meaning_has_answers() -> None:
    assert set(ANSWERS) == set(Meaning)
