"""Does a page belong to a WordPress site whose REST API can be found (`rel="https://api.w.org/"`)?"""

import json
import re
from urllib.parse import urljoin, urlsplit

from publisher.archive.charset import decoded
from publisher.archive.sighting import Sighting, Sightings
from publisher.archive.tree import tree_of
from publisher.markup import fold
from publisher.net import Page

_RELATION = "https://api.w.org/"
_IN_HEADER = re.compile(r'<([^<>]{1,500})>\s*;\s*rel="?https://api\.w\.org/"?')


def recognise(page: Page) -> Sightings:
    """The site, by the API that its pages name in their header or head; or the API itself."""
    if title := _told_by_api(page):
        return Sightings(here=Sighting(kind="wordpress", url=_site(page.url), title=title))
    named = _IN_HEADER.search(page.headers.get("link", ""))
    tree = tree_of(decoded(page.content, content_type=page.headers.get("content-type", "")))
    link = tree.css_first(f'link[rel="{_RELATION}"]')
    api = named[1] if named else (link.attributes.get("href") or "") if link else ""
    if not api:
        return Sightings()
    heading = tree.css_first("title")
    title = fold(heading.text()) if heading else ""
    return Sightings(linked=(Sighting(kind="wordpress", url=_site(urljoin(page.url, api)), title=title),))


def _told_by_api(page: Page) -> str:
    """The site's name where the answer is the API's own front page; '' for anything else."""
    try:
        said = json.loads(page.content)
    except (ValueError, RecursionError):
        return ""
    is_api = isinstance(said, dict) and "wp/v2" in (said.get("namespaces") or ())
    return fold(str(said.get("name") or "WordPress")) if is_api else ""


def _site(api: str) -> str:
    """The site of an API's address; one without permalinks has its posts behind a query."""
    parts = urlsplit(api)
    before = parts.path.partition("/wp-json")[0].rstrip("/")
    plain = f"{parts.scheme}://{parts.netloc}{before}"
    return f"{plain}/?rest_route=/wp/v2/posts" if "rest_route" in parts.query else plain
