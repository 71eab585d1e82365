"""
The environment over the file: `PUBLISHER_DELIVERY__SMTP__PASSWORD` is `delivery.smtp.password`.

Two underscores stand between levels, and upper or lower case does not matter.
A variable with single underscores only is none of ours (PUBLISHER_CONFIG,
PUBLISHER_CLOCK, or what Kubernetes sets beside a service called `publisher`).
"""

from collections.abc import Mapping

from publisher.config.reading import Reading
from publisher.config.tree import Branch, Leaf, Node, Place, overlay

PREFIX = "PUBLISHER_"
BETWEEN_LEVELS = "__"
SECTIONS = ("site", "store", "archives", "feeds", "lists", "delivery", "subscribers", "web", "translate")


def overlaid(root: Node, environ: Mapping[str, str], reading: Reading) -> Node:
    """The tree with every variable's value in its place; an empty variable is as good as `null`."""
    if isinstance(root, Leaf) and root.text is None:
        root = Branch(place=root.place)
    seen: dict[str, str] = {}
    for variable in sorted(environ):
        place = Place(file=variable)
        key = variable.upper().removeprefix(PREFIX)
        if not variable.upper().startswith(PREFIX) or not _is_key(key, place, reading):
            continue
        if key in seen:
            reading.wrong(place, "", f"given as {seen[key]} as well; keep one of the two")
        elif not _is_text(environ[variable]):
            reading.wrong(place, "", "expected text in UTF-8")
        elif isinstance(root, Branch):
            root = overlay(root, key.lower().split(BETWEEN_LEVELS), Leaf(place=place, text=environ[variable] or None))
        seen[key] = variable
    return root


def _is_key(key: str, place: Place, reading: Reading) -> bool:
    if BETWEEN_LEVELS in key:
        return True
    if key.lower().split("_")[0] in SECTIONS:
        example = "PUBLISHER_DELIVERY__SMTP__PASSWORD"
        reading.remark(place, "", f"has no effect; levels are joined by two underscores, as in {example}")
    return False


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # bytes that are not UTF-8 arrive as lone surrogates
        return False
    return True
