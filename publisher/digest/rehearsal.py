"""
Letters that nobody gets: every design is set once from editions that strain it.

An operator's own template must bear what an archive may bring: nothing but a
note, more than a letter holds, one language only, two versions, a missing
summary, words that look like a template's own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from publisher.digest.corrections import told_of
from publisher.digest.render import compose_letters
from publisher.errors import TemplateError
from publisher.model import (
    Attachment,
    Citation,
    Classification,
    Correction,
    Edition,
    EditionStatus,
    Entry,
    EntryStatus,
    Face,
    Images,
    Language,
    MailingList,
    Origin,
    Picture,
    Site,
)
from publisher.resources import templates

_LONG = 40  # entries, of which a letter has room for the first
_MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_PLACE = "https://board.example/1"
_IMAGE = "https://board.example/1.png"
_COPY = Picture(hash="0" * 64, type="image/png", width=592, height=300)
_TITLES = {"ko": "시험 글", "en": "A trial"}
_MARKS = "{{ letter }} {% endfor %} <mj-text> & “”"


def rehearse(mailing_list: MailingList, site: Site, overrides: Path | None) -> TemplateError | None:
    """What is wrong with the templates of this list's design; None when every letter can be made."""
    shown = replace(mailing_list, images=Images.ALL)
    keys = mailing_list.languages
    try:
        for edition in _editions(mailing_list, site):
            # A long one takes its time, and is as long in any language: the first and the last key will do.
            some = keys if len(edition.entries) < _LONG else dict.fromkeys((keys[0], keys[-1]))
            compose_letters(edition, shown, site, some, overrides, {_IMAGE: _COPY})
    except TemplateError as error:
        return error
    return None


def strangers(overrides: Path) -> list[str]:
    """Files of the operator's below `email` that take the place of none of ours: perhaps the name is mistyped."""
    ours, theirs = templates() / "email", overrides / "email"
    files = (path.relative_to(theirs) for path in sorted(theirs.rglob("*")) if path.is_file())
    return [str(PurePosixPath("email") / file.as_posix()) for file in files if not (ours / file).is_file()]


def _editions(mailing_list: MailingList, site: Site) -> Iterator[Edition]:
    """Of nothing but a note; long; in one language, for each; and mixed."""
    two = tuple(site.languages[:2])
    note = dict.fromkeys(two, f"# {_MARKS}\n\n- **1** [2](https://board.example/)\n\n> 3")
    yield _edition(mailing_list, notes=note)
    yield _edition(
        mailing_list, *(_entry(number, two, "긴 제목 long " * 20) for number in range(1, _LONG + 1)), notes=note
    )
    for language in two:
        yield _edition(mailing_list, _entry(1, (language,)))
    bare = _entry(3, two[:1], summary="")
    mixed = (_entry(1, two), _entry(2, two[-1:], _MARKS), replace(bare, attachments=(), citation=Citation()))
    corrected = _entry(4, two)
    before = replace(told_of(corrected), titles=dict.fromkeys(two, _MARKS), source="")
    correction = Correction(entry=corrected, number=1, dated=_MOMENT, before=before)
    yield replace(_edition(mailing_list, *mixed), corrections=(correction,))


def _entry(number: int, languages: tuple[Language, ...], title: str = "", summary: str = _MARKS) -> Entry:
    faces = {
        language: Face(
            language=language,
            title=f"{title or _TITLES.get(language, 'A trial')} {number}",
            summary=summary and f"{summary} {language} {number}",
            html=f'<p>{number}</p><img src="{_IMAGE}" alt="">',
            url=_PLACE,
            origin=Origin.MACHINE if language != languages[0] else Origin.ORIGINAL,
        )
        for language in languages
    }
    return Entry(
        id=number,
        public_id=f"example{number:05}",
        atom_id=f"tag:board.example,2026:{number}",
        archive="example",
        source_key=str(number),
        url=_PLACE,
        author=None,
        published_at=_MOMENT,
        arrived_at=_MOMENT,
        updated_at=_MOMENT,
        due_at=_MOMENT,
        held=None,
        status=EntryStatus.LIVE,
        language=languages[0],
        original_language=languages[0],
        categories=(),
        attachments=tuple(Attachment(name=f"{part} {_MARKS}.hwp", url=_PLACE, size=1024) for part in range(10)),
        links=(),
        citation=Citation(outlet=_MARKS, date=date(2026, 1, 4), url="https://outlet.example/?a=1&b=2"),
        is_notice=False,
        faces=faces,
        printed_author=dict.fromkeys(languages, _MARKS),
    )


def _edition(mailing_list: MailingList, *entries: Entry, notes: dict[Language, str] | None = None) -> Edition:
    return Edition(
        id=0,
        list=mailing_list.name,
        number=1,
        status=EditionStatus.DRAFT,
        window_end=_MOMENT,
        composed_at=_MOMENT,
        touched=False,
        notes=notes or {},
        classification=Classification.INFORMATION,
        classified_by="check",
        approved_by=None,
        approved_at=None,
        released_at=None,
        sent_at=None,
        content_hash=None,
        entries=entries,
    )
