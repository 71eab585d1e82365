"""
A reader's own page, without a password.

A letter's link allows what does little harm in other hands, since letters are
forwarded: languages, what is missing in them, a pause, fewer letters, leaving. To see one's data, erase
them or move to another address, a fresh link is mailed to the address itself,
which opens the same page with those three for an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from publisher import address
from publisher.flows.ask import ask_for_link, ask_to_move
from publisher.flows.choose import Choice, choose, get_less_often, take_back_advertising
from publisher.flows.erase import erase_person
from publisher.flows.evidence import data_of
from publisher.flows.knock import knock
from publisher.flows.unsubscribe import leave, stop_everything
from publisher.i18n import catalogue, format_date, noted
from publisher.model import Language, LanguageKey, MailingList, Missing
from publisher.store import audience, consents, requests
from publisher.store.audience import Person, Reader
from publisher.store.database import Tx
from publisher.web.entered import entered
from publisher.web.form import Form, FromUs, Sent
from publisher.web.pages import Head
from publisher.web.private import PRIVATE, masked, private_head, title_of
from publisher.web.subscribing import answer_soon, in_order, slow_down
from publisher.web.visit import LOOK, Visit, Visiting
from subscribers.asking import Standing, standing
from subscribers.model import SubscriptionStatus
from subscribers.pace import Pace
from subscribers.tokens import Purpose

router = APIRouter()

_LONGEST_PAUSE = timedelta(days=366)
_YOURS = noted("Your subscription")
_SAID = {
    "saved": noted("Saved. This applies from the next letter on."),
    "paused": noted("Saved. You will receive letters again from %(day)s."),
    "same": noted("Nothing was changed."),
    "left": noted("You have unsubscribed. This took effect at once."),
    "less": noted("Done. You will receive fewer letters from now on."),
    "not less": noted("You once unsubscribed from that letter. Please subscribe to it again on the subscription page."),
    "bad date": noted("Please enter a day between tomorrow and a year from now, such as %(day)s."),
    "moved": noted("We have sent a letter to the new address. Please use the link in it to confirm."),
    "unknown": noted("Please choose one of the languages in which this letter is available."),
}

_USUAL = "list"
_AS_USUAL = {
    Missing.SHOW: noted("As usual for this letter: shown in the other language, with a mark"),
    Missing.TITLE: noted("As usual for this letter: only its title"),
    Missing.OMIT: noted("As usual for this letter: left out"),
}
_WISHES = {
    Missing.SHOW: noted("Show it in the other language, with a mark"),
    Missing.TITLE: noted("Show only its title"),
    Missing.OMIT: noted("Leave it out"),
}


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose page it is, and what the link allows. `is_fresh`: a link mailed on request; `is_old`: it has ended."""

    person: Person
    readers: tuple[Reader, ...]
    advertised: frozenset[int]  # the subscriptions with a consent to advertising
    is_fresh: bool
    is_old: bool = False

    @property
    def running(self) -> tuple[Reader, ...]:
        return tuple(one for one in self.readers if one.subscription.status is SubscriptionStatus.ACTIVE)

    @property
    def language_key(self) -> LanguageKey:
        first = next(iter((*self.running, *self.readers)), None)
        return first.subscription.languages if first else ""

    def reader(self, list_name: str) -> Reader | None:
        return next((one for one in self.running if one.subscription.list == list_name), None)


# ── Finding the way ──────────────────────────────────────────────────────────


@router.api_route("/preferences", methods=LOOK)
async def without_a_link(visit: Visiting) -> Response:
    """For whoever has no link at hand: one is mailed."""
    return _plain(visit, "own-link.html", noted("Change your subscription"), wrong="")


@router.post("/preferences", dependencies=[FromUs])
async def mail_a_link(visit: Visiting, sent: Sent, request: Request) -> Response:
    """The same answer for every address; a letter goes to those that are known."""
    found = entered(sent.one("email"))
    if isinstance(found, str):
        wrong = catalogue(visit.spoken[0]).gettext(found)
        return _plain(visit, "own-link.html", noted("Change your subscription"), status=422, wrong=wrong)
    app, now = visit.app, visit.app.now()
    shown = (sent.one("challenge"), sent.one("answer"))
    async with app.db.begin() as tx:
        host = request.client.host if request.client else None
        pace = await knock(tx, "link", host, app.keys[0], now, shown=shown)
        if pace is Pace.FREE:
            await ask_for_link(tx, found, visit.spoken[0], app.keys[0], now)
    if pace is not Pace.FREE:
        return slow_down(visit, sent, pace, now)
    return _mailed(visit)


