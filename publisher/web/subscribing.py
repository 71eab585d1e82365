"""
Asking for letters.

Whoever sends the form gets the same page whatever the address: what becomes of
it is decided afterwards and told by mail. This is the one form that other
sites may hold (`/subscribe/form` has it to be copied); what they sent is only
taken when all that the law wants to be seen and ticked came with it, and
otherwise shown on our own page to be completed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from publisher.flows.ask import Wish, ask
from publisher.flows.knock import knock
from publisher.i18n import catalogue, language_name, noted
from publisher.model import Language, LanguageKey, languages_of
from publisher.store import audience
from publisher.web.entered import entered
from publisher.web.form import Form, Sent
from publisher.web.pages import Head
from publisher.web.private import PRIVATE, private_head
from publisher.web.rhythm import in_words
from publisher.web.visit import LOOK, Visit, Visiting
from subscribers import consent, proof
from subscribers.pace import Pace

router = APIRouter()

# The proof's script is the only one that any page has.
_WITH_SCRIPT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_CONSENTS = ("agree", "advertising")  # the boxes by which somebody agrees to a text
_BAIT = "website"  # a field that no person sees

_SUBSCRIBE = noted("Subscribe")
_NO_LIST = noted("Please choose at least one letter.")
_NO_SUCH_LANGUAGES = noted("One of the letters you chose is not available in these languages. Please choose others.")
_TOO_YOUNG = noted("You must be 14 or older to subscribe. Please tick the box if you are.")
_NOT_AGREED = noted("Please read what happens to your data, and tick the box if you agree.")
_TEXT_CHANGED = noted("This text has changed since you opened the page. Please read it again and decide anew.")


@dataclass(frozen=True, kw_only=True)
class ListLine:
    """A list as the form offers it."""

    name: str
    title: str
    rhythm: str


@router.api_route("/subscribe", methods=LOOK)
async def subscribe(visit: Visiting) -> Response:
    """The form, empty."""
    return _form_page(visit, Form(), wrong={}, status=200)


@router.api_route("/subscribe/form", methods=LOOK)
async def form_to_embed(visit: Visiting) -> Response:
    """The form as plain HTML, to be copied into another site's page."""
    if _unpublished(visit):
        return _form_page(visit, Form(), wrong={}, status=200)
    head = _head(visit, "form")
    snippet = visit.house.pages.render("embedded.html", head, _values(visit, Form(), {}))
    title = catalogue(head.language).gettext("The form for your own site")
    return visit.page("embed.html", Head(**{**vars(head), "title": title}), headers=PRIVATE, snippet=snippet.strip())


@router.post("/subscribe")
async def send(visit: Visiting, sent: Sent, request: Request) -> Response:
    """Takes the form in, or shows it again with what is to be mended."""
    if _unpublished(visit):
        return _form_page(visit, Form(), wrong={}, status=200)
    wrong = _wrong_in(visit, sent)
    if wrong:
        return _form_page(visit, sent, wrong=wrong, status=200 if _is_begun(sent) else 422)
    if sent.one(_BAIT):
        return _taken(visit, None)
    now = visit.app.now()
    shown = (sent.one("challenge"), sent.one("answer"))
    async with visit.app.db.begin() as tx:
        found = await knock(tx, "subscribe", _host(request), visit.app.keys[0], now, shown=shown)
        if found is Pace.FREE:
            await audience.keep_text(tx, _version(visit), consent.as_json(visit.app.terms), now)
            await ask(tx, _wish(visit, sent), visit.app.keys[0], now)
    if found is not Pace.FREE:
        return slow_down(visit, sent, found, now)
    return _taken(visit, BackgroundTask(answer_soon, visit))


async def answer_soon(visit: Visit) -> None:
    """Once the visitor has their page: decide, queue the letter, wake delivery. The clock makes up what is missed."""
    if await visit.app.sort_requests():
        visit.house.wake()


def slow_down(visit: Visit, sent: Form, found: Pace, now: datetime) -> Response:
    """Too often from there: something to show first, or nothing for an hour."""
    head = private_head(visit, noted("One moment, please"), "", "")
    told = {**PRIVATE, "Content-Security-Policy": _WITH_SCRIPT}
    return visit.page(
        "slow.html",
        head,
        status=429,
        headers=told | ({"Retry-After": "3600"} if found is Pace.TOO_MANY else {}),
        fields=[pair for pair in sent.fields if pair[0] not in ("challenge", "answer")],
        challenge=proof.challenge(visit.app.keys[0].secret, now) if found is Pace.PROOF else "",
        bits=proof.ZERO_BITS,
        seconds=int(proof.WAIT.total_seconds()),
    )


def _host(request: Request) -> str | None:
    return request.client.host if request.client else None


def _taken(visit: Visit, then: BackgroundTask | None) -> Response:
    head = private_head(visit, noted("Please check your mailbox"), "", "")
    page = visit.page("asked.html", head, headers=PRIVATE)
    page.background = then
    return page


