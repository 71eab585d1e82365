"""
Answering by the link that was mailed: looking shows what would be confirmed, one POST does it.

A mail scanner that opens the link confirms nothing, and a link that is old,
was used or was cut short tells what to do instead.
"""

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import Response

from publisher.address import mask
from publisher.flows.confirm import Confirmed, confirm
from publisher.i18n import noted
from publisher.store import requests
from publisher.store.requests import Purpose, Request
from publisher.web.form import FromUs
from publisher.web.private import PRIVATE, private_head, title_of
from publisher.web.visit import LOOK, Visit, Visiting
from subscribers.asking import Standing, standing
from subscribers.tokens import Purpose as TokenPurpose

router = APIRouter()

_CONFIRM = noted("Confirm your subscription")
_CONFIRMED = noted("Your subscription is confirmed")
_OVER = noted("This link is no longer valid")
_CUT = noted("This link does not work")


@router.api_route("/confirm/{token}", methods=LOOK)
async def question(visit: Visiting, token: str) -> Response:
    """What would be confirmed, and one button."""
    request = await _request(visit, token)
    if request is None:
        return _page(visit, "confirm-cut.html", _CUT, "", token, status=404)
    found = standing(outcome=request.outcome, expires_at=request.expires_at, now=visit.app.now())
    if found is not Standing.OPEN:
        return _answer(visit, request, Confirmed(standing=found, lists=request.lists), token)
    return _page(
        visit,
        "confirm.html",
        _CONFIRM,
        request.language_key,
        token,
        address=mask(request.address),
        moves=request.purpose is Purpose.ADDRESS,
        lists=request.lists,
        advertising=request.advertising,
    )


@router.post("/confirm/{token}", dependencies=[FromUs])
async def press(visit: Visiting, token: str) -> Response:
    """Confirms. Pressing twice is as good as once."""
    request = await _request(visit, token)
    if request is None:
        return _page(visit, "confirm-cut.html", _CUT, "", token, status=404)
    async with visit.app.db.begin() as tx:
        done = await confirm(tx, request.token_id, known=visit.app.config.lists, now=visit.app.now())
    if done is None:
        return _page(visit, "confirm-cut.html", _CUT, "", token, status=404)
    page = _answer(visit, request, done, token)
    page.background = BackgroundTask(visit.house.wake)
    return page


async def _request(visit: Visit, text: str) -> Request | None:
    token = visit.app.read_token(text, TokenPurpose.CONFIRM)
    if token is None:
        return None
    async with visit.app.db.read() as tx:
        return await requests.by_token(tx, token.token_id)


def _answer(visit: Visit, request: Request, done: Confirmed, token: str) -> Response:
    """What came of it. One that was confirmed before and left since is told as over, not as running."""
    if done.standing in (Standing.OPEN, Standing.CONFIRMED) and done.lists:
        return _page(visit, "confirmed.html", _CONFIRMED, request.language_key, token, lists=done.lists)
    is_late = done.standing is Standing.EXPIRED
    return _page(visit, "confirm-over.html", _OVER, request.language_key, token, status=410, is_late=is_late)


def _page(
    visit: Visit, template: str, title: str, key: str, token: str, *, status: int = 200, **values: object
) -> Response:
    head = private_head(visit, title, key, token)
    if isinstance(names := values.pop("lists", ()), tuple):
        values["titles"] = [title_of(visit, name, head.language) for name in names]
    return visit.page(template, head, status=status, headers=PRIVATE, **values)
