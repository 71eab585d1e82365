"""Pages that belong to one reader: never kept, never told to another site, in one language at a time."""

from publisher.address import mask
from publisher.i18n import catalogue
from publisher.model import Language, languages_of, text_in
from publisher.store.audience import Reader
from publisher.web.pages import Head
from publisher.web.visit import Visit

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Vary": "Accept-Language"}


def private_head(visit: Visit, title: str, key: str, here: str) -> Head:
    """
    The head of a page whose first language is the reader's.

    `title` is a sentence of the catalogues, `key` the reader's language key ('':
    whatever the browser asks for), `here` the page's last part, for the switch
    ('': it is an answer, which has no address of its own).
    """
    spoken = spoken_to(visit, key)
    return Head(
        title=catalogue(spoken[0]).gettext(title),
        language=spoken[0],
        spoken=spoken,
        switch=tuple((language, f"{here}?language={language}") for language in visit.site.languages) if here else (),
    )


def spoken_to(visit: Visit, key: str) -> tuple[Language, ...]:
    """What the address asks for first, then the reader's own languages, then the browser's."""
    asked = (visit.asked,) if visit.asked in visit.site.languages else ()
    theirs = (one for one in languages_of(key) if one in visit.site.languages)
    return tuple(dict.fromkeys([*asked, *theirs, *visit.spoken]))


def title_of(visit: Visit, list_name: str, language: Language) -> str:
    """What a list is called; one that is no longer configured is called by its name."""
    mailing_list = visit.app.config.lists.get(list_name)
    return (text_in(mailing_list.titles, language) if mailing_list else "") or list_name


def masked(reader: Reader) -> str:
    return mask(reader.address) if reader.address else ""
