"""Does a page of no known software show a list that selectors can describe?"""

from publisher.archive.charset import decoded
from publisher.archive.html.propose import propose
from publisher.archive.sighting import Sighting, Sightings
from publisher.archive.tree import tree_of
from publisher.markup import fold
from publisher.net import Page


def recognise(page: Page) -> Sightings:
    """The list on the page, with the selectors that read it. Asked last: whatever has a format of its own is surer."""
    text = decoded(page.content, content_type=page.headers.get("content-type", ""))
    selectors = propose(text, page.url)
    if selectors is None:
        return Sightings()
    heading = tree_of(text).css_first("title")
    title = fold(heading.text()) if heading else ""
    return Sightings(here=Sighting(kind="html", url=page.url, title=title, settings={"select": selectors}))
