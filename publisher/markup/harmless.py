"""
Strangers' HTML made harmless.

The tree is put in order first, where whole elements can be judged: hidden
text, tracking pictures, links that lead nowhere. Last, so that nothing comes
after it, stands an allow-list of our own (nh3).
"""

import html as entities
import re
from urllib.parse import SplitResult, urljoin, urlsplit

import nh3
from selectolax.lexbor import LexborNode

from publisher.markup.plain import INVISIBLE
from publisher.markup.reading import print_tree
from publisher.markup.tree import LONGEST, NO_TEXT, NOT_XML, is_hidden, names, parse, style_of, walk

_TAGS = names(
    "p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tfoot tr td th blockquote figure figcaption pre "
    "hr div a img br em strong b i u s del ins mark small sub sup code kbd q cite abbr ruby rt rp span"
)
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_VALUES = {
    "dir": re.compile("ltr|rtl|auto"),
    "lang": re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"),
    "scope": re.compile("row|col|rowgroup|colgroup"),
    **dict.fromkeys(("width", "height", "colspan", "rowspan", "start"), re.compile("[0-9]{1,4}")),
}
_WEB = frozenset({"http", "https"})
_SCHEMES = _WEB | {"mailto", "tel"}

_DEEPEST = 256  # nh3's time grows with the square of the depth
_PASSES = 5


def clean(html: str, base_url: str = "") -> str:
    """
    A harmless fragment of the same text; never raises, and cleaning it again changes nothing.

    Kept are text, its structure, links and pictures. Gone are styles, classes,
    scripts, forms, frames, hidden text and tracking pictures. Addresses are
    absolute: resolved against `base_url` (dropped where that is impossible),
    and https where `base_url` is https on the same host.
    """
    html = html[:LONGEST]
    for _ in range(_PASSES):
        cleaned = _clean_once(html, base_url)
        if cleaned == html:
            return cleaned
        html = cleaned
    # Markup that reads differently each time it is parsed is built to deceive somebody: keep its words only.
    return _paragraphs(print_tree(parse(html)))


def images_in(html: str) -> list[tuple[str, str]]:
    """Address and alt text of each picture meant to be seen that has a whole address, in order and once."""
    found: dict[str, str] = {}
    for node in parse(html[:LONGEST]).css("img"):
        address = absolute(node.attributes.get("src") or "", "")
        parts = urlsplit(address)
        if parts.scheme in _WEB and not is_hidden(node) and not _is_tracker(node, parts):
            found.setdefault(address, node.attributes.get("alt") or "")
    return list(found.items())


def first_image(html: str) -> str | None:
    """The address of the first of them."""
    return next((address for address, _ in images_in(html)), None)


def _clean_once(html: str, base_url: str) -> str:
    body = parse(html)
    if _is_too_deep(body):
        return _paragraphs(print_tree(body))
    # From the end, so that what stands inside an element is handled before the element goes.
    for node in reversed(body.css("*")):
        _put_in_order(node, base_url)
    cleaned = NOT_XML.sub("", _CLEANER.clean(body.inner_html or ""))
    # A parser drops one line feed after <pre>, a writer adds none: without this each pass would lose one.
    return re.sub(r"(<pre[^>]*>)\n+", r"\1", cleaned).strip()


def _is_too_deep(root: LexborNode) -> bool:
    depth = 0
    for _, entering in walk(root):
        depth += 1 if entering else -1
        if depth > _DEEPEST:
            return True
    return False


def _put_in_order(node: LexborNode, base_url: str) -> None:
    if node.tag in NO_TEXT or is_hidden(node) or (node.tag == "img" and not _keep_picture(node, base_url)):
        node.decompose()
    elif node.tag == "a":
        _keep_link(node, base_url)
    elif node.tag == "span" and not {"lang", "dir"} & set(node.attributes):
        node.unwrap()


def _keep_picture(node: LexborNode, base_url: str) -> bool:
    address = absolute(node.attributes.get("src") or "", base_url)
    parts = urlsplit(address)
    if parts.scheme not in _WEB or _is_tracker(node, parts):
        return False
    node.attrs["src"] = address
    return True


def _keep_link(node: LexborNode, base_url: str) -> None:
    address = absolute(node.attributes.get("href") or "", base_url)
    if address:
        node.attrs["href"] = address
    else:
        node.unwrap()


def _kept_attribute(_tag: str, name: str, value: str) -> str | None:
    allowed = _VALUES.get(name)
    return value if allowed is None or allowed.fullmatch(value) else None


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(NO_TEXT),
    attributes=_ATTRIBUTES,
    attribute_filter=_kept_attribute,
    url_schemes=set(_SCHEMES),
    url_relative="deny",
    # The words of whoever may write on a board: our name must not recommend what they link to. No target is
    # kept, so `noopener` would protect nothing; the referrer is the pages' own policy. In mail and feeds it is idle.
    link_rel="nofollow ugc",
)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{entities.escape(line, quote=False)}</p>" for line in text.split("\n") if line)


# ── Addresses ────────────────────────────────────────────────────────────────


def absolute(address: str, base_url: str) -> str:
    """
    The address as a browser would understand it on the page `base_url`.

    '' for one that cannot be followed from elsewhere or must not be: other
    schemes than http, https, mailto and tel, no host, no base to resolve with.
    """
    written = INVISIBLE.sub("", re.sub(r"[\t\n\r]", "", address)).strip()
    place = re.split("[?#]", written, maxsplit=1)[0]
    slashed = place.replace("\\", "/") + written[len(place) :]  # as browsers do: `\\host` is a host
    try:
        given, base = urlsplit(slashed), urlsplit(base_url)
        joined = urljoin(base_url, slashed)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if not written or parts.scheme not in _SCHEMES or (given.scheme in _WEB and not given.netloc):
        return ""
    if parts.scheme in _WEB and not parts.hostname:
        return ""
    if parts.scheme == "http" and base.scheme == "https" and parts.netloc == base.netloc:
        joined = "https" + joined[len("http") :]
    return re.sub(r"\s", "%20", joined)


# ── Pictures nobody is to see ────────────────────────────────────────────────

_NO_SIZE = re.compile(r"(?<![a-z-])(?:width|height):[01](?:px)?(?:;|!|$)")
_COUNTING_HOSTS = names(
    "google-analytics.com googletagmanager.com doubleclick.net pixel.wp.com stats.wp.com wcs.naver.net "
    "list-manage.com sendgrid.net scorecardresearch.com quantserve.com"
)
_COUNTING_PATHS = re.compile(r"facebook\.com/tr$|/wf/open$|/track/open|feeds\.feedburner\.com/~r/")


def _is_tracker(node: LexborNode, address: SplitResult) -> bool:
    sizes = {(node.attributes.get(side) or "").strip().removesuffix("px") for side in ("width", "height")}
    host = address.hostname or ""
    parents = {host.split(".", cut)[-1] for cut in range(host.count(".") + 1)}
    return (
        bool(sizes & {"0", "1"})
        or bool(_NO_SIZE.search(style_of(node)))
        or bool(parents & _COUNTING_HOSTS)
        or bool(_COUNTING_PATHS.search(host + address.path))
    )