# ── What was sent ────────────────────────────────────────────────────────────


def _unpublished(visit: Visit) -> bool:
    return bool(visit.app.unpublished) or not visit.app.config.lists


def _is_begun(sent: Form) -> bool:
    """Another site's short form, which had no text of ours beside it: to be completed, and no mistake."""
    return not sent.has("version")


def _wrong_in(visit: Visit, sent: Form) -> Mapping[str, str]:
    """The sentence of each field that is to be mended."""
    wrong: dict[str, str] = {}
    if isinstance(found := entered(sent.one("email")), str):
        wrong["email"] = found
    chosen, key = _lists(visit, sent), _key(visit, sent)
    if not chosen:
        wrong["list"] = _NO_LIST
    if any(key not in visit.app.config.lists[name].languages for name in chosen):
        wrong["languages"] = _NO_SUCH_LANGUAGES
    if not sent.one("age"):
        wrong["age"] = _TOO_YOUNG
    if not _has_read(visit, sent):
        wrong["agree"] = _TEXT_CHANGED
    elif not sent.one("agree"):
        wrong["agree"] = _NOT_AGREED
    return wrong


def _has_read(visit: Visit, sent: Form) -> bool:
    """Whether the form was sent beside the text as it is now. A tick beside another text is no consent to this one."""
    return sent.one("version") == _version(visit)


def _lists(visit: Visit, sent: Form) -> tuple[str, ...]:
    """Those that were chosen, in the house's order; where there is only one, that one."""
    known, chosen = visit.app.config.lists, sent.all("list")
    return tuple(known) if len(known) == 1 else tuple(name for name in known if name in chosen)


def _key(visit: Visit, sent: Form) -> LanguageKey:
    keys = language_keys(visit)
    return sent.one("languages") if sent.one("languages") in keys else _usual_key(visit, keys)


def _usual_key(visit: Visit, keys: tuple[LanguageKey, ...]) -> LanguageKey:
    """The visitor's own language, where letters exist in it."""
    return visit.spoken[0] if visit.spoken[0] in keys else keys[0]


def language_keys(visit: Visit) -> tuple[LanguageKey, ...]:
    """The language keys that any list offers, in the lists' order."""
    lists = visit.app.config.lists.values()
    return tuple(dict.fromkeys(key for one in lists for key in one.languages)) or visit.site.languages


def _version(visit: Visit) -> str:
    return consent.version_of(visit.app.terms)


def _wish(visit: Visit, sent: Form) -> Wish:
    found = entered(sent.one("email"))
    assert not isinstance(found, str), "it was looked at before"
    return Wish(
        address=found,
        lists=_lists(visit, sent),
        languages=_key(visit, sent),
        advertising=bool(sent.one("advertising")) and bool(visit.app.terms[visit.spoken[0]].advertising),
        text_version=_version(visit),
    )


# ── The form ─────────────────────────────────────────────────────────────────


def _form_page(visit: Visit, sent: Form, *, wrong: Mapping[str, str], status: int) -> Response:
    template = "closed.html" if _unpublished(visit) else "subscribe.html"
    values = _values(visit, sent, wrong)
    return visit.page(template, _head(visit, "subscribe"), status=status, headers=PRIVATE, here="subscribe", **values)


def _values(visit: Visit, sent: Form, wrong: Mapping[str, str]) -> dict[str, object]:
    language = visit.spoken[0]
    _ = catalogue(language).gettext
    return {
        "offered": _offered(visit, language),
        "keys": [(key, in_order(key, language)) for key in language_keys(visit)],
        "chosen_key": _key(visit, sent),
        "chosen": _lists(visit, sent),
        "email": sent.one("email"),
        "ticked": [name for name in ("age", *(_CONSENTS if _has_read(visit, sent) else ())) if sent.one(name)],
        "wrong": {name: _(sentence) for name, sentence in wrong.items()},
        "is_begun": _is_begun(sent),
        "terms": visit.app.terms[language],
        "version": _version(visit),
        "bait": _BAIT,
        "action": visit.site.subscribe_url,
    }


def _offered(visit: Visit, language: Language) -> list[ListLine]:
    return [
        ListLine(name=one.name, title=one.titles.get(language) or one.name, rhythm=in_words(one.cadence, language))
        for one in visit.app.config.lists.values()
    ]


def in_order(key: LanguageKey, language: Language) -> str:
    """`ko+en` → Korean, then English."""
    names = [language_name(one, language) for one in languages_of(key)]
    if len(names) == 1:
        return names[0]
    return catalogue(language).gettext("%(first)s first, %(second)s below", first=names[0], second=names[1])


def _head(visit: Visit, here: str) -> Head:
    head = private_head(visit, _SUBSCRIBE, "", here)
    return Head(**{**vars(head), "url": f"{visit.site.url}/subscribe"}) if here == "subscribe" else head
