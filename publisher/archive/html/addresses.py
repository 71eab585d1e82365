"""
How a post's address makes its key, and whether it is a post of this site at all.

A number is the best key: it outlives a move to https, to another host, to
another form of the list. It is taken only where nothing else in the address
could tell two posts apart, since one number may stand for two posts of two
boards. Everything that only says which page of the list a reader came from is
left out of address and key.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from publisher.archive.keys import source_key
from publisher.markup import absolute


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTERS = frozenset(
    _names(
        "page p pg cpage paged pageid pageidx pageindex page_no pageno page_num pagenum pagenumber currentpage "
        "cur_page curpage nowpage gotopage offset startpage start_page list_count listcount rowsperpage"
    )
)
"""Parameters (in small letters) that only say which page of a list is meant."""

_SEARCHES = frozenset(
    _names(
        "search_target search_keyword searchkeyword searchtype searchcondition searchtxt search_text keyword kw sfl "
        "stx sst sod spt sca order_type sort_index phpsessid jsessionid sid fbclid gclid"
    )
)
_NUMBERS = _names(
    "document_srl wr_id uid no num idx seq id nttid ntt_id articleno article_no article_id articleid post_id postid "
    "bbsidx bbs_idx bbs_seq board_seq boardseq boardno board_idx boardidx b_idx bidx bno b_no b_num uno cid nid pid "
    "sno srl seqno seq_no dataid data_id contentid content_id newsid news_id n_idx view vid"
)
_NEUTRAL = frozenset({"mod", "mode", "act", "cmd", "do", "action", "m", "type"})
_NUMBER = re.compile(r"0*([1-9][0-9]{0,14})", re.ASCII)
_VIEWS = frozenset(
    _names("view read show detail article document doc post posts board list index entry content node archives item b")
)
_FILE = re.compile(r"\.\w{2,5}$")


@dataclass(frozen=True, kw_only=True)
class Address:
    """A post's address without what only tells where a reader came from, and the key it makes."""

    url: str
    key: str


def post_at(href: str, base: str, listing: str) -> Address | None:
    """The post that a link on the list at `listing` leads to; None for what leads to no page of the web."""
    whole = absolute(href, base)
    if not whole.startswith(("http://", "https://")) or href.strip().startswith("#"):
        return None
    url = _plain(whole)
    if url == _plain(listing):
        return None
    number = _number(url, listing)
    parts = urlsplit(url)
    place = f"url:{_host(parts.hostname)}{f':{parts.port}' if parts.port else ''}{parts.path or '/'}"
    key = source_key((number or (f"{place}?{parts.query}" if parts.query else place),), {})
    return Address(url=url, key=key)


def is_same_site(url: str, hosts: Iterable[str]) -> bool:
    """Whether an address is on one of the hosts (`host` of an address), `www.` apart."""
    return host(url) in hosts


def host(url: str) -> str:
    try:
        return _host(urlsplit(url).hostname)
    except ValueError:
        return ""


def page_of(listing: str, parameter: str, number: int) -> str:
    """The list's address at this page, by the parameter that counts its pages."""
    parts = urlsplit(listing)
    others = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] != parameter]
    return urlunsplit(parts._replace(query="&".join([*others, f"{parameter}={number}"]), fragment=""))


def _host(name: str | None) -> str:
    return (name or "").lower().removeprefix("www.")


def _plain(url: str) -> str:
    """Without fragment, page counters, words searched for; byte for byte otherwise: old sites write EUC-KR in them."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and not _is_passing(*pair.partition("=")[::2])]
    return urlunsplit(parts._replace(query="&".join(kept), fragment=""))


def _is_passing(name: str, value: str) -> bool:
    name = name.lower()
    counts = name in COUNTERS and (not value or value.isdecimal())
    return counts or name in _SEARCHES or name.startswith("utm_")


def _number(url: str, listing: str) -> str | None:
    """The post's number, if the rest of the address says nothing that the list's own address does not say, too."""
    post, of = urlsplit(url), urlsplit(_plain(listing))
    if _host(post.hostname) != _host(of.hostname):
        return None
    return _number_in_query(post.query, post.path, of.query, of.path) or _number_in_path(
        post.query, post.path, of.query, of.path
    )


def _number_in_query(query: str, path: str, of_query: str, of_path: str) -> str | None:
    pairs, listed = _pairs(query), _pairs(of_query)
    numbers = {name.lower(): (name, value) for name, value in pairs.items() if _NUMBER.fullmatch(value)}
    chosen = next((numbers[name] for name in _NUMBERS if name in numbers), None)
    if not chosen or listed.get(chosen[0]) == chosen[1] or _folder(path) != _folder(of_path):
        return None
    rest = {name: value for name, value in pairs.items() if name != chosen[0]}
    found = _NUMBER.fullmatch(chosen[1])
    return found[1] if found and _adds_nothing(rest, listed) else None


def _number_in_path(query: str, path: str, of_query: str, of_path: str) -> str | None:
    *before, last = [part for part in path.split("/") if part] or [""]
    found = _NUMBER.fullmatch(_FILE.sub("", last))
    if not found or not _adds_nothing(_pairs(query), _pairs(of_query)):
        return None
    if before and before[-1].lower() in _VIEWS:
        before = before[:-1]
    of = [_FILE.sub("", part) for part in of_path.split("/") if part]
    return found[1] if before in (of, of[:-1]) else None


def _pairs(query: str) -> dict[str, str]:
    return dict(pair.partition("=")[::2] for pair in query.split("&") if pair)


def _adds_nothing(said: dict[str, str], listed: dict[str, str]) -> bool:
    return all(listed.get(name) == value or name.lower() in _NEUTRAL for name, value in said.items())


def _folder(path: str) -> str:
    """`/board/view.php` and `/board/list.php` lie together, and so do `/board` and `/board/`."""
    return path.rpartition("/")[0] if _FILE.search(path) else path.rstrip("/")