@router.api_route("/preferences/{token}", methods=LOOK)
async def own_page(visit: Visiting, token: str) -> Response:
    """What they get, and what they may change."""
    owner = await _owner(visit, token)
    return _page(visit, token, owner) if owner else _cut(visit)


@router.post("/preferences/{token}", dependencies=[FromUs])
async def act(visit: Visiting, token: str, sent: Sent) -> Response:
    """Does what the pressed button says."""
    owner = await _owner(visit, token)
    if owner is None:
        return _cut(visit)
    if sent.one("do") == "link":
        return await _mail_link_to(visit, owner)
    if owner.is_old:
        return _page(visit, token, owner)
    if sent.one("do") in ("erase", "move"):
        return await _act_fresh(visit, token, owner, sent)
    said = await _act(visit, owner, sent)
    visit.house.wake()
    changed = await _owner(visit, token)
    assert changed is not None, "it was found a moment ago"
    return _page(visit, token, changed, said=said, about=sent.one("list"))


@router.api_route("/preferences/{token}/data", methods=LOOK)
async def own_data(visit: Visiting, token: str) -> Response:
    """Everything that is kept of them, as a file. By a fresh link only."""
    owner = await _owner(visit, token)
    if owner is None or not owner.is_fresh:
        return _cut(visit)
    async with visit.app.db.read() as tx:
        told = await data_of(tx, owner.person.id)
    return JSONResponse(told, headers={**PRIVATE, "Content-Disposition": 'attachment; filename="my-data.json"'})


async def _owner(visit: Visit, text: str) -> Owner | None:
    """By a letter's link, or by a fresh one."""
    today = visit.app.now().date()
    async with visit.app.db.read() as tx:
        if token := visit.app.read_token(text, Purpose.PREFERENCES):
            reader = await audience.by_token(tx, token.token_id)
            if reader is None:
                return None
            subscriber_id = reader.subscription.subscriber_id
            return await _owner_of(tx, subscriber_id, is_fresh=False, is_old=not token.is_fresh(today))
        if token := visit.app.read_token(text, Purpose.LINK):
            request = await requests.by_token(tx, token.token_id)
            if request is None or request.subscriber_id is None or request.purpose is not requests.Purpose.LINK:
                return None
            found = standing(outcome=request.outcome, expires_at=request.expires_at, now=visit.app.now())
            # Whoever moved since asked at an address that may be somebody else's now.
            is_theirs = (await audience.person(tx, request.subscriber_id)).address_hash == request.address_hash
            is_fresh = found is Standing.OPEN and is_theirs
            return await _owner_of(tx, request.subscriber_id, is_fresh=is_fresh, is_old=not is_fresh)
    return None


async def _owner_of(tx: Tx, subscriber_id: int, *, is_fresh: bool, is_old: bool) -> Owner | None:
    person = await audience.person(tx, subscriber_id)
    if person.address is None:
        return None
    readers = tuple(await audience.subscriptions_of(tx, subscriber_id))
    ids = [one.subscription.id for one in readers]
    advertised = frozenset([one for one in ids if await consents.has_agreed_to_advertising(tx, one)])
    return Owner(person=person, readers=readers, advertised=advertised, is_fresh=is_fresh, is_old=is_old)


# ── What the buttons do ──────────────────────────────────────────────────────


async def _act(visit: Visit, owner: Owner, sent: Form) -> str:
    now = visit.app.now()
    reader = owner.reader(sent.one("list"))
    async with visit.app.db.begin() as tx:
        if sent.one("do") == "stop":
            await stop_everything(tx, owner.readers, means="page", now=now)
            return "left"
        if reader is None:
            return "same"
        match sent.one("do"):
            case "leave":
                await leave(tx, reader, means="page", now=now)
                return "left"
            case "less":
                return await _less(visit, tx, reader, now)
            case "no advertising":
                return "saved" if await take_back_advertising(tx, reader, means="page", now=now) else "same"
            case "save":
                choice = _choice(visit, reader, sent, now)
                if isinstance(choice, str):
                    return choice
                if not await choose(tx, reader, choice, means="page", now=now):
                    return "same"
                return "paused" if choice.paused_until else "saved"
    raise HTTPException(422)


