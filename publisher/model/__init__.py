"""
The nouns: what the rooms hand to each other.

    languages.py    languages, and texts in several of them
    entries.py      pieces of the archives      site.py          where we stand, and who writes
    lists.py        lists and feeds             editions.py      what a list sends at one time
    letters.py      an edition, frozen          deliveries.py    its copies

All are frozen and keyword-only. Times are aware; languages are BCP 47 strings
(never an enum: a third language must be a matter of configuration). The states
and what moves them are drawn in `docs/architecture.md`.

A new noun goes into the file of its subject and is named here: the other rooms
import from `publisher.model`.
"""

from publisher.model.deliveries import Account, DeliveryKind, DeliveryStatus, Facts
from publisher.model.editions import FIRST_DAY, Correction, Edition, EditionStatus, Told, Verdict, is_numbered
from publisher.model.entries import (
    MISSED,
    MIXED,
    RETRACTED,
    Attachment,
    Citation,
    Entry,
    EntryStatus,
    Face,
    Held,
    Joined,
    JoinedBy,
    Origin,
    SourceItem,
)
from publisher.model.languages import Day, Language, LanguageKey, Texts, languages_of, text_in
from publisher.model.letters import PREHEADER, Letter, LetterKey, Run, Slot, fill, wish_of
from publisher.model.lists import Classification, Design, Feed, Images, ImagesAs, MailingList, Missing, Mode
from publisher.model.site import SENDER_LANGUAGES, Picture, Sender, Site

__all__ = [
    "FIRST_DAY",
    "MISSED",
    "MIXED",
    "PREHEADER",
    "RETRACTED",
    "SENDER_LANGUAGES",
    "Account",
    "Attachment",
    "Citation",
    "Classification",
    "Correction",
    "Day",
    "DeliveryKind",
    "DeliveryStatus",
    "Design",
    "Edition",
    "EditionStatus",
    "Entry",
    "EntryStatus",
    "Face",
    "Facts",
    "Feed",
    "Held",
    "Images",
    "ImagesAs",
    "Joined",
    "JoinedBy",
    "Language",
    "LanguageKey",
    "Letter",
    "LetterKey",
    "MailingList",
    "Missing",
    "Mode",
    "Origin",
    "Picture",
    "Run",
    "Sender",
    "Site",
    "Slot",
    "SourceItem",
    "Texts",
    "Told",
    "Verdict",
    "fill",
    "is_numbered",
    "languages_of",
    "text_in",
    "wish_of",
]
