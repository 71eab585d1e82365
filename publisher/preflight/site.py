"""Whether readers can open the site that every letter links to."""

from publisher.errors import FetchError
from publisher.i18n import noted
from publisher.net import Fetcher
from publisher.preflight.domains import is_page_for_trying
from publisher.preflight.finding import Colour, Finding

CONFIRM = noted("Open it from a telephone outside; if it answers there, publisher preflight --accept site says so.")


async def site(url: str, fetcher: Fetcher | None) -> Finding:
    """The verdict on `site.url`. Without a fetcher, nothing is asked."""
    if is_page_for_trying(url):
        return _site(
            Colour.YELLOW,
            url,
            noted("site.url is %(url)s: readers outside cannot open the links, and cannot unsubscribe."),
            noted("For trying things out that is right; for readers, put in the address that they reach."),
        )
    if not url.startswith("https://"):
        return _site(
            Colour.RED,
            url,
            noted("site.url is %(url)s, without https: mailboxes do not unsubscribe with one click there."),
            noted("Serve the pages by https, with a proxy in front, and change site.url."),
        )
    if fetcher is None:
        return _site(Colour.YELLOW, url, noted("Nobody asked whether %(url)s answers."), CONFIRM)
    try:
        page = await fetcher.get(f"{url}/healthz", max_bytes=1024)
    except FetchError as error:
        what = noted("%(url)s does not answer from here (%(reason)s).")
        return _site(Colour.YELLOW, url, what, CONFIRM, reason=error.reason)
    if page.status != 200 or page.content.strip() != b"ok":
        what = noted("What answers at %(url)s is not this program (%(reason)s).")
        return _site(Colour.YELLOW, url, what, CONFIRM, reason=page.status)
    return _site(Colour.GREEN, url, noted("%(url)s answers."))


def _site(colour: Colour, url: str, what: str, cure: str = "", **values: object) -> Finding:
    return Finding(
        check="site", colour=colour, what=what, cure=cure, where=url, subject=url, values={"url": url, **values}
    )