async def _less(visit: Visit, tx: Tx, reader: Reader, now: datetime) -> str:
    lists = visit.app.config.lists
    name = lists[reader.subscription.list].less_often if reader.subscription.list in lists else None
    if name is None:
        return "same"
    ours = reader.subscription.languages
    key = ours if ours in lists[name].languages else lists[name].languages[0]
    return "less" if await get_less_often(tx, reader, name, key, means="page", now=now) else "not less"


def _choice(visit: Visit, reader: Reader, sent: Form, now: datetime) -> Choice | str:
    """What was chosen, or which sentence says what is wrong with it."""
    if sent.one("languages") not in _keys(visit, reader):
        return "unknown"
    until = _pause(sent.one("pause"), visit.site.timezone, now)
    if isinstance(until, str):
        return until
    return Choice(languages=sent.one("languages"), missing=_wish(reader, sent.one("missing")), paused_until=until)


def _wish(reader: Reader, told: str) -> Missing | None:
    """What they want of a piece that is not in their language. A form that does not ask leaves it as it is."""
    wish = told or reader.subscription.missing or _USUAL
    if wish not in {_USUAL, *Missing}:
        raise HTTPException(422)
    return None if wish == _USUAL else Missing(wish)


def _pause(text: str, zone: str, now: datetime) -> datetime | str | None:
    """The beginning of the day on which letters come again, on the site's clock; '' is no pause."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "bad date"
    until = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    return until if now < until <= now + _LONGEST_PAUSE else "bad date"


async def _act_fresh(visit: Visit, token: str, owner: Owner, sent: Form) -> Response:
    """What only a fresh link allows."""
    if not owner.is_fresh:
        return await _mail_link_to(visit, owner)
    if sent.one("do") == "erase":
        # What cannot be undone takes a second press, on a page that says what it does.
        is_sure = sent.one("sure") == "yes"
        return await _erase(visit, owner) if is_sure else _ask_whether_sure(visit, token, owner)
    wanted = entered(sent.one("email"))
    if isinstance(wanted, str):
        return _page(visit, token, owner, wrong=wanted)
    async with visit.app.db.begin() as tx:
        await ask_to_move(tx, owner.person, wanted, owner.language_key, visit.app.keys[0], visit.app.now())
    page = _page(visit, token, owner, said="moved")
    page.background = BackgroundTask(answer_soon, visit)
    return page


def _ask_whether_sure(visit: Visit, token: str, owner: Owner) -> Response:
    title = noted("Do you want to erase your data?")
    return _plain(visit, "own-erase.html", title, key=owner.language_key, address=masked(owner.readers[0]), own=token)


async def _erase(visit: Visit, owner: Owner) -> Response:
    async with visit.app.db.begin() as tx:
        await erase_person(tx, owner.person.id, means="page", now=visit.app.now())
    page = _plain(visit, "erased.html", noted("Your data is being erased"), key=owner.language_key)
    page.background = BackgroundTask(visit.house.wake)
    return page


async def _mail_link_to(visit: Visit, owner: Owner) -> Response:
    """A fresh link, to the address and nowhere else. The day's few letters to one address hold here, too."""
    assert owner.person.address is not None, "who has none has no page"
    async with visit.app.db.begin() as tx:
        wanted = address.parse(owner.person.address)
        await ask_for_link(tx, wanted, owner.language_key, visit.app.keys[0], visit.app.now())
    return _mailed(visit, owner.language_key)


# ── What is shown ────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Line:
    """
    One running subscription as the page shows it.

    `wishes` are what they may want of a piece that is not in their language:
    nothing, where the letter only comes in two at once.
    """

    title: str
    keys: Sequence[tuple[str, str]]
    languages: str
    wishes: Sequence[tuple[str, str]]
    wish: str
    paused_until: str
    less_often: str
    has_advertising: bool
    list: str


