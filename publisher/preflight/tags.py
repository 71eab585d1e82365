"""Lists of `tag=value` as DKIM and DMARC write them into the name system (RFC 6376 section 3.2)."""

import re

_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*([^;]*)")


def tags(text: str) -> dict[str, str] | None:
    """The tags in lower case with their values, or None for what is no such list. Of a doubled tag, nothing holds."""
    found: dict[str, str] = {}
    for one in text.split(";"):
        if not one.strip():
            continue
        tag = _TAG.fullmatch(one)
        if tag is None or tag[1].lower() in found:
            return None
        found[tag[1].lower()] = tag[2].strip()
    return found
