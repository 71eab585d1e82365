"""Invented mails of the kinds that come back, in the forms of servers and providers."""

from email.message import EmailMessage
from email.policy import SMTP

OURS = "<abcdefghijklmnopqrstuvwxyz@hanbit-peace.example>"
READER = "kim@reader.example"

RETURNED = f"""\
Return-Path: <letters@hanbit-peace.example>
Message-ID: {OURS}
From: Hanbit <letters@hanbit-peace.example>
To: <{READER}>
Subject: Weekly Briefing No. 3
"""


def dsn(
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "smtp; 550 5.1.1 <kim@reader.example>: Recipient address rejected: User unknown",
    *,
    recipient: str = READER,
    to: str = "letters@hanbit-peace.example",
    returned: str = RETURNED,
) -> bytes:
    """A report as Postfix writes it (RFC 3464)."""
    return f"""\
Return-Path: <>
Date: Mon, 2 Mar 2026 21:05:00 +0900 (KST)
From: MAILER-DAEMON@mx.reader.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_1"
Message-Id: <20260302120500.5D1AB2@mx.reader.example>

--=_1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--=_1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reader.example
Arrival-Date: Mon,  2 Mar 2026 21:04:58 +0900 (KST)

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.reader.example
Diagnostic-Code: {said}

--=_1
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{returned}
--=_1--
""".replace("\n", "\r\n").encode()


def arf(kind: str = "abuse", returned: str = RETURNED) -> bytes:
    """A complaint of a feedback loop (RFC 5965)."""
    return f"""\
From: <feedback@provider.example>
To: <letters@hanbit-peace.example>
Subject: FW: Weekly Briefing No. 3
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"

--part1
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <{READER}>

--part1
Content-Type: message/rfc822

{returned}
The birds came back first.
--part1--
""".encode()


def plain(
    text: str,
    *,
    subject: str = "Re: Weekly Briefing No. 3",
    sender: str = f"Kim <{READER}>",
    to: str = "letters@hanbit-peace.example",
    charset: str = "utf-8",
    html: str | None = None,
    **headers: str,
) -> bytes:
    """A simple mail; further headers by their names with underscores."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if html is None:
        message.set_content(text, charset=charset)
    else:
        message.set_content(html, subtype="html", charset=charset)
    return message.as_bytes()


def naver() -> bytes:
    return plain(
        "안녕하세요. NAVER 메일입니다.\n\n고객님께서 보내신 메일이 아래의 사유로 전송되지 못했습니다.\n\n"
        f"받는 사람: {READER}\n실패 사유: 받는 사람의 메일 주소를 찾을 수 없습니다. 존재하지 않는 계정입니다.\n\n"
        f"---------- 원본 메시지 ----------\nMessage-ID: {OURS}\n제목: 주간 브리핑 제3호\n",
        subject="[발송실패 안내] 주간 브리핑 제3호",
        sender="NAVER 메일 <mailadmin@portal.example>",
        charset="euc-kr",
    )


def daum() -> bytes:
    return plain(
        f"메일이 배달되지 못했습니다.\n\n{READER}\n수신자의 편지함이 가득 차 있습니다. 잠시 후 다시 보내 주십시오.\n\n"
        f"Message-ID: {OURS}\n",
        subject="메일을 전달하지 못했습니다",
        sender="메일 배달 시스템 <MAILER-DAEMON@portal.example>",
        Return_Path="<>",
    )


def nate() -> bytes:
    return plain(
        "귀하의 메일은 반송되었습니다.\n"
        f"수신자 {READER} 의 메일 정책에 의해 차단되었습니다 (스팸).\n\nMessage-ID: {OURS}\n",
        subject="반송: 주간 브리핑 제3호",
        sender="postmaster@portal.example",
    )


def qmail() -> bytes:
    return plain(
        "Hi. This is the qmail-send program at mx.reader.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<{READER}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\n{RETURNED}\n",
        subject="failure notice",
        sender="MAILER-DAEMON@mx.reader.example",
        Return_Path="<>",
    )


def exim() -> bytes:
    return plain(
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        "recipients. This is a permanent error. The following address(es) failed:\n\n"
        f"  {READER}\n    Unrouteable address\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\n{RETURNED}\n",
        subject="Mail delivery failed: returning message to sender",
        sender="Mail Delivery System <Mailer-Daemon@mx.reader.example>",
        X_Failed_Recipients=READER,
        Auto_Submitted="auto-replied",
    )
