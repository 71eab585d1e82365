"""What belongs together among domain names, and which of them are only for trying things out."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from publisher.markup.tree import names
from publisher.net import is_public

# RFC 2606, 6761, 6762, and what home networks use: nobody outside can own or reach these.
_FOR_TRYING = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "lan", "home"})
_MADE_UP = frozenset({"example", "test", "invalid"})
_EXAMPLES = frozenset({"example.com", "example.net", "example.org"})
# Under a country's top level these are no organisation but a class of them. The whole list
# (publicsuffix.org) changes weekly; what is missing here can only make two houses look like one.
_CLASSES = names("ac co com edu es go gov hs kg mil ms ne net nom or org pe re sc")


def is_for_trying(host: str) -> bool:
    """Whether a host name is one that no reader could reach: reserved, of one label, or a private address."""
    name = host.lower().rstrip(".")
    if is_numeric(name):
        return not is_public(name.strip("[]"))
    return "." not in name or name.rpartition(".")[2] in _FOR_TRYING or organisation(name) in _EXAMPLES


def is_numeric(host: str) -> bool:
    """Whether a host is named by its address."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_page_for_trying(url: str) -> bool:
    """Likewise for a web address."""
    return is_for_trying(urlsplit(url).hostname or "localhost")


def is_made_up(url: str) -> bool:
    """Whether an address is under a name that is reserved for examples: no question about it has an answer."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host.rpartition(".")[2] in _MADE_UP or organisation(host) in _EXAMPLES


def organisation(domain: str) -> str:
    """The domain that somebody registered: `letters.hanbit.example` → `hanbit.example`."""
    labels = domain.lower().rstrip(".").split(".")
    is_class = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _CLASSES
    return ".".join(labels[-3 if is_class else -2 :])


def are_aligned(one: str, other: str, *, strictly: bool = False) -> bool:
    """Whether DMARC (RFC 7489 section 3.1) takes two domains for the same sender."""
    first, second = one.lower().rstrip("."), other.lower().rstrip(".")
    return first == second or (not strictly and organisation(first) == organisation(second))
