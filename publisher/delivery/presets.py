"""
What is known of other houses' servers, so that nobody has to look it up: the default pace where a key is not set.

Each figure has its source and the day on which it was looked up. Where a firm
publishes none, the figure is ours and careful: a locked account costs more than
a slow evening. A key in the configuration always wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Preset:
    """None leaves the general default."""

    connections: int = 10
    per_second: float | None = None
    per_day: int | None = None


# 500 letters in 24 hours: support.google.com/mail/answer/22839 (2026-11). No rate is published.
_GMAIL = Preset(connections=3, per_second=2, per_day=500)
# 2,000 in a rolling 24 hours, 500 for trial accounts: support.google.com/a/answer/166852 (2026-11). No rate.
_WORKSPACE = Preset(connections=5, per_second=5, per_day=2000)

_BY_HOST: Mapping[str, Preset] = {
    # 10,000 for each account in 24 hours: support.google.com/a/answer/2956491 (2026-11). No rate is published.
    "smtp-relay.gmail.com": Preset(connections=10, per_second=20, per_day=10_000),
    # Naver publishes neither a number of letters a day nor a rate for its SMTP server (looked for 2026-11): ours.
    "smtp.naver.com": Preset(connections=2, per_second=1, per_day=500),
    # Naver Works likewise: its administrators' guide names none (2026-11): ours.
    "smtp.worksmobile.com": Preset(connections=3, per_second=2, per_day=1000),
    # Daum, SmartWork among it, publishes none; a shop system's guide speaks of 10,000 a day (2026-11): ours, below it.
    "smtp.daum.net": Preset(connections=2, per_second=1, per_day=2000),
}
_GMAIL_HOSTS = frozenset({"smtp.gmail.com", "smtp.googlemail.com"})
_PERSONAL = ("@gmail.com", "@googlemail.com")

PER_DOMAIN: Mapping[str, float] = {
    # Letters per second. None of these firms publishes a rate at which it takes letters (looked for 2026-11):
    # all are ours, at what a well-known sender of some thousand letters is seldom slowed down.
    "naver.com": 10,
    "daum.net": 5,
    "hanmail.net": 5,
    "kakao.com": 5,
    "nate.com": 5,
    "gmail.com": 20,
    "outlook.com": 10,
    "hotmail.com": 10,
    "live.com": 10,
    "yahoo.com": 5,
}


def preset_for(host: str, user: str) -> Preset:
    """What holds for a server where the configuration says nothing; `user` tells Gmail from Google Workspace."""
    name = host.lower().rstrip(".")
    if name in _GMAIL_HOSTS:
        return _GMAIL if user.lower().endswith(_PERSONAL) or "@" not in user else _WORKSPACE
    return _BY_HOST.get(name, Preset())
