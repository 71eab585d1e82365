"""A face → the fragments that are sent → a face in the other language, or the reason why not."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from publisher.markup import clean, fold, text_of
from publisher.model import Face, Language
from publisher.translate import tags
from publisher.translate.checking import wrong_language, wrong_length, wrong_names
from publisher.translate.glossary import Glossary
from publisher.translate.policy import Extent

_LONGEST = 4_000  # characters of a part of a body: services work sentence by sentence, and models lose patience
_FAR_TOO_LONG = 10  # times its fragment, tags and all: not even read
_ROOM = 2_000


@dataclass(frozen=True, kw_only=True)
class Task:
    """One face to be made. `fragments` are sent: title, then as much of the rest as is wanted."""

    face: Face
    target: Language
    extent: Extent
    fragments: tuple[str, ...]
    sources: tuple[str, ...]  # the same with their addresses and their own names
    kept: tuple[tags.Bare, ...]

    @property
    def languages(self) -> tuple[Language, Language]:
        return self.face.language, self.target

    @property
    def about(self) -> str:
        return f"{self.face.title}\n{self.face.summary}"

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
    kept = tuple(map(tags.bare, sources))
    return Task(
        face=face,
        target=target,
        extent=extent,
        fragments=tuple(_with_names(one.html, face.language, target, glossary) for one in kept),
        sources=tuple(sources),
        kept=kept,
    )


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
    made = []
    for answer, fragment, source, kept in zip(answers, task.fragments, task.sources, task.kept, strict=True):
        if len(answer) > len(fragment) * _FAR_TOO_LONG + _ROOM:
            return Refusal(reason="it is far too long")
        try:
            restored = tags.taken_back(unicodedata.normalize("NFC", answer), kept)
        except tags.Different as error:
            return Refusal(reason=str(error))
        html = clean(restored)
        if reason := tags.difference(source, restored) or _why_not(source, html, task.languages, glossary):
            return Refusal(reason=reason)
        made.append(html)
    whole = " ".join(text_of(html) for html in made)
    if reason := wrong_language(whole, task.target):
        return Refusal(reason=reason)
    title, summary = (fold(text_of(html)) for html in (*made, "")[:2])
    return Draft(title=title, summary=summary, html="".join(made[2:]))


def _why_not(source: str, html: str, languages: tuple[Language, Language], glossary: Glossary) -> str:
    """Of what is shown in the end: what was nested wrongly has other elements once it is clean."""
    told, answer = text_of(source), text_of(html)
    return (
        tags.difference(source, html)
        or wrong_length(told, answer, languages)
        or wrong_names(told, answer, languages, glossary)
    )
