"""What a mailbox said of a test letter. The headers are written after what Gmail's and Naver's documentation shows."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import UnreadableFile
from publisher.preflight.finding import Colour
from publisher.preflight.results import read_results, results

GMAIL = """Delivered-To: editor@mailbox.example
Received: by 2002:a05:6214 with SMTP id x; Mon, 2 Mar 2026 12:00:00 -0800 (PST)
Authentication-Results: mx.google.com;
       dkim=pass header.i=@hanbit.example header.s=s1 header.b=AbCdEf;
       spf=pass (google.com: domain of letters@hanbit.example designates 198.51.100.7 as permitted sender)
       smtp.mailfrom=letters@hanbit.example;
       dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=hanbit.example
Authentication-Results: forged.example; dkim=pass header.d=evil.example
From: letters@hanbit.example

Authentication-Results: in the body; dkim=fail
"""


def colours(text: str) -> dict[str, Colour]:
    return {finding.check: finding.colour for finding in results(read_results(text), "hanbit.example")}


def test_a_letter_s_source_tells_who_signed_and_what_held() -> None:
    read = read_results(GMAIL)
    assert (read.mailbox, read.signer("hanbit.example"), read.author()) == (
        "mx.google.com",
        "hanbit.example",
        "hanbit.example",
    )
    assert colours(GMAIL) == dict.fromkeys(("spf", "dkim", "dmarc"), Colour.GREEN)


def test_of_several_headers_only_the_mailbox_s_own_counts() -> None:
    assert read_results(GMAIL).signer("evil.example") == "hanbit.example"


def test_of_several_signatures_the_author_s_own_is_named() -> None:
    two = "Authentication-Results: mx; dkim=pass header.d=provider.com; dkim=pass header.d=hanbit.example"
    assert read_results(two).signer("hanbit.example") == "hanbit.example"


def test_what_did_not_hold_is_yellow() -> None:
    failed = "authentication-results: mx.naver.com; spf=softfail smtp.mailfrom=a@hanbit.example; dkim=none; dmarc=fail"
    assert colours(failed) == dict.fromkeys(("spf", "dkim", "dmarc"), Colour.YELLOW)
    assert read_results(failed).signer("hanbit.example") == ""


@pytest.mark.parametrize("text", ["", "Subject: hello", "Authentication-Results: mx.example; none", "\x00" * 100])
def test_a_text_without_results_is_answered_with_where_to_find_them(text: str) -> None:
    with pytest.raises(UnreadableFile, match="Show original"):
        read_results(text)


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    with suppress(UnreadableFile):
        list(results(read_results(f"Authentication-Results: mx; {text}"), "hanbit.example"))
