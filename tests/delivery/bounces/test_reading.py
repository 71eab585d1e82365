"""What a mail that comes back is, and what it says of an address."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.bounces.mail import LARGEST, Mail
from publisher.delivery.bounces.reading import read
from publisher.delivery.bounces.returned import Kind
from subscribers.bounces import Weight
from tests.delivery.bounces import mails
from tests.delivery.bounces.mails import OURS, READER, arf, dsn, plain

# ── Reports ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "said", "weight"),
    [
        ("5.1.1", "smtp; 550 5.1.1 User unknown", Weight.HARD),
        ("5.1.10", "smtp; 556 5.1.10 Domain does not accept mail (nullMX)", Weight.HARD),
        ("5.2.1", "smtp; 550-5.2.1 The email account that you tried to reach is inactive", Weight.HARD),
        ("5.5.0", "smtp; 550 5.5.0 Requested action not taken: mailbox unavailable", Weight.HARD),
        ("5.0.0", "smtp; 550 5.1.1 unknown user", Weight.HARD),
        ("5.0.0", "smtp; 552 Mailbox full", Weight.SOFT),
        ("5.2.2", "smtp; 552 5.2.2 The email account that you tried to reach is over quota", Weight.SOFT),
        ("4.4.7", "smtp; 450 4.2.0 Greylisted; expired", Weight.SOFT),
        ("5.4.4", "X-Postfix; Host or domain name not found", Weight.SOFT),
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam", Weight.BLOCKED),
        ("5.7.26", "smtp; 550-5.7.26 This mail has been blocked because the sender is unauthenticated", Weight.BLOCKED),
        ("5.3.4", "smtp; 552 5.3.4 Message size exceeds fixed limit", Weight.BLOCKED),
        ("5.0.0", "smtp; 554 (스팸 정책에 의해 차단됨)", Weight.BLOCKED),
        ("5.0.0", "smtp; 550 존재하지 않는 사용자입니다", Weight.HARD),
        ("5.0.0", "something that nobody has seen before", Weight.SOFT),
    ],
)
def test_a_report_says_what_its_status_and_words_say(status: str, said: str, weight: Weight) -> None:
    returned = read(dsn(status, said=said))
    assert (returned.kind, returned.weight) == (Kind.BOUNCE, weight)
    assert returned.failures[0].recipient == READER


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", Kind.BOUNCE),
        ("failed (expired)", "4.4.7", Kind.BOUNCE),
        ("delayed", "4.4.1", Kind.DELAY),
        ("", "4.4.1", Kind.DELAY),
        ("", "5.1.1", Kind.BOUNCE),
        ("delivered", "2.0.0", Kind.OTHER),
        ("relayed", "2.0.0", Kind.OTHER),
    ],
)
def test_a_report_of_what_is_not_given_up_is_no_bounce(action: str, status: str, kind: Kind) -> None:
    assert read(dsn(status, action)).kind is kind


def test_every_recipient_of_a_report_is_told() -> None:
    two = dsn().replace(
        b"Final-Recipient",
        b"Final-Recipient: rfc822; lee@reader.example\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\nFinal-Recipient",
    )
    returned = read(two)
    assert [(one.recipient, one.action) for one in returned.failures] == [
        ("lee@reader.example", "delayed"),
        (READER, "failed"),
    ]
    assert returned.kind is Kind.BOUNCE


@pytest.mark.parametrize("kind", ["abuse", "fraud", "virus", "other"])
def test_a_feedback_report_is_a_complaint(kind: str) -> None:
    returned = read(arf(kind))
    assert returned.kind is Kind.COMPLAINT
    assert returned.traces.message_ids == (OURS,)


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_a_report_that_complains_of_nobody_is_no_complaint(kind: str) -> None:
    assert read(arf(kind)).kind is Kind.OTHER


# ── Bounces without a report ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mail", "weight"),
    [
        (mails.naver, Weight.HARD),
        (mails.daum, Weight.SOFT),
        (mails.nate, Weight.BLOCKED),
        (mails.qmail, Weight.HARD),
        (mails.exim, Weight.HARD),
    ],
)
def test_a_bounce_in_its_own_words_is_understood(mail: Callable[[], bytes], weight: Weight) -> None:
    returned = read(mail())
    assert (returned.kind, returned.weight) == (Kind.BOUNCE, weight)
    assert READER in [one.recipient for one in returned.failures]
    assert returned.traces.message_ids == (OURS,)


def test_a_warning_is_a_delay() -> None:
    warning = plain(
        f"This is a warning message only. Your message to {READER} has been delayed, and will be retried for 3 days.",
        subject="Warning: message delayed, could not be delivered yet",
        sender="Mail Delivery System <MAILER-DAEMON@mx.example>",
    )
    assert read(warning).kind is Kind.DELAY


# ── Answers ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "mail",
    [
        plain(
            "I am away until Monday.", subject="Automatic reply: Weekly Briefing No. 3", Auto_Submitted="auto-replied"
        ),
        plain("I am away until Monday.", subject="Out of Office"),
        plain("3월 9일까지 출장입니다. 수신거부가 아닙니다.", subject="부재중: 주간 브리핑 제3호"),
        plain("메일을 잘 받았습니다.", subject="[자동응답] 문의해 주셔서 감사합니다"),
        plain(
            "Your mailbox guard: 550 user unknown", subject="Vacation", Return_Path="<>", sender="postmaster@x.example"
        ),
        plain("We got your mail. To unsubscribe, do nothing.", subject="Ticket 12", Auto_Submitted="auto-generated"),
        plain("휴가 중입니다.", subject="Re: Weekly Briefing No. 3", X_Autoreply="yes"),
    ],
)
def test_the_answer_of_a_program_is_no_bounce_and_no_refusal(mail: bytes) -> None:
    assert read(mail).kind is Kind.AUTOMATIC


@pytest.mark.parametrize("subject", ["Please verify your email to reach me", "발신자 인증이 필요합니다"])
def test_a_challenge_is_no_bounce(subject: str) -> None:
    assert read(plain("Click here, or the mail is not delivered.", subject=subject)).kind is Kind.CHALLENGE


@pytest.mark.parametrize(
    "words",
    [
        "수신거부",
        "수신 거부합니다.",
        "구독을 취소해 주세요",
        "구독 해지 부탁드립니다",
        "더 이상 보내지 마세요",
        "메일 그만 보내주세요",
        "unsubscribe",
        "Please UNSUBSCRIBE me.\n\n-- \nKim",
        "Take me off this list",
        "I no longer want to receive these.",
        "수신거부\n\n2026년 3월 2일 (월) 오후 9:00, 한빛 <letters@hanbit-peace.example>님이 작성:\n> 반갑습니다",
        "수신거부\n\n-----Original Message-----\nFrom: 한빛평화연구소\n",
    ],
)
def test_a_reader_who_says_no_is_understood(words: str) -> None:
    assert read(plain(words, In_Reply_To=OURS)).kind is Kind.REFUSAL


@pytest.mark.parametrize(
    "words",
    [
        "잘 읽었습니다. 고맙습니다.\n\n> 수신 거부: https://letters.hanbit-peace.example/unsubscribe/x\n> unsubscribe",
        "Thank you!\n\nOn Mon, Mar 2, 2026 at 9:00 PM Hanbit wrote:\n\nUnsubscribe: https://letters.example/u/x",
        "감사합니다.\n\n-----원본 메시지-----\n보낸사람: 한빛\n수신 거부",
        "수신거부를 한 적이 없는데 편지가 오지 않습니다.",
        "I did not ask to be unsubscribed. Where is my letter?",
        "I don't want to miss this letter.",
        "회의 자료를 보내 드립니다. " + "긴 이야기입니다. " * 40 + "수신거부 통계도 있습니다.",
    ],
)
def test_a_reader_who_says_something_else_is_left_alone(words: str) -> None:
    assert read(plain(words, In_Reply_To=OURS)).kind is Kind.OTHER


def test_what_an_html_answer_quotes_does_not_count() -> None:
    quoted = "<blockquote>Unsubscribe here</blockquote>"
    assert read(plain("", html=f"<p>Thank you.</p>{quoted}", In_Reply_To=OURS)).kind is Kind.OTHER
    assert read(plain("", html=f"<p>구독 취소</p>{quoted}", In_Reply_To=OURS)).kind is Kind.REFUSAL


def test_a_subject_that_says_no_is_enough_and_a_repeated_one_is_not() -> None:
    assert read(plain("", subject="unsubscribe")).kind is Kind.REFUSAL
    assert read(plain("Thank you.", subject="Re: How to unsubscribe from hatred")).kind is Kind.OTHER


# ── Strangers ────────────────────────────────────────────────────────────────


def test_a_wrong_charset_does_not_hide_what_is_said() -> None:
    mail = mails.naver().replace(b'charset="euc-kr"', b'charset="x-unknown"')
    assert read(mail).weight is Weight.HARD
    mislabelled = plain("수신거부", charset="euc-kr", In_Reply_To=OURS).replace(b'charset="euc-kr"', b'charset="utf-8"')
    assert read(mislabelled).kind is Kind.REFUSAL


def test_a_subject_in_bare_cp949_is_read() -> None:
    mail = mails.nate().replace(b"Subject: ", b"Subject: " + "배달되지 못했습니다 ".encode("cp949"))
    assert "배달되지 못했습니다" in Mail(mail).header("Subject")


def test_only_the_beginning_of_a_large_mail_is_read() -> None:
    large = dsn() + b"x" * (50 * 1024 * 1024)
    assert len(Mail(large).raw) == LARGEST
    assert read(large).weight is Weight.HARD


def test_parts_within_parts_without_end_are_given_up() -> None:
    deep = b"From: x@y.example\r\nSubject: failure notice\r\n"
    for number in range(2000):
        deep += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number)
    assert read(deep).kind in (Kind.OTHER, Kind.BOUNCE)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno boundary",
        b"Content-Type: message/delivery-status\r\n\r\n:::\r\n\r\nFinal-Recipient",
        b'Content-Type: text/plain; charset="\x00"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!',
        b'Subject: =?utf-8?b?////?= =?x?q?=ZZ?=\r\nFrom: "\r\nDate: Mon, 99 Foo 99999999999 25:61:00 +9999\r\n\r\n',
        b"Content-Type: multipart/report; report-type*0*=%ZZ''x; boundary=\"a\"\r\n\r\n--a\r\n\r\n--a--",
        dsn()[: len(dsn()) // 2],
        dsn().replace(b"message/delivery-status", b"message/global-delivery-status"),
        dsn().replace(b"\r\n", b"\n"),
        dsn().replace(b"Final-Recipient: rfc822; ", b"Final-Recipient: " + b"x" * 100_000),
    ],
)
def test_a_broken_mail_is_read_as_far_as_it_goes(broken: bytes) -> None:
    assert read(broken).kind in Kind


@given(st.binary(max_size=2000))
def test_no_bytes_raise(content: bytes) -> None:
    assert read(content).kind in Kind


@given(st.integers(0, 1500), st.binary(max_size=40), st.sampled_from([dsn, arf, mails.naver, mails.exim]))
def test_no_damage_to_a_bounce_raises(place: int, damage: bytes, mail: Callable[[], bytes]) -> None:
    content = mail()
    assert read(content[:place] + damage + content[place + len(damage) :]).kind in Kind


def test_a_report_in_base64_is_read() -> None:
    encoded = base64.encodebytes(mails.RETURNED.encode()).decode()
    mail = dsn(returned="").replace(
        b"text/rfc822-headers\r\n", b"text/rfc822-headers\r\nContent-Transfer-Encoding: base64\r\n"
    )
    mail = mail.replace(b"\r\n\r\n\r\n--=_1--", f"\r\n\r\n{encoded}\r\n--=_1--".encode())
    assert read(mail).traces.message_ids == (OURS,)
