"""
`delivery` of the configuration: by which road letters leave, at what pace, and how patiently.

What each key means to whoever runs the house is told in `docs/configuration.md`;
the loader (`publisher.config`) has checked every value that stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from publisher.delivery.presets import PER_DOMAIN

DEFAULT_ROAD = "default"
"""The name of `delivery.smtp` among the profiles."""


class Security(StrEnum):
    """How the connection to the SMTP server is protected."""

    STARTTLS = "starttls"  # plain at first, then TLS before anything else is said; never without
    TLS = "tls"  # TLS from the first byte
    NONE = "none"  # for a relay on this host or a test server


class Pipelining(StrEnum):
    """Whether commands may be said in groups (RFC 2920)."""

    AUTO = "auto"  # where the server announces it
    OFF = "off"  # never: for servers that announce it and stumble over it


class WhenUncertain(StrEnum):
    """What becomes of a copy whose final dot went out and whose answer was lost (RFC 1047)."""

    RESEND = "resend"  # once more, with the same Message-ID
    HOLD = "hold"  # wait for the operator


@dataclass(frozen=True, kw_only=True)
class Provider:
    """
    The firm that carries the letters, where it is another's server: sending that is given
    out must be supervised (Network Act art. 50-3), and a transfer abroad be named (PIPA art. 28-8).
    """

    name: str
    contract: date | None = None  # of what day
    country: str = "KR"

    def is_abroad(self, home: str) -> bool:
        return self.country != home


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """
    Signing in with a token instead of a password (XOAUTH2).

    `token_url` is where a lasting refresh token is exchanged for one that opens
    the door for an hour; `scope` is sent along where the provider wants it.
    """

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""


@dataclass(frozen=True, kw_only=True)
class SmtpProfile:
    """
    One road: `delivery.smtp` (the profile `default`) or `delivery.profiles.<name>`.

    `password` holds the secret itself, whether it came from the file, the
    environment or `password_file`. An empty `user` means: no sign-in. None of
    `per_second` and `per_day` means: as many as the server takes.
    """

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    oauth: OAuth | None = None
    connections: int = 10  # held open at once
    per_connection: int = 100  # letters, then it is made anew
    pipelining: Pipelining = Pipelining.AUTO
    timeout: timedelta = timedelta(minutes=1)  # for the answer to one command
    per_second: float | None = None
    per_day: int | None = None  # in any 24 hours
    provider: Provider | None = None

    @property
    def reserve(self) -> int:
        """Of the letters of a day, those that editions leave to tests, confirmations and notices: a twentieth."""
        return (self.per_day or 0) // 20


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """When a copy that could not go yet is tried again; each wait is twice the one before, up to `longest`."""

    # Greylisting servers commonly open after five minutes; 16 attempts are a good two days.
    first_wait: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=6)
    max_attempts: int = 16
    give_up_after: timedelta = timedelta(days=3)  # of waiting between attempts; outages of ours do not count


@dataclass(frozen=True, kw_only=True)
class DkimPolicy:
    """
    How letters are signed; without a `selector` they are not.

    The keys of a selector lie in `var/dkim`, or the one of `key_file` is used.
    Without a `domain` it is the sender's.
    """

    selector: str = ""
    domain: str = ""
    key_file: Path | None = None


class WhenHandled(StrEnum):
    """What becomes of a mail that was about a letter of ours. All others are left as they are."""

    KEEP = "keep"  # as it is
    SEEN = "seen"  # marked as read
    MOVE = "move"  # to another folder
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class ImapPolicy:
    """The mailbox that bounces come to, on a server. `password` holds the secret itself."""

    host: str
    port: int = 993
    security: Security = Security.TLS
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    then: WhenHandled = WhenHandled.KEEP
    move_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class MaildirPolicy:
    """The same as a folder of files on this host."""

    path: Path
    then: WhenHandled = WhenHandled.KEEP
    move_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnPolicy:
    """
    `delivery.bounces`: where what comes back is heard of.

    Without an `address` copies have the sender's as their return path. `separator`
    is '' where the server takes no extension. `ses_topic` and `mailgun_key` open the
    webhooks of SES and Mailgun; '' keeps them closed.
    """

    address: str = ""
    separator: str = "+"
    imap: ImapPolicy | None = None
    maildir: MaildirPolicy | None = None
    every: timedelta = timedelta(minutes=5)
    alarm_after: int = 3
    ses_topic: str = ""
    mailgun_key: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class DeliveryPolicy:
    """
    `delivery` as a whole. Without `smtp` letters go to the mailbox folder.

    `limits` has letters per second for recipients' domains. `lost_after` is how long
    the claims of a worker whose journal cannot be read stay its own.
    """

    smtp: SmtpProfile | None = None
    profiles: Mapping[str, SmtpProfile] = field(default_factory=dict)
    processes: int = 1
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    limits: Mapping[str, float] = field(default_factory=lambda: PER_DOMAIN)
    dkim: DkimPolicy = field(default_factory=DkimPolicy)
    uncertain: WhenUncertain = WhenUncertain.RESEND
    lost_after: timedelta = timedelta(hours=1)
    bounces: ReturnPolicy = field(default_factory=ReturnPolicy)

    @property
    def roads(self) -> Mapping[str, SmtpProfile]:
        """Every profile by its name, in the order in which one stands in for another."""
        return {DEFAULT_ROAD: self.smtp, **self.profiles} if self.smtp else {}

    @property
    def further_processes(self) -> int:
        """How many processes send beside the first; each needs a connection of its own on every road."""
        return min([self.processes, *(profile.connections for profile in self.roads.values())]) - 1 if self.smtp else 0

    @property
    def share(self) -> "DeliveryPolicy":
        """What one of the processes goes by: together they hold open as many connections as are allowed."""
        if self.smtp is None:
            return self
        return replace(
            self,
            smtp=self._shared(self.smtp),
            profiles={name: self._shared(profile) for name, profile in self.profiles.items()},
        )

    def _shared(self, profile: SmtpProfile) -> SmtpProfile:
        return replace(profile, connections=profile.connections // (self.further_processes + 1))

    @property
    def providers(self) -> tuple[Provider, ...]:
        """The firms that carry letters for the house, each once; for evidence and the text on privacy."""
        roads = (self.smtp, *self.profiles.values())
        return tuple(dict.fromkeys(road.provider for road in roads if road and road.provider))
