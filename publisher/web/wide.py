"""What may be wider than a phone, in a box of its own that scrolls, by a finger and by the keyboard."""

import re

# The body was written by nh3: every element is closed, names are in lower case.
_TAG = re.compile(r"<(?P<end>/?)(?:table|pre)(?=[\s>])[^>]*>")


def scrolling(html: str, label: str) -> str:
    """The harmless HTML with each outermost `table` and `pre` in a box, which is called `label` (HTML)."""
    depth = 0

    def boxed(tag: re.Match[str]) -> str:
        nonlocal depth
        depth += -1 if tag["end"] else 1
        if tag["end"]:
            return f"{tag[0]}</div>" if depth == 0 else tag[0]
        return f'<div class="wide" role="group" aria-label="{label}" tabindex="0">{tag[0]}' if depth == 1 else tag[0]

    return _TAG.sub(boxed, html)
