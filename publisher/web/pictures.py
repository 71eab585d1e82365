"""
Pictures in a body, as links to them.

A page of ours asks nobody but us for anything: a picture fetched from
elsewhere would tell that host who reads what. So a picture is a link, which a
reader may follow.
"""

import re

# The body was written by nh3: attributes are quoted and escaped, names are in lower case.
_TAG = re.compile(r'<(?P<end>/?)(?P<name>a|img)(?P<attributes>(?:\s[a-z]+="[^"]*")*)\s*/?>')
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


def as_links(html: str, label: str) -> str:
    """The harmless HTML with each `img` replaced by a link called `label` (HTML) and the picture's own words."""
    is_in_link = False

    def replaced(tag: re.Match[str]) -> str:
        nonlocal is_in_link
        if tag["name"] == "a":
            is_in_link = not tag["end"]
            return tag[0]
        attributes = dict(_ATTRIBUTE.findall(tag["attributes"]))
        words = ": ".join(filter(None, (label, attributes.get("alt", "").strip())))
        if is_in_link:
            return f'<span class="picture">{words}</span>'
        return f'<a class="picture" rel="nofollow ugc" href="{attributes.get("src", "")}">{words}</a>'

    return _TAG.sub(replaced, html)
