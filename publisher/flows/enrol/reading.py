"""One row of a file → what it says of whom. Nothing is known here of who is on a list already."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from publisher.address import EmailAddress
from publisher.address import parse as parse_address
from publisher.errors import InvalidAddress
from publisher.flows.enrol.columns import Column, Columns, pieces
from publisher.flows.enrol.moments import moment
from publisher.flows.enrol.outcome import Outcome, What
from publisher.model import LanguageKey, MailingList, Missing
from publisher.spreadsheet import Row
from subscribers.transfer import Ended

_LONGEST_NAME = 200
_AHEAD = timedelta(days=1)  # clocks and zones of others


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """
    What a row takes that does not say it itself.

    `consent` says how these people agreed; with it a row's date of sign-up counts
    as the date of consent, and `consented_at` does for rows without any.
    """

    lists: Sequence[str]
    languages: LanguageKey | None
    consent: str | None
    zone: tzinfo  # of a time without an offset
    consented_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """
    What a row says of one person and one list: that they asked for it, or (`ended`) want it no more.

    Without `consented_at` no consent is proven; `evidence` is kept all the same.
    """

    line: int
    address: EmailAddress
    list: str  # empty: all lists
    languages: LanguageKey = ""
    missing: Missing | None = None
    name: str | None = None
    consented_at: datetime | None = None
    evidence: str | None = None
    ended: Ended | None = None
    ended_at: datetime | None = None


class BadCell(ValueError):
    """A cell that cannot be used."""

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(reason)
        self.value = value


@dataclass(frozen=True, kw_only=True)
class Book:
    """What every row is read by."""

    columns: Columns | None
    lists: Mapping[str, MailingList]
    defaults: Defaults
    now: datetime

    def wishes(self, row: Row) -> Iterator[Wish | Outcome]:
        """What a row says; an Outcome, always a rejection, for each part of it that cannot be used."""
        cells = _cells(self.columns, row) if self.columns else {Column.EMAIL: row.cells[0]}
        if not any(cells.values()):
            return
        is_history = bool(self.columns and self.columns.is_history)
        if is_history and cells.get(Column.EVENT) not in _REFUSING:
            return
        try:
            people = _people(cells)
            facts = self._refusals(cells, _refused_of(cells)) if is_history else self._facts(cells)
        except BadCell as bad:
            yield _rejected(row.line, bad)
            return
        told: set[str] = set()
        for written, name in people:
            try:
                address = parse_address(written)
            except InvalidAddress as error:
                yield _rejected(row.line, BadCell(str(error), written))
                continue
            if address.key not in told:  # twice in one cell is once
                told.add(address.key)
                yield from (fact.of(row.line, address, name) for fact in facts)

    def _facts(self, cells: Mapping[Column, str]) -> "Sequence[_Fact]":
        _must_be_a_reader(cells)
        is_waiting, ended = _standing(cells)
        if ended is not None:
            return self._refusals(cells, ended)
        consented_at = None if is_waiting else self._consented_at(cells)
        evidence = self._evidence(cells, has_date=consented_at is not None)
        wanted = cells.get(Column.LANGUAGES, "") or self.defaults.languages or ""
        missing = _missing(cells)
        return [
            _Fact(
                list=name,
                languages=language_key(wanted, self.lists[name]),
                missing=missing,
                consented_at=consented_at,
                evidence=evidence,
            )
            for name in self._lists(cells)
        ]

    def _refusals(self, cells: Mapping[Column, str], ended: Ended) -> "Sequence[_Fact]":
        ended_at = self._ended_at(cells)
        lists = [""] if ended.is_of_all_lists else self._lists(cells)
        return [_Fact(list=name, ended=ended, ended_at=ended_at) for name in lists]

    def _lists(self, cells: Mapping[Column, str]) -> Sequence[str]:
        names = re.split(r"[\s,;|]+", cells.get(Column.LISTS, ""))
        chosen = [name for name in names if name] or self.defaults.lists
        if not chosen:
            raise BadCell("names no list; give a column 'lists' or --list", "")
        for name in chosen:
            if name not in self.lists:
                raise BadCell(f"no such list; there are: {', '.join(self.lists)}", name)
        return list(dict.fromkeys(chosen))

    def _consented_at(self, cells: Mapping[Column, str]) -> datetime | None:
        told = cells.get(Column.CONSENTED_AT, "")
        if not told and self.defaults.consent:
            told = cells.get(Column.SIGNED_UP_AT, "")
        at = self._moment(told) or self.defaults.consented_at
        if at and at > self.now + _AHEAD:
            raise BadCell("the date of the consent lies in the future", told)
        return at

    def _ended_at(self, cells: Mapping[Column, str]) -> datetime | None:
        told = (Column.UNSUBSCRIBED_AT, Column.CLEANED_AT, Column.ENDED_AT)
        at = self._moment(next((cells[column] for column in told if cells.get(column)), ""))
        return min(at, self.now) if at else None

    def _moment(self, text: str) -> datetime | None:
        zone = UTC if self.columns and self.columns.service == "Mailchimp" else self.defaults.zone
        try:
            return moment(text, zone)
        except ValueError:
            raise BadCell("expected a date such as 2026-03-02 or an ISO time", text) from None

    def _evidence(self, cells: Mapping[Column, str], *, has_date: bool) -> str | None:
        source = cells.get(Column.CONSENT_SOURCE, "") or self.defaults.consent or ""
        service = self.columns.service if self.columns else None
        address = cells.get(Column.CONSENT_IP, "")
        told = [source or service or ("import" if has_date else ""), f"IP {address}" if address else ""]
        return _in_one_line(", ".join(part for part in told if part))[:1_000] or None


@dataclass(frozen=True, kw_only=True)
class _Fact:
    """What a row says, of whoever it names."""

    list: str
    languages: LanguageKey = ""
    missing: Missing | None = None
    consented_at: datetime | None = None
    evidence: str | None = None
    ended: Ended | None = None
    ended_at: datetime | None = None

    def of(self, line: int, address: EmailAddress, name: str | None) -> Wish:
        return Wish(
            line=line,
            address=address,
            name=name,
            list=self.list,
            languages=self.languages,
            missing=self.missing,
            consented_at=self.consented_at,
            evidence=self.evidence,
            ended=self.ended,
            ended_at=self.ended_at,
        )


def _rejected(line: int, bad: BadCell) -> Outcome:
    return Outcome(line=line, what=What.REJECTED, reason=str(bad), value=bad.value)


# ── Who ──────────────────────────────────────────────────────────────────────

_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def _people(cells: Mapping[Column, str]) -> Sequence[tuple[str, str | None]]:
    """Each address of the row as written, with a name if one is told."""
    own = _name(cells)
    written = cells.get(Column.EMAIL, "").replace("＠", "@")
    parts = _parts(_INVISIBLE.sub("", written)) or [""]
    people = [_named(part) for part in parts]
    return [(address, name or own) for address, name in people] if len(people) == 1 else people


def _parts(written: str) -> Sequence[str]:
    """Several addresses in one cell, whatever stands between them; but one address as it is."""
    if written.count("@") < 2:
        return [written.strip()] if written.strip(" ,;") else []
    parts = pieces(written)
    if any(part.count("@") > 1 for part in parts):
        return [word for part in parts for word in re.split(r"[\s/]+", part) if word]
    return parts


def _named(part: str) -> tuple[str, str | None]:
    """`"홍길동" <hong@mail.example>` → address and name."""
    if found := _NAMED.fullmatch(part.strip(" ,;")):
        return found["address"].strip(), _checked_name(found["name"].strip(" \"'"))
    return part.strip(" ,;").removeprefix("mailto:"), None


def _name(cells: Mapping[Column, str]) -> str | None:
    if whole := cells.get(Column.NAME, ""):
        return _checked_name(whole)
    first, last = cells.get(Column.FIRST_NAME, ""), cells.get(Column.LAST_NAME, "")
    is_korean = bool(first and last) and all("가" <= sign <= "힣" for sign in first + last)
    return _checked_name(f"{last}{first}" if is_korean else f"{first} {last}")


def _checked_name(text: str) -> str | None:
    """A name in one line, as it may stand in a letter's header. Raises BadCell."""
    name = _in_one_line(text)
    if len(name) > _LONGEST_NAME:
        raise BadCell(f"a name has at most {_LONGEST_NAME} characters", name[:80])
    return name or None


