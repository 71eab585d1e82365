"""
Leaving a list, by the link in a letter.

Looking (GET, HEAD) shows who would leave what, and changes nothing: mail
programs and scanners open every link. A POST acts at once, whether a person
pressed the button or a mail program sent RFC 8058's one-click; it needs no
cookie, no sign-in and no token but the one in the address, so that nothing can
stand between a reader and the way out. Repeating it is harmless.
"""

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from publisher.address import mask
from publisher.flows.unsubscribe import unsubscribe
from publisher.i18n import catalogue
from publisher.model import Language, Texts, languages_of
from publisher.store import audience
from publisher.store.audience import Reader
from publisher.web.pages import Head
from publisher.web.visit import LOOK, Visit, Visiting
from subscribers.model import SubscriptionStatus
from subscribers.tokens import Purpose

_LARGEST_FORM = 4096  # bytes; whatever comes behind is not read

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Vary": "Accept-Language"}

router = APIRouter()


@router.api_route("/unsubscribe", methods=LOOK)
async def ways_out(visit: Visiting) -> Response:
    """For whoever has no link at hand: where the link stands, and whom to write to."""
    switch = tuple((language, visit.links.leaving(language)) for language in visit.site.languages)
    return visit.page("ways-out.html", replace(_head(visit, visit.spoken), switch=switch), headers=PRIVATE)


@router.api_route("/unsubscribe/{token}", methods=LOOK)
async def question(visit: Visiting, token: str) -> Response:
    """Who would leave which list, and one button."""
    reader = await _reader(visit, token)
    if reader is None:
        return unusable(visit)
    if reader.subscription.status not in (SubscriptionStatus.ACTIVE, SubscriptionStatus.PENDING):
        return _done(visit, reader)
    spoken = spoken_to(visit, reader)
    address = mask(reader.address) if reader.address else None
    return visit.page(
        "leave.html", _head(visit, spoken), headers=PRIVATE, address=address, titles=titles_of(visit, reader)
    )


@router.post("/unsubscribe/{token}")
async def leave(visit: Visiting, token: str, request: Request) -> Response:
    """Leaves, whatever the body says; it only tells who pressed."""
    reader = await _reader(visit, token)
    if reader is None:
        return unusable(visit)
    means = "one-click" if b"One-Click" in await beginning(request) else "page"
    async with visit.app.db.begin() as tx:
        await unsubscribe(tx, reader.subscription.token_id, means=means, now=visit.app.now())
    return _done(visit, reader)


async def _reader(visit: Visit, text: str) -> Reader | None:
    return await reader_of(visit, text, Purpose.UNSUBSCRIBE)


async def reader_of(visit: Visit, text: str, purpose: Purpose) -> Reader | None:
    """Whose link this is; None when it was not made here for this purpose."""
    token = visit.app.read_token(text, purpose)
    if token is None:
        return None
    async with visit.app.db.read() as tx:
        return await audience.by_token(tx, token.token_id)


async def beginning(request: Request) -> bytes:
    """The body of a form, as far as any of ours is long."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) >= _LARGEST_FORM:
                break
    except ClientDisconnect:  # the wish was clear before
        pass
    return body[:_LARGEST_FORM]


def _done(visit: Visit, reader: Reader) -> Response:
    spoken = spoken_to(visit, reader)
    return visit.page("left.html", _head(visit, spoken), headers=PRIVATE, titles=titles_of(visit, reader))


def unusable(visit: Visit) -> Response:
    """The link was altered, cut short or made elsewhere."""
    return visit.page("bad-link.html", _head(visit, visit.spoken), status=404, headers=PRIVATE)


def spoken_to(visit: Visit, reader: Reader) -> tuple[Language, ...]:
    """The reader's own languages first, then the others of the site."""
    theirs = (one for one in languages_of(reader.subscription.languages) if one in visit.site.languages)
    return tuple(dict.fromkeys([*theirs, *visit.site.languages]))


def titles_of(visit: Visit, reader: Reader) -> Texts:
    """What the list is called; one that is no longer configured is called by its name."""
    name = reader.subscription.list
    mailing_list = visit.app.config.lists.get(name)
    return (mailing_list.titles if mailing_list else None) or dict.fromkeys(visit.site.languages, name)


def _head(visit: Visit, spoken: tuple[Language, ...]) -> Head:
    title = " · ".join(catalogue(language).gettext("Unsubscribe") for language in spoken)
    return Head(title=title, language=spoken[0], spoken=spoken)
