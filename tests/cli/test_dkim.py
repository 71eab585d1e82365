"""`publisher dkim`: from no keys to signed letters, and on to new keys."""

from pathlib import Path

import pytest

from tests.cli.institute import Institute
from tests.delivery.verifiers import by_dkimpy

SELECTOR = {"PUBLISHER_DELIVERY__DKIM__SELECTOR": "p202603"}


def test_keys_are_made_told_to_the_dns_and_sign_what_goes_out(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    answer = institute.ask("dkim", "--selector", "p202603")
    assert answer["in_use"] is False
    zone = {key["name"]: "".join(key["strings"]) for key in answer["keys"]}
    institute.run("send", "weekly", "--yes", **SELECTOR)
    institute.run("test", "weekly", "1", "editor@hanbit-peace.example", **SELECTOR)
    assert len(institute.mail.letters()) == 5
    for content in institute.mail.contents:
        assert by_dkimpy(content, zone) == [True, True]


def test_nothing_secret_is_printed(institute: Institute) -> None:
    said = institute.run("dkim") + institute.run("dkim", "--json") + institute.run("dkim", "--check")
    files = sorted(Path(institute.folder, "var", "dkim").iterdir())
    assert len(files) == 2
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        secret = "".join(file.read_text().splitlines()[1:-1])
        assert all(secret[start : start + 20] not in said for start in range(0, len(secret) - 20, 20))


def test_changing_over_tells_what_to_do_and_when(institute: Institute) -> None:
    institute.run("dkim", "--selector", "p202603")
    said = institute.run("dkim", "--selector", "p202609", **SELECTOR)
    assert "signed with the keys of p202603 until config.yaml names the new ones" in said
    assert "delivery: {dkim: {selector: p202609}}" in said
    assert "Leave the records of p202603 in the DNS for a week:" in said
    assert "until" not in institute.run("dkim", **SELECTOR)


def test_a_letter_that_should_be_signed_does_not_go_unsigned(institute: Institute) -> None:
    said = institute.run("deliver", code=1, **SELECTOR)
    assert "p202603-rsa.pem does not exist; `publisher dkim` makes the keys of this selector" in said
    assert "`publisher dkim` makes the keys" in institute.run("dkim", "--check", code=1, **SELECTOR)


def test_check_tells_whether_letters_are_signed_and_for_whom(institute: Institute) -> None:
    assert "letters are not signed here" in institute.run("dkim", "--check")
    institute.run("dkim", "--selector", "p202603")
    assert "are signed for" in institute.run("dkim", "--check", **SELECTOR)
    Path(institute.folder, "var", "dkim", "p202603-rsa.pem").chmod(0o644)
    assert "can be read by others" in institute.run("dkim", "--check", **SELECTOR)
    elsewhere = {"PUBLISHER_DELIVERY__DKIM__DOMAIN": "other.example"}
    assert "for DMARC nobody signs" in institute.run("dkim", "--check", code=1, **SELECTOR, **elsewhere)


@pytest.mark.parametrize("name", ["../a", ""])
def test_a_selector_that_is_no_name_in_the_dns_is_refused(institute: Institute, name: str) -> None:
    assert "expected small letters, digits, hyphens and dots" in institute.run("dkim", "--selector", name, code=2)
