"""The shape of a webhook, and what it may answer."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias

from publisher.delivery.bounces.returned import Returned
from publisher.delivery.policy import ReturnPolicy

LARGEST = 256 * 1024
"""Bytes of a message that are read; providers promise less."""

Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]
"""Gets what stands at an address of the provider's. Raises FetchError."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """The provider wrote it; what it says of our letters, perhaps nothing."""

    returned: tuple[Returned, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Forged:
    """Somebody else wrote it, or it cannot be told: nothing of it is believed."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """Not a message in the provider's form."""

    reason: str


class Hook(Protocol):
    """Knows one provider's messages."""

    def is_open(self, policy: ReturnPolicy) -> bool:
        """Is it configured? One that is not does not exist."""
        ...

    async def read(self, body: bytes, policy: ReturnPolicy, fetch: Fetch, now: datetime) -> Told | Forged | Unreadable:
        """What a message says, once its signature holds."""
        ...


# ── Reading strangers' JSON ──────────────────────────────────────────────────


def parsed(body: bytes | str) -> dict[str, Any] | None:
    """The object that the text is; None for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text(where: Any, *path: str) -> str:
    """The text at this path; '' where there is none. Numbers are texts too."""
    for name in path:
        where = where.get(name) if isinstance(where, dict) else None
    return str(where) if isinstance(where, str | int | float) else ""


def several(where: Any, *path: str) -> list[Any]:
    """The list at this path, as far as a message of ours is long."""
    for name in path:
        where = where.get(name) if isinstance(where, dict) else None
    return where[:50] if isinstance(where, list) else []


def moment(iso: str) -> datetime | None:
    """A time such as 2026-03-02T12:00:00.000Z."""
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
