"""
What a form sent, and whether it was ours.

Read by our own hand: a form of ours is short and urlencoded, and whatever is
longer or otherwise is no form of ours.
"""

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.requests import ClientDisconnect

_LARGEST = 16_384  # bytes
_MOST_FIELDS = 100
_OURS = ("same-origin", "none")


@dataclass(frozen=True, kw_only=True)
class Form:
    """The fields in their order. What is not there is empty."""

    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def one(self, name: str) -> str:
        """The first value, without blanks around it."""
        return next((value.strip() for key, value in self.fields if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value, each once."""
        return tuple(dict.fromkeys(value.strip() for key, value in self.fields if key == name))

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


async def _sent(request: Request) -> Form:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST:
                raise HTTPException(413)
    except ClientDisconnect:
        return Form()
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(422) from error
    return Form(fields=tuple(pairs))


Sent = Annotated[Form, Depends(_sent)]
"""Parameter of an endpoint: the fields of its form."""


async def _from_us(request: Request) -> None:
    """
    Refuses what another site's page sent.

    Every link has a secret of its own, so this is the second lock. Browsers say
    where a form stood; our pages send no referrer, so their Origin is `null`
    and only Sec-Fetch-Site tells. What says nothing is no browser's cross-site form.
    """
    told = request.headers.get("sec-fetch-site")
    if told is not None:
        if told not in _OURS:
            raise HTTPException(403)
        return
    origin = request.headers.get("origin", "null")
    if origin != "null" and urlsplit(origin).netloc not in (
        request.headers.get("host"),
        urlsplit(request.app.state.house.app.site.url).netloc,
    ):
        raise HTTPException(403)


FromUs = Depends(_from_us)
"""Dependency of every endpoint that acts, but the embeddable form and RFC 8058's one-click."""
