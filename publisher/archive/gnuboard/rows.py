"""The rows of a board's tables, as far as they concern us."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """
    What the settings say of a board: its posts as it counts them, its notices
    in their order, and whether a guest may see the list and read the posts.
    """

    counted: int
    notices: tuple[str, ...]
    shows_list: bool
    shows_posts: bool


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file of a post: the name it was given, and the one it lies under in the site's folder."""

    number: int
    shown: str
    stored: str
    size: int
    is_image: bool


@dataclass(frozen=True, kw_only=True)
class StoredPost:
    """A post's row, its texts mended. `written` is `YYYY-MM-DD HH:MM:SS`, all noughts for none."""

    number: int
    subject: str
    content: str
    option: str
    category: str
    links: tuple[str, ...]
    author: str
    written: str
