"""Which letter of an edition the reader of a subscription gets, as SQL."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, case, or_

from publisher.model import LetterKey, Missing
from publisher.store.tables import subscriptions


def letter_key(usual: Missing) -> ColumnElement[str]:
    """
    The reader's languages, and their own wish where it makes another letter than `usual`, the list's setting.

    Whoever reads two languages lacks nothing: only a reader of one has a wish.
    """
    return case((or_(_has_no_wish(), subscriptions.c.missing == usual), subscriptions.c.languages), else_=_wished())


def late_key(made: Collection[LetterKey]) -> ColumnElement[str]:
    """
    The same for whoever comes to an edition after its release, when no further letter is set.

    `made` are the keys that were thought of then. Where theirs is not among them they get the list's letter.
    """
    return case((or_(_has_no_wish(), _wished().not_in(made)), subscriptions.c.languages), else_=_wished())


def _has_no_wish() -> ColumnElement[bool]:
    return or_(subscriptions.c.missing.is_(None), subscriptions.c.languages.contains("+"))


def _wished() -> ColumnElement[str]:
    return subscriptions.c.languages.concat(":").concat(subscriptions.c.missing)