def _in_one_line(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


# ── Whether ──────────────────────────────────────────────────────────────────

_NO = frozenset([
    "0", "n", "no", "false", "f", "off", "x",
    "아니오", "아니요", "거부", "거절", "안함", "미동의", "비동의", "동의안함", "미수신", "수신안함", "수신거부",
])  # fmt: skip
_YES = frozenset([
    "1", "y", "yes", "true", "t", "on", "o",
    "예", "네", "동의", "동의함", "수신", "수신함", "수신동의", "허용",
])  # fmt: skip
_READERS = frozenset(["subscribed", "enabled", "active", "confirmed", "구독", "구독중", "정상", "수신", "동의"])
_WAITING = frozenset(["pending", "unconfirmed", "nonsubscribed", "대기", "승인대기", "인증대기", "미확인"])
_ENDED = {
    **dict.fromkeys(
        ["unsubscribed", "optedout", "optout", "수신거부", "구독취소", "구독해지", "해지", "거부"], Ended.UNSUBSCRIBED
    ),
    **dict.fromkeys(["bounced", "cleaned", "자동삭제", "반송"], Ended.BOUNCED),
    **dict.fromkeys(["complained", "spam", "abuse", "스팸신고"], Ended.COMPLAINED),
    **dict.fromkeys(["stopped", "blocklisted", "blacklisted", "차단"], Ended.STOPPED),
}
_OUT = frozenset(["disabled", "expired", "replaced", "erased", "archived", "deleted", "삭제", "휴면", "탈퇴"])


# In this order: that somebody left says more than that they still have to confirm.
_FINE = (
    (Column.MAILING, _YES),
    (Column.WANTS_MAIL, _YES),
    (Column.STATUS, _READERS),
    (Column.STATUS, _READERS | _WAITING),
)


def _cells(columns: Columns, row: Row) -> dict[Column, str]:
    """What a row says. Where two columns tell whether they want mail, the one that does not say yes counts."""
    cells = columns.read(row)
    for column, fine in _FINE:
        against = next((told for told in columns.every(row, column) if _word(told) not in fine), None)
        if against:
            cells[column] = against
    return cells


def _must_be_a_reader(cells: Mapping[Column, str]) -> None:
    """Whoever left, was blocked or wanted no mail is not brought in. Raises BadCell."""
    mailing = cells.get(Column.MAILING, "")
    if mailing and not _is_yes(mailing):
        raise BadCell("did not agree to be mailed there", mailing)
    for column, reason in ((Column.LEFT_AT, "is no member there any more"), (Column.BLOCKED_AT, "is blocked there")):
        if cells.get(column, "").strip("0-: ."):
            raise BadCell(reason, cells[column])


def _is_yes(told: str) -> bool:
    """A cell's yes or no. Raises BadCell for what is neither: in doubt nobody is brought in."""
    word = _word(told)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell("whether this is a yes is not known; write 1 or 0", told)


def _word(told: str) -> str:
    """`Opted-Out` → `optedout`; what stands in brackets counts, for it may say the contrary: 수신(거부)."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", told)).casefold()


def _standing(cells: Mapping[Column, str]) -> tuple[bool, Ended | None]:
    """Do they only wait to be confirmed there; and if it ended there, why. Raises BadCell."""
    if cells.get(Column.CLEANED_AT):
        return False, Ended.BOUNCED
    wants = cells.get(Column.WANTS_MAIL, "")
    if cells.get(Column.UNSUBSCRIBED_AT) or (wants and not _is_yes(wants)):
        return False, Ended.UNSUBSCRIBED
    told = cells.get(Column.STATUS, "")
    status = _word(told)
    if status in _ENDED:
        return False, _ENDED[status]
    if status in _OUT:
        raise BadCell("gets no letters there", told)
    if status and status not in _READERS and status not in _WAITING:
        raise BadCell("what this status means is not known; write active, pending, unsubscribed or bounced", told)
    return status in _WAITING, None


# Of a history only what holds at its end is taken over: a withdrawal may have been followed by a new consent, and
# where it was not, a refusal stands beside it.
_REFUSING = frozenset(["refused", "suppressed"])


def _refused_of(cells: Mapping[Column, str]) -> Ended:
    """What a row of a history refuses: one list, or everything."""
    if cells.get(Column.EVENT) == "refused":
        return Ended.UNSUBSCRIBED
    return _ENDED.get(_word(cells.get(Column.EVIDENCE, "")), Ended.STOPPED)


# ── In which languages ───────────────────────────────────────────────────────

_LANGUAGES = {
    **dict.fromkeys(["ko", "kor", "korean", "한", "한국어", "한글", "국문", "국어"], "ko"),
    **dict.fromkeys(["en", "eng", "english", "영", "영어", "영문"], "en"),
}


def _missing(cells: Mapping[Column, str]) -> Missing | None:
    told = cells.get(Column.MISSING, "").casefold()
    if told and told not in set(Missing):
        raise BadCell(f"expected {', '.join(Missing)}, or nothing for what the list does", told)
    return Missing(told) if told else None


def language_key(text: str, mailing_list: MailingList) -> LanguageKey:
    """`ko,en`, `ko+en`, `KO` or `한국어/영어` → a language key of the list; '' → the list's first. Raises BadCell."""
    words = [word for word in re.split(r"[\s,+;/|·&]+", text.casefold()) if word]
    key = "+".join(_LANGUAGES.get(word, word) for word in words) or mailing_list.languages[0]
    if key not in mailing_list.languages:
        raise BadCell(f"the list comes in: {', '.join(mailing_list.languages)}", text)
    return key