def _page(visit: Visit, token: str, owner: Owner, *, said: str = "", wrong: str = "", about: str = "") -> Response:
    """The page, with what came of the button (a name in `_SAID`) or what is wrong with an address (a sentence)."""
    head = private_head(visit, _YOURS, owner.language_key, token)
    _ = catalogue(head.language).gettext
    tomorrow = (visit.app.now().astimezone(ZoneInfo(visit.site.timezone)) + timedelta(days=1)).date().isoformat()
    days = {"bad date": tomorrow, "paused": _end_of_pause(visit, owner.reader(about), head.language)}
    sentence = wrong or (_SAID[said] if said else "")
    return visit.page(
        "own-old.html" if owner.is_old else "own.html",
        head,
        status=422 if wrong or said.startswith("bad") or said == "unknown" else 200,
        headers=PRIVATE,
        address=masked(owner.readers[0]) if owner.readers else "",
        lines=[_line(visit, one, head, owner.advertised) for one in _in_order(visit, owner.running)],
        is_fresh=owner.is_fresh,
        said=_(sentence, day=days.get(said, "")) if sentence else "",
        is_wrong=bool(wrong) or said.startswith(("bad", "not", "unknown")),
        about=about,
        tomorrow=tomorrow,
        data=f"{token}/data",
    )


def _end_of_pause(visit: Visit, reader: Reader | None, language: Language) -> str:
    until = reader.subscription.paused_until if reader else None
    return format_date(until, language, visit.site.timezone) if until else ""


def _in_order(visit: Visit, readers: Sequence[Reader]) -> Sequence[Reader]:
    """As the lists stand in the configuration; what is no longer among them comes last."""
    places = {name: place for place, name in enumerate(visit.app.config.lists)}
    return sorted(readers, key=lambda one: places.get(one.subscription.list, len(places)))


def _line(visit: Visit, reader: Reader, head: Head, advertised: frozenset[int]) -> Line:
    one = reader.subscription
    mailing_list = visit.app.config.lists.get(one.list)
    paused = one.paused_until if one.paused_until and one.paused_until > visit.app.now() else None
    less_often = mailing_list.less_often if mailing_list else None
    keys = _keys(visit, reader)
    return Line(
        list=one.list,
        title=title_of(visit, one.list, head.language),
        keys=[(key, in_order(key, head.language)) for key in keys],
        languages=one.languages,
        wishes=_wishes(mailing_list, keys, head.language),
        wish=one.missing or _USUAL,
        paused_until=paused.astimezone(ZoneInfo(visit.site.timezone)).date().isoformat() if paused else "",
        less_often=title_of(visit, less_often, head.language) if less_often else "",
        has_advertising=one.id in advertised,
    )


def _wishes(
    mailing_list: MailingList | None, keys: Sequence[LanguageKey], language: Language
) -> Sequence[tuple[str, str]]:
    if mailing_list is None or all("+" in key for key in keys):
        return ()
    _ = catalogue(language).gettext
    return [(_USUAL, _(_AS_USUAL[mailing_list.missing])), *((wish, _(words)) for wish, words in _WISHES.items())]


def _keys(visit: Visit, reader: Reader) -> tuple[LanguageKey, ...]:
    """What the list offers; and what the reader has, should it not be among it any more."""
    mailing_list = visit.app.config.lists.get(reader.subscription.list)
    return tuple(dict.fromkeys([*(mailing_list.languages if mailing_list else ()), reader.subscription.languages]))


def _mailed(visit: Visit, key: LanguageKey = "") -> Response:
    page = _plain(visit, "mailed.html", noted("Please check your mailbox"), key=key)
    page.background = BackgroundTask(answer_soon, visit)
    return page


def _cut(visit: Visit) -> Response:
    return _plain(visit, "own-cut.html", noted("This link does not work"), status=404)


def _plain(
    visit: Visit, template: str, title: str, *, key: LanguageKey = "", status: int = 200, **values: object
) -> Response:
    head = private_head(visit, title, key, "preferences" if template == "own-link.html" else "")
    return visit.page(template, head, status=status, headers=PRIVATE, **values)
