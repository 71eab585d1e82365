"""
Leaving a list, by the link in a letter.

Looking (GET, HEAD) shows who would leave what, and changes nothing: mail
programs and scanners open every link. A POST acts at once, whether a person
pressed the button or a mail program sent RFC 8058's one-click; it needs no
cookie, no sign-in and no token but the one in the address, so that nothing can
stand between a reader and the way out. Repeating it is harmless. The page that
follows offers to stop everything: a link that may only refuse may refuse it all.
"""

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from publisher.flows.unsubscribe import stop_everything, unsubscribe
from publisher.i18n import catalogue, noted
from publisher.store import audience
from publisher.store.audience import Reader
from publisher.web.pages import Head
from publisher.web.private import PRIVATE, masked, private_head, title_of
from publisher.web.visit import LOOK, Visit, Visiting
from subscribers.model import SubscriptionStatus
from subscribers.tokens import Purpose

_LARGEST_FORM = 4096  # bytes; whatever comes behind is not read

_STOP = b"do=stop"  # the whole body of the second form

_UNSUBSCRIBE = noted("Unsubscribe")

router = APIRouter()


@router.api_route("/unsubscribe", methods=LOOK)
async def ways_out(visit: Visiting) -> Response:
    """For whoever has no link at hand: where the link stands, and whom to write to."""
    head = private_head(visit, noted("How to stop receiving a letter"), "", "")
    switch = tuple((language, visit.links.leaving(language)) for language in visit.site.languages)
    return visit.page("ways-out.html", replace(head, switch=switch), headers=PRIVATE)


@router.api_route("/unsubscribe/{token}", methods=LOOK)
async def question(visit: Visiting, token: str) -> Response:
    """Who would leave which list, and one button."""
    reader = await _reader(visit, token)
    if reader is None:
        return unusable(visit)
    if reader.subscription.status not in (SubscriptionStatus.ACTIVE, SubscriptionStatus.PENDING):
        return _done(visit, reader, token)
    return _page(visit, reader, token, "leave.html", address=masked(reader), reply_to=_reply_to(visit, reader))


@router.post("/unsubscribe/{token}")
async def leave(visit: Visiting, token: str, request: Request) -> Response:
    """Leaves, whatever the body says; it only tells who pressed."""
    reader = await _reader(visit, token)
    if reader is None:
        return unusable(visit)
    body = await beginning(request)
    means = "one-click" if b"One-Click" in body else "page"
    stops = body == _STOP
    async with visit.app.db.begin() as tx:
        if stops:
            readers = await audience.subscriptions_of(tx, reader.subscription.subscriber_id)
            await stop_everything(tx, readers, means=means, now=visit.app.now())
        else:
            await unsubscribe(tx, reader.subscription.token_id, means=means, now=visit.app.now())
    visit.house.wake()
    return _done(visit, reader, token, is_stopped=stops)


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


def _done(visit: Visit, reader: Reader, token: str, *, is_stopped: bool = False) -> Response:
    return _page(visit, reader, token, "left.html", is_stopped=is_stopped)


def _page(visit: Visit, reader: Reader, token: str, template: str, **values: object) -> Response:
    one = reader.subscription
    head = private_head(visit, _UNSUBSCRIBE, one.languages, token)
    values["list"] = title_of(visit, one.list, head.language)
    return visit.page(template, head, status=200, headers=PRIVATE, **values)


def unusable(visit: Visit) -> Response:
    """The link was altered, cut short or made elsewhere. Nobody knows whose it was: told in every language."""
    title = " · ".join(catalogue(language).gettext(_UNSUBSCRIBE) for language in visit.spoken)
    head = Head(title=title, language=visit.spoken[0], spoken=visit.spoken)
    return visit.page("bad-link.html", head, status=404, headers=PRIVATE)


def _reply_to(visit: Visit, reader: Reader) -> str:
    mailing_list = visit.app.config.lists.get(reader.subscription.list)
    return (mailing_list.reply_to if mailing_list else None) or visit.site.sender.email
