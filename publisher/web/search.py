"""Looking for words. The question is nobody's business: it is shown to whoever asked, and written down nowhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import Response

from publisher.archive.weblinks import without_addresses
from publisher.i18n import catalogue
from publisher.markup import fold, text_of
from publisher.model import Entry, Face, Language
from publisher.store import entries
from publisher.store.bigrams import phrases, places
from publisher.store.search import search as answers_to
from publisher.web.lists import Page, feeds_of, viewed
from publisher.web.pages import Head
from publisher.web.view import EntryView
from publisher.web.visit import LOOK, Spoken, Visit, Visiting

_ON_A_PAGE = 20
_LONGEST_QUESTION = 200  # as the field on the page allows
_EXTRACT = 150  # characters, most of them behind the first word that was found
_BEFORE = 40
_LOOKED_THROUGH = 50_000  # characters of a text, for the words to show

router = APIRouter()

Question = Annotated[str, Query(alias="q")]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An entry that was found; `title` and `extract` in pieces, each with whether it was asked for."""

    entry: EntryView
    title: tuple[tuple[str, bool], ...]
    extract: tuple[tuple[str, bool], ...]


@router.api_route("/{language}/search", methods=LOOK)
async def search(
    visit: Visiting, language: Spoken, question: Question = "", archive: str = "", page: Page = 1
) -> Response:
    """What answers a question, whatever stands in it."""
    question = fold(question[:_LONGEST_QUESTION])
    chosen = [archive] if archive in visit.app.config.archives else []
    async with visit.app.db.read() as tx:
        offset = (page - 1) * _ON_A_PAGE
        found = await answers_to(tx, question, archives=chosen, limit=_ON_A_PAGE, offset=offset)
        shown = await entries.find(tx, ids=found.ids)
    if page > 1 and not shown:
        raise HTTPException(404)
    return visit.page(
        "search.html",
        _head(visit, language, question, archive, page),
        here="search",
        question=question,
        is_question=bool(phrases(question)),
        chosen=archive if chosen else "",
        answers=await asyncio.to_thread(_answers, visit, shown, question, language),  # long texts hold nobody up
        total=found.total,
        page=page,
        pages=-(-found.total // _ON_A_PAGE),
        base=visit.links.search(language, question, archive if chosen else ""),
    )


def _head(visit: Visit, language: Language, question: str, archive: str, page: int) -> Head:
    """Without an address of its own: what people look for belongs into no index."""
    say = catalogue(language).gettext
    return Head(
        title=say("Search: %(words)s", words=question) if question else say("Search"),
        language=language,
        switch=tuple((other, visit.links.search(other, question, archive)) for other in visit.site.languages),
        feeds=feeds_of(visit, None, language),
        page=page,
    )


def _answers(visit: Visit, found: Sequence[Entry], question: str, language: Language) -> list[Answer]:
    told = []
    for one in found:
        face, text = _answering(one, question, language)
        [view] = viewed(visit, [one], face.language)
        [in_page] = viewed(visit, [one], language)
        view = replace(view, author=in_page.author)  # of the page, as the rest of the line is
        told.append(Answer(entry=view, title=_pieces(view.title, question), extract=_extract(text, question)))
    return told


def _answering(one: Entry, question: str, language: Language) -> tuple[Face, str]:
    """The face that answers, with the beginning of its text: the page's own if it does."""
    own = one.face(language)
    faces = [own, *(face for face in one.faces.values() if face is not own)]
    texts = [(face, fold(without_addresses(text_of(face.html)[:_LOOKED_THROUGH]))) for face in faces]
    return next((both for both in texts if places(f"{both[0].title} {both[1]}", question)), texts[0])


def _extract(text: str, question: str) -> tuple[tuple[str, bool], ...]:
    """The text around the first word that was found, cut between words."""
    found = places(text, question)
    start = max(0, (found[0][0] if found else 0) - _BEFORE)
    if start:
        start = text.find(" ", start, start + _BEFORE) + 1 or start
    end = start + _EXTRACT
    if end < len(text):
        end = max(text.rfind(" ", start + _BEFORE, end), start + _BEFORE)
    pieces = _pieces(text[start:end], question)
    return ((("… ", False),) if start else ()) + pieces + ((("…", False),) if end < len(text) else ())


def _pieces(text: str, question: str) -> tuple[tuple[str, bool], ...]:
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in places(text, question):
        pieces += [(text[done:start], False), (text[start:end], True)]
        done = end
    return tuple(piece for piece in (*pieces, (text[done:], False)) if piece[0])
