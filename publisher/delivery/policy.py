"""
`delivery` of the configuration: by which road letters leave, and how patiently.

What each key means to whoever runs the house is told in `docs/configuration.md`;
the loader (`publisher.config`) has checked every value that stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


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
class SmtpProfile:
    """
    One road: `delivery.smtp` (the profile `default`) or `delivery.profiles.<name>`.

    `password` holds the secret itself, whether it came from the file, the
    environment or `password_file`. An empty `user` means: no sign-in.
    `per_day` is not acted upon yet.
    """

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    connections: int = 10  # held open at once
    pipelining: Pipelining = Pipelining.AUTO
    timeout: timedelta = timedelta(minutes=1)  # for the answer to one command
    per_day: int | None = None


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """When a copy that could not go yet is tried again; each wait is twice the one before, up to `longest`."""

    # Greylisting servers commonly open after five minutes; 16 attempts are a good two days.
    first_wait: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=6)
    max_attempts: int = 16


@dataclass(frozen=True, kw_only=True)
class DeliveryPolicy:
    """
    `delivery` as a whole. Without `smtp` letters go to the mailbox folder.

    `profiles` and `processes` are not acted upon yet. `lost_after` is how long
    the claims of a worker whose journal cannot be read stay its own.
    """

    smtp: SmtpProfile | None = None
    profiles: Mapping[str, SmtpProfile] = field(default_factory=dict)
    processes: int = 1
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    uncertain: WhenUncertain = WhenUncertain.RESEND
    lost_after: timedelta = timedelta(hours=1)
