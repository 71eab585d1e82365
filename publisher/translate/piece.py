"""A face → the fragments that are sent → a face in the other language, or the reason why not."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from publisher.markup import clean, fold, text_of
from publisher.model import Face, Language
from publisher.translate import tags
from publisher.translate.checking import wrong_addresses, wrong_language, wrong_length, wrong_names
from publisher.translate.glossary import Glossary
from publisher.translate.policy import Extent

_LONGEST = 4_000  # characters of a part of a body: services work sentence by sentence, and models lose patience
_FAR_TOO_LONG = 10  # times its fragment, tags and all: not even read
_ROOM = 2_000


@dataclass(frozen=True, kw_only=True)
class Part:
    """
    A title, a summary, or a piece of a body: as it stands, and as it is sent.

    Clean HTML both; an empty one is not sent.
    """

    source: str
    bare: tags.Bare
    sent: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """One face to be made: of its title, then of as much of the rest as is wanted."""

    face: Face
    target: Language
    extent: Extent
    parts: tuple[Part, ...]

    @property
    def languages(self) -> tuple[Language, Language]:
        return self.face.language, self.target

    @property
    def about(self) -> str:
        return f"{self.face.title}\n{self.face.summary}"

    @property
    def fragments(self) -> tuple[str, ...]:
        """What is sent, in order."""
        return tuple(part.sent for part in self.parts if part.sent)

    @property
    def characters(self) -> int:
        return sum(map(len, self.fragments))


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The texts of the new face; `html` is harmless."""

    title: str
    summary: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that is not taken; the reason goes on after "the translation was not taken: "."""

    reason: str


Verdict: TypeAlias = Draft | Refusal


def prepare(face: Face, target: Language, extent: Extent, glossary: Glossary) -> Task:
    """What is sent of a face: elements without addresses, names as the other language writes them."""
    sources = [escape(face.title, quote=False)]
    if extent is not Extent.TITLE:
        sources.append(escape(face.summary, quote=False))
    if extent is Extent.BODY:
        sources += tags.pieces(face.html, _LONGEST)
    parts = tuple(_part(source.strip(), face.language, target, glossary) for source in sources)
    return Task(face=face, target=target, extent=extent, parts=parts)


def _part(source: str, language: Language, target: Language, glossary: Glossary) -> Part:
    bare = tags.bare(source)
    return Part(source=source, bare=bare, sent=_with_names(bare.html, language, target, glossary))


def _with_names(html: str, source: Language, target: Language, glossary: Glossary) -> str:
    """Names in the text, and only there: a tag is no text."""
    out = []
    for token in tags.tokens(html):
        match token:
            case tags.Words(text=text):
                out.append(glossary.render(text, source, target, tags.keep_out))
            case tags.Tag():
                out.append(tags.printed(token))
    return "".join(out)


def finish(task: Task, answers: Sequence[str], glossary: Glossary) -> Verdict:
    """The face that the answers make, if every one of them can be a translation of its source."""
    if len(answers) != len(task.fragments):
        return Refusal(reason=f"{len(answers)} texts came back for {len(task.fragments)}")
    given = iter(answers)
    made = []
    for part in task.parts:
        try:
            made.append(_checked(part, next(given), task.languages, glossary) if part.sent else "")
        except tags.Different as error:
            return Refusal(reason=fold(str(error)))  # it may repeat what came: nothing that moves a cursor
    texts = [fold(text_of(html)) for html in made]
    for told in (" ".join(texts[:2]), " ".join(texts)):
        if reason := wrong_language(told, task.target):
            return Refusal(reason=reason)
    title, summary = (*texts, "")[:2]
    return Draft(title=title, summary=summary, html="".join(made[2:]))


def _checked(part: Part, answer: str, languages: tuple[Language, Language], glossary: Glossary) -> str:
    """The answer as harmless HTML with the addresses of its source. Raises Different."""
    if len(answer) > len(part.sent) * _FAR_TOO_LONG + _ROOM:
        raise tags.Different("it is far too long")
    restored = tags.taken_back(unicodedata.normalize("NFC", answer), part.bare)
    html = clean(restored)
    told, heard = text_of(part.source), text_of(html)
    if reason := (
        tags.difference(part.source, restored)
        or tags.difference(part.source, html)  # what was nested wrongly has other elements once it is clean
        or wrong_length(told, heard, languages)
        or wrong_addresses(told, heard)
        or wrong_names(told, heard, languages, glossary)
    ):
        raise tags.Different(reason)
    return html
