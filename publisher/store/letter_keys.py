"""Which letter of an edition the reader of a subscription gets, as SQL."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, case, exists, or_

from publisher.model import LetterKey, Missing
from publisher.store.tables import letters, subscriptions


def letter_key(usual: Missing | None) -> ColumnElement[str]:
    """
    The reader's languages, and their own wish where it makes another letter than `usual`, the list's setting.

    Whoever reads two languages lacks nothing, so only a reader of one has a
    wish. With None every wish counts as another.
    """
    languages, wish = subscriptions.c.languages, subscriptions.c.missing
    has_no_wish = or_(wish.is_(None), wish == usual, languages.contains("+"))
    return case((has_no_wish, languages), else_=languages.concat(":").concat(wish))


def frozen_key(edition_id: int, empty: Collection[LetterKey]) -> ColumnElement[str]:
    """
    The same for whoever comes to an edition after its release.

    No letter is set for them: where none was made as they wish, they get the
    list's. `empty` are those that were to be made, and nothing was left in them.
    """
    wished = letter_key(None)
    return case((or_(has_letter(edition_id, wished), wished.in_(empty)), wished), else_=subscriptions.c.languages)


def has_letter(edition_id: int, key: ColumnElement[str]) -> ColumnElement[bool]:
    """A letter of this key is frozen with the edition."""
    return exists().where(letters.c.edition_id == edition_id, letters.c.language_key == key)
