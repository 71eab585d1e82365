"""
Readers from a file: each row becomes an application, and the rules decide on each.

The header is `email,name,languages,lists,consented_at,consent_source`; only
`email` must be there. A refusal is never undone by a file, and a row without
the date of a consent waits as pending: nothing is mailed because of an import.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import islice

from publisher.address import parse as parse_address
from publisher.errors import InvalidAddress, UnreadableFile
from publisher.flows.signup import Application, sign_up
from publisher.model import LanguageKey, MailingList
from publisher.spreadsheet import Row
from publisher.store.database import Database
from publisher.store.keys import Key
from subscribers.lifecycle import Admit, Refuse, Unchanged
from subscribers.model import SubscriptionStatus

_BATCH = 500  # rows per transaction: short enough that letters go on leaving meanwhile


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that brought nobody in: where, why, and the value that was wrong."""

    line: int
    reason: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """A row with an address that an earlier row had."""

    line: int
    first_line: int


@dataclass
class Enrolled:
    """
    What came of a file so far.

    `pending` of the accepted wait for their own confirmation, since no consent
    is told; `unchanged` were on their list already, as the file has them.
    """

    accepted: int = 0
    pending: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)

    def count(self, verdict: Admit | Unchanged | Refuse, line: int, list_name: str) -> None:
        match verdict:
            case Refuse(reason=reason):
                self.rejected.append(Rejected(line=line, reason=reason, value=list_name))
            case Unchanged():
                self.unchanged += 1
            case Admit(status=status):
                self.accepted += 1
                self.pending += status is SubscriptionStatus.PENDING


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What a row takes that does not say it itself."""

    lists: Sequence[str]
    languages: LanguageKey | None
    consent: str | None
    zone: tzinfo  # of a `consented_at` without an offset


async def enrol(
    db: Database,
    rows: Iterable[Row],
    lists: Mapping[str, MailingList],
    first_key: Key,
    defaults: Defaults,
    *,
    now: datetime,
    dry_run: bool = False,
) -> Enrolled:
    """
    Bring the people of a file onto their lists, as far as the rules allow.

    With `dry_run` everything is tried and undone. Raises UnreadableFile when
    there is no row with the names of the columns, or a row that cannot be read;
    then it says how many were accepted before.
    """
    waiting = iter(rows)
    columns = _columns(next(waiting, None))
    result = Enrolled()
    seen: dict[str, int] = {}
    while batch := _next(waiting, result):
        async with db.begin() as tx:
            attempt = await tx.begin_nested()
            for application, line in _applications(batch, columns, lists, defaults, seen, result):
                verdict = await sign_up(tx, application, first_key, now=now)
                result.count(verdict, line, application.list)
            await (attempt.rollback() if dry_run else attempt.commit())
    return result


def _next(rows: Iterator[Row], result: Enrolled) -> list[Row]:
    try:
        return list(islice(rows, _BATCH))
    except UnreadableFile as error:
        if not result.accepted:
            raise
        raise UnreadableFile(f"{error} ({result.accepted} before it were accepted)") from error


def _columns(header: Row | None) -> Mapping[str, int]:
    names = {cell.strip().casefold(): place for place, cell in enumerate(header.cells)} if header else {}
    if "email" not in names:
        raise UnreadableFile(
            "the first row must name the columns, 'email' among them:"
            " email,name,languages,lists,consented_at,consent_source"
        )
    return names


def _applications(
    batch: Sequence[Row],
    columns: Mapping[str, int],
    lists: Mapping[str, MailingList],
    defaults: Defaults,
    seen: dict[str, int],
    result: Enrolled,
) -> Iterator[tuple[Application, int]]:
    for row in batch:
        cells = {name: row.cells[place].strip() for name, place in columns.items() if place < len(row.cells)}
        if not any(cells.values()):
            continue
        try:
            found = list(read_row(cells, lists, defaults))
        except BadCell as bad:
            result.rejected.append(Rejected(line=row.line, reason=str(bad), value=bad.value))
            continue
        first_line = seen.setdefault(found[0].address.key, row.line)
        if first_line != row.line:
            result.duplicates.append(Duplicate(line=row.line, first_line=first_line))
            continue
        for application in found:
            yield application, row.line


class BadCell(ValueError):
    """A cell that cannot be used."""

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(reason)
        self.value = value


def read_row(cells: Mapping[str, str], lists: Mapping[str, MailingList], defaults: Defaults) -> Iterator[Application]:
    """One application per list that a row names. Raises BadCell."""
    email = cells.get("email", "")
    try:
        address = parse_address(email)
    except InvalidAddress as error:
        raise BadCell(str(error), email) from error
    consented_at = _moment(cells.get("consented_at", ""), defaults.zone)
    consent = (cells.get("consent_source") or defaults.consent or "import") if consented_at else defaults.consent
    names = cells.get("lists", "").replace(";", " ").replace("|", " ").replace(",", " ").split() or defaults.lists
    if not names:
        raise BadCell("names no list; give a column 'lists' or --list", "")
    for name in dict.fromkeys(names):
        if name not in lists:
            raise BadCell(f"no such list; there are: {', '.join(lists)}", name)
        yield Application(
            address=address,
            list=name,
            languages=language_key(cells.get("languages", "") or defaults.languages or "", lists[name]),
            name=cells.get("name") or None,
            consent=consent,
            consented_at=consented_at,
            means="import",
        )


def language_key(text: str, mailing_list: MailingList) -> LanguageKey:
    """`ko,en`, `ko+en` or `KO` → a language key of the list; '' → the list's first. Raises BadCell."""
    key = "+".join(part.strip() for part in text.casefold().replace(",", "+").split("+")) if text else ""
    key = key or mailing_list.languages[0]
    if key not in mailing_list.languages:
        raise BadCell(f"the list comes in: {', '.join(mailing_list.languages)}", text)
    return key


def _moment(text: str, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter at the ends of the calendar
        raise BadCell("consented_at: expected a date such as 2026-03-02 or an ISO time", text) from None
