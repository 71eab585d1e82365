"""Asking a service, and asking again: what its answers mean, and when to wait."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

from publisher.errors import FetchError
from publisher.markup import fold
from publisher.net import Fetcher, Page
from publisher.translate.adapter import Adapter, Question, Unreadable

ATTEMPTS = 3
_FIRST_WAIT = 2.0
_LONGEST_WAIT = 60.0
_LARGEST_ANSWER = 2 * 1024 * 1024
_LONGEST_DETAIL = 200

_PASSING = frozenset({"timeout", "unreachable"})  # reasons of FetchError that another attempt may not meet

Sleep: TypeAlias = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Answered:
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unusable:
    """It answered this question with nothing that can be read; another one may go well."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    """
    It will not answer the next question either. `may_count` says that it may have
    worked, and count the characters, all the same.
    """

    reason: str
    detail: str
    may_count: bool = False


Outcome: TypeAlias = Answered | Unusable | Unavailable


@dataclass(frozen=True, kw_only=True)
class _Again:
    """To be asked once more, after the wait that the service names, if it names one; else this is the end of it."""

    end: Unavailable
    wait: float | None = None


async def ask(fetcher: Fetcher, adapter: Adapter, question: Question, *, sleep: Sleep = asyncio.sleep) -> Outcome:
    """What a service says to a question; at most three attempts, with a minute between two at most."""
    call = adapter.call(question)
    wait = _FIRST_WAIT
    for attempt in range(1, ATTEMPTS + 1):
        try:
            page = await fetcher.send(call.url, call.content, headers=call.headers, max_bytes=_LARGEST_ANSWER)
        except FetchError as error:
            heard: Outcome | _Again = _unheard(error)
        else:
            heard = _heard(page, adapter)
        if not isinstance(heard, _Again):
            return heard
        named = wait if heard.wait is None else heard.wait
        if attempt == ATTEMPTS or named > _LONGEST_WAIT:
            return heard.end
        await sleep(named)
        wait *= 2
    raise AssertionError("the last attempt returns")


def _unheard(error: FetchError) -> Outcome | _Again:
    if error.reason == "too large":
        return Unusable(reason="it is far too long")
    end = Unavailable(reason=error.reason, detail=str(error), may_count=error.reason in _PASSING)
    return _Again(end=end) if error.reason in _PASSING else end


def _heard(page: Page, adapter: Adapter) -> Outcome | _Again:
    """What an HTTP status means here; 456 is DeepL's own."""
    detail = f"{page.url}: {_said(page, adapter.key) or f'status {page.status}'}"
    match page.status:
        case 200:
            return _read(page, adapter)
        case 401 | 403:
            return Unavailable(reason="key refused", detail=f"{detail}; look at translate.key and its plan")
        case 402 | 456:
            return Unavailable(
                reason="quota exceeded", detail=f"{detail}; the service's own limit is reached: raise it there, or wait"
            )
        case 404:
            return Unavailable(reason="not found", detail=f"{detail}; look at translate.endpoint and translate.model")
        case 408 | 429:
            end = Unavailable(reason="too many requests", detail=f"{detail}; try again later")
            return _Again(end=end, wait=_named_wait(page))
        case status if status >= 500:
            end = Unavailable(reason="service down", detail=f"{detail}; try again later")
            return _Again(end=end, wait=_named_wait(page))
        case status if 300 <= status < 400:
            return Unavailable(reason="elsewhere", detail=f"{detail}; it answers elsewhere: mend translate.endpoint")
        case _:
            return Unusable(reason=f"the service refused the text ({_said(page, adapter.key) or page.status})")


def _read(page: Page, adapter: Adapter) -> Outcome:
    try:
        return Answered(texts=tuple(adapter.answer(page.content)))
    except Unreadable as error:
        return Unusable(reason=f"the service's answer cannot be read: {error}")


def _said(page: Page, key: str) -> str:
    """The service's own words, as DeepL and OpenAI put them, without the key if they repeat it."""
    try:
        told = json.loads(page.content)
        error = told.get("error", told)
        message = error.get("message", "") if isinstance(error, dict) else error
    except (ValueError, AttributeError, RecursionError):
        return ""
    text = fold(str(message))
    return (text.replace(key, "…") if key else text)[:_LONGEST_DETAIL]


def _named_wait(page: Page) -> float | None:
    """Retry-After: seconds, or a date."""
    named = page.headers.get("retry-after", "").strip()
    if named.isdecimal():
        return float(named[:9])
    try:
        return max(0.0, (parsedate_to_datetime(named) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # a date without a zone cannot be subtracted
        return None
