"""
Answering the two-yearly question, by the link in its letter.

Looking (GET, HEAD) changes nothing. A POST says `answer=keep` or `answer=end`
and needs nothing but the link; anything else in it is answered with the question.
"""

from fastapi import APIRouter
from starlette.responses import Response

from publisher.flows.reconfirm import answer
from publisher.i18n import noted
from publisher.store import consents
from publisher.store.audience import Reader
from publisher.web.form import FromUs, Sent
from publisher.web.leaving import reader_of, unusable
from publisher.web.private import PRIVATE, private_head, title_of
from publisher.web.visit import LOOK, Visit, Visiting
from subscribers.tokens import Purpose

router = APIRouter()


@router.api_route("/keep/{token}", methods=LOOK)
async def question(visit: Visiting, token: str) -> Response:
    """The question with its two buttons; that it has ended, when it has."""
    reader = await reader_of(visit, token, Purpose.KEEP)
    if reader is None:
        return unusable(visit)
    async with visit.app.db.read() as tx:
        stands = await consents.has_agreed_to_advertising(tx, reader.subscription.id)
    return _page(visit, reader, token, "keep.html" if stands else "kept.html", stands=stands)


@router.post("/keep/{token}", dependencies=[FromUs])
async def answered(visit: Visiting, token: str, sent: Sent) -> Response:
    """Takes down the answer that was pressed."""
    reader = await reader_of(visit, token, Purpose.KEEP)
    if reader is None:
        return unusable(visit)
    given = sent.one("answer")
    if given not in ("keep", "end"):
        return await question(visit, token)
    async with visit.app.db.begin() as tx:
        done = await answer(tx, reader, keep=given == "keep", means="page", now=visit.app.now())
    return _page(visit, reader, token, "kept.html", stands=done.stands)


def _page(visit: Visit, reader: Reader, token: str, template: str, *, stands: bool) -> Response:
    one = reader.subscription
    head = private_head(visit, noted("Consent to advertising"), one.languages, token)
    title = title_of(visit, one.list, head.language)
    return visit.page(template, head, headers=PRIVATE, list=title, stands=stands)
