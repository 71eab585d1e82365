"""Where a WordPress site answers: its posts, one of them, and with what in the query."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_ROUTE = "/wp/v2/posts"


def places(url: str) -> tuple[str, str]:
    """
    The site, and where its posts are asked for.

    The configured address may be the site's, with what narrows it down in the
    query (`?categories=3&lang=ko`), or that of the posts in the API itself.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    before, _, _ = parts.path.partition("/wp-json")
    site = urlunsplit((parts.scheme, parts.netloc, before.rstrip("/"), "", ""))
    if "rest_route" in query:  # a site without permalinks has its API there
        return site, f"{site}/?{urlencode(query, safe='/')}"
    return site, f"{site}/wp-json{_ROUTE}?{urlencode(query)}"


def post_at(route: str, key: str, **query: str) -> str:
    """Where one post is asked for; what narrows the list down is left out, since the post may have left it."""
    parts = urlsplit(route)
    said = dict(parse_qsl(parts.query))
    if "rest_route" in said:
        one = {"rest_route": f"{said['rest_route'].rstrip('/')}/{key}", **query}
        return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(one, safe=",/"), ""))
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{key}", urlencode(query, safe=","), ""))


def with_query(address: str, **more: str) -> str:
    """The same address with more, or other, in its query."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **more}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query, safe=",:/"), ""))
