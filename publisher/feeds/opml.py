"""OPML 2.0: the list of a site's feeds."""

from collections.abc import Iterable

from lxml import etree

from publisher.feeds.head import home_of
from publisher.model import Feed, Site, text_in


def opml(feeds: Iterable[Feed], site: Site) -> bytes:
    """
    One outline per feed, in the order given. Without a date: the list changes only with the configuration.

    Each points to the RSS form, which is what `type="rss"` promises; a reader
    finds the other formats in there.
    """
    root = etree.Element("opml", version="2.0")
    title = etree.SubElement(etree.SubElement(root, "head"), "title")
    title.text = text_in(site.name, site.languages[0])
    body = etree.SubElement(root, "body")
    for feed in feeds:
        etree.SubElement(body, "outline", _outline(feed, site))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _outline(feed: Feed, site: Site) -> dict[str, str]:
    told = {
        "type": "rss",
        "text": feed.title,
        "title": feed.title,
        "description": feed.description,
        "xmlUrl": site.feed_url(feed.slug, "rss"),
        "htmlUrl": home_of(feed, site),
    }
    return told | ({"language": feed.language} if feed.language else {})
