"""
Addresses in running text.

People type an address and go on in Korean without a space, and old software
makes all of it a link: closing brackets, quotation marks and particles become
part of the address. Here they are told apart.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

_LONGEST = 1000  # characters: longer ones are no addresses, and would cost time to take apart
_ADDRESS = re.compile(rf"(?:https?://|(?<![\w@./-])www\.)[^\s<>]{{1,{_LONGEST}}}", re.IGNORECASE)
_NEVER_INSIDE = re.compile(r"[\s<>\"“”‘’「」『』《》〈〉…]")
_NOTE_IN_BRACKETS = re.compile(r"[(（](?=[가-힣])")
_PUNCTUATION = ".,;:!?·'，。、*"
_PAIRS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【"}
_LONGEST_PARTICLE = 3
_PARTICLE = re.compile(
    r"(?<=[!-~])(?:에서는|에서도|에서|에게|으로|로|를|을|은|는|이다|입니다|이|가|의|에|와|과|도|만|까지|부터|라고|참조|참고)$"
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """An address and where it stands in the text; `address` has a scheme even if the text gave none."""

    start: int
    end: int
    address: str


def find_addresses(text: str) -> list[Found]:
    """Every web address in a plain text, in order, without what is glued to it."""
    found = []
    for match in _ADDRESS.finditer(text):
        typed, _ = split_tail(match.group())
        address = with_scheme(typed)
        if host_of(address):
            found.append(Found(start=match.start(), end=match.start() + len(typed), address=address))
    return found


def without_addresses(text: str) -> str:
    """The text with its addresses left out."""
    pieces, end = [], 0
    for found in find_addresses(text):
        pieces.append(text[end : found.start])
        end = found.end
    return "".join([*pieces, text[end:]])


def split_tail(typed: str) -> tuple[str, str]:
    """An address as it was typed → the address itself, and what was only glued to it."""
    address = typed[:_LONGEST]
    if stop := _NEVER_INSIDE.search(address):
        address = address[: stop.start()]
    note = _NOTE_IN_BRACKETS.search(address)
    if note and address[: note.start()].isascii():
        address = address[: note.start()]
    while (shorter := _shorter(address)) != address:
        address = shorter
    return address, typed[len(address) :]


def _shorter(address: str) -> str:
    address = address.rstrip(_PUNCTUATION)
    last = address[-1:]
    if last in _PAIRS and address.count(last) > address.count(_PAIRS[last]):
        return address[:-1]
    particle = _PARTICLE.search(address, max(0, len(address) - _LONGEST_PARTICLE - 1))
    return address[: particle.start()] if particle else address


def with_scheme(address: str) -> str:
    """`www.a.example/1` → `http://www.a.example/1`, as browsers and Gnuboard read it."""
    return address if re.match(r"https?://", address, re.IGNORECASE) else f"http://{address}"


def host_of(address: str) -> str:
    """The host in lower case without `www.`, or '' for what is no web address."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    is_web = parts.scheme.lower() in {"http", "https"}
    return host if is_web and "." in host.strip(".") else ""


def first_outside(addresses: Iterable[str], own_hosts: Collection[str]) -> str | None:
    """The first address that leads away from the archive's own site, by whichever names it has."""
    return next((address for address in addresses if host_of(address) not in {"", *own_hosts}), None)
