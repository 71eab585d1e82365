"""`delivery.bounces` and `subscribers.bounces`: what they take, and what they say to what they do not."""

from datetime import timedelta
from pathlib import Path

import pytest

from publisher.delivery.policy import ImapPolicy, Security, WhenHandled
from publisher.errors import ConfigError
from tests.config.house import SMALL, load_text

IMAP = "delivery: {{bounces: {{imap: {{host: i.example, user: b, password: x, {0}}}}}}}\n"


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    text = """
delivery:
  bounces:
    address: bounces@hanbit-peace.example
    separator: none
    imap: {host: i.example, user: b, password: wet paint, security: starttls, then: move, move_to: 반송}
    mailgun: {signing_key: key-1}
subscribers: {bounces: {soft: 2, window: 10d, complaints_pause: 1%}}
"""
    config = load_text(tmp_path, SMALL + text)
    returns = config.delivery.bounces
    assert returns.separator == ""
    assert returns.imap == ImapPolicy(
        host="i.example", port=143, security=Security.STARTTLS, user="b", password="wet paint",
        then=WhenHandled.MOVE, move_to="반송",
    )  # fmt: skip
    assert returns.mailgun_key == "key-1"
    assert "key-1" not in repr(config)
    assert "wet paint" not in repr(config)
    assert (config.bounces.soft, config.bounces.window) == (2, timedelta(days=10))
    assert config.bounces.complaints_pause == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("delivery: {bounces: {separator: '/'}}\n", "delivery.bounces.separator: expected + or - or = or none"),
        (f"delivery: {{bounces: {{address: {'b' * 40}@x.example}}}}\n", "expected at most 36 characters before the @"),
        (
            "delivery: {bounces: {imap: {host: i.example}}}\n",
            "imap.user: is missing; expected the name to sign in with",
        ),
        ("delivery: {bounces: {imap: {host: i.example, user: b}}}\n", "imap.user: has no password"),
        (IMAP.format("then: move"), "imap.move_to: is missing; expected the folder"),
        (IMAP.format("then: move, move_to: ../x"), "imap.move_to: expected the name of a folder such as Bounces"),
        (IMAP.format("then: burn"), "expected keep or seen or move or delete, got 'burn'"),
        ("delivery: {bounces: {ses: {topic: letters}}}\n", "expected a topic such as arn:aws:sns:"),
        ("subscribers: {bounces: {complaints_pause: 3}}\n", "expected a part in percent such as 0.3%, got '3'"),
        ("subscribers: {bounces: {complaints_pause: 101%}}\n", "expected a part in percent such as 0.3%, got '101%'"),
        ("subscribers: {bounces: {bounces_alarm: 9%}}\n", "bounces_pause: is below bounces_alarm"),
        ("subscribers: {bounces: {soft: 0}}\n", "expected a whole number from 1 to 100, got '0'"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_text(tmp_path, SMALL + text)
    assert told in str(error.value)
