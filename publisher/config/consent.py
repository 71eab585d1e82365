"""`subscribers`: what people are told before they consent, and what silence means two years later."""

from collections.abc import Collection

from publisher.config import values
from publisher.config.reading import Section
from publisher.model import Language
from subscribers.consent import Abroad, ConsentPolicy, Texts
from subscribers.notices import NoticePolicy, Silence


def read_subscribers(section: Section, languages: Collection[Language]) -> tuple[ConsentPolicy, NoticePolicy]:
    """`subscribers`: of its keys in `consent` one is about asking again, the others about being asked."""
    section.later("bounces", "rules for bounces")
    consent = section.section("consent")
    silence = consent.value("silence", values.state_of(Silence), Silence.KEEP)
    return _consent(consent, languages), NoticePolicy(silence=silence)


def _consent(section: Section, languages: Collection[Language]) -> ConsentPolicy:
    """A text that is there and empty stays so: then there is no form, and `check` says why."""
    return ConsentPolicy(
        purpose=_texts(section, "purpose", languages),
        items=_texts(section, "items", languages),
        retention=_texts(section, "retention", languages),
        refusal=_texts(section, "refusal", languages),
        advertising=_texts(section, "advertising", languages),
        abroad=_abroad(section.section("abroad"), languages),
    )


def _texts(section: Section, name: str, languages: Collection[Language]) -> Texts | None:
    texts = section.texts(name, languages)
    return texts if section.has(name) else None


def _abroad(section: Section, languages: Collection[Language]) -> Abroad:
    return Abroad(
        firm=section.value("firm", values.line, ""),
        country=section.texts("country", languages),
        purpose=section.texts("purpose", languages),
        period=section.texts("period", languages),
    )
