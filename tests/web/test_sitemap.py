"""What search engines shall know: every address is a page, and every page says the same of itself."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from lxml import etree

from publisher.app import App, open_app
from publisher.web import sitemap
from tests.samples import item
from tests.web.house import PUBLIC, Page, compose, configured, publish, release, visitor

SPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


async def furnish(app: App) -> None:
    ids = await publish(
        app, item(1), item(2, language="en", categories=("칼럼 & 논평", " ")), item(3, language="mixed")
    )
    await publish(app, *(item(key, language="mixed", categories=("Essays",)) for key in range(1, 25)), archive="papers")
    await release(app, await compose(app, *ids))


async def read(client: httpx2.AsyncClient, path: str = "/sitemap.xml") -> etree._Element:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xml"
    return etree.fromstring(answer.content)


def addresses(tree: etree._Element) -> dict[str, dict[str, str]]:
    """Each address with its versions."""
    return {
        str(url.findtext("s:loc", namespaces=SPACES)): {
            str(one.get("hreflang")): str(one.get("href")) for one in url.findall("x:link", SPACES)
        }
        for url in tree.findall("s:url", SPACES)
    }


def said_of(answer: httpx2.Response) -> tuple[str, dict[str, str]]:
    """What a page says of itself: its address and its versions. A letter's frozen bytes say it in a header."""
    if linked := re.match(r'<([^>]+)>; rel="canonical"', answer.headers.get("link", "")):
        return linked[1], {}
    page = Page(answer.text)
    [canonical] = page.all("link", rel="canonical")
    return canonical["href"], {one["hreflang"]: one["href"] for one in page.all("link") if "hreflang" in one}


@pytest.mark.parametrize("url", [PUBLIC, f"{PUBLIC}/letters"])
async def test_every_address_in_it_is_a_page_that_calls_itself_so(tmp_path: Path, url: str) -> None:
    async with open_app(configured(tmp_path, url), {}) as app:
        await furnish(app)
        async with visitor(app, base_url=PUBLIC) as client:
            listed = addresses(await read(client, f"{urlsplit(url).path}/sitemap.xml"))
            pages = {address: await client.get(address) for address in listed}
    assert len(listed) > 60
    for address, answer in pages.items():
        assert answer.status_code == 200, address
        canonical, versions = said_of(answer)
        assert canonical == address
        if "/editions/" not in address and not address.endswith("/feeds"):
            assert versions == listed[address] or len(versions) == 1


async def test_versions_point_at_each_other(app: App) -> None:
    await furnish(app)
    async with visitor(app) as client:
        listed = addresses(await read(client))
    for address, versions in listed.items():
        own = [url for language, url in versions.items() if language != "x-default"]
        assert not versions or address in own
        for other in own:
            assert listed[other] == versions, other


async def test_a_date_is_when_the_text_was_last_seen_to_change(app: App) -> None:
    await furnish(app)
    async with visitor(app) as client:
        tree = await read(client)
    dates = set(tree.xpath("//s:lastmod/text()", namespaces=SPACES))
    assert dates == {"2026-03-02T12:00:00Z"}


async def test_a_large_archive_is_told_in_parts(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "_ENTRIES_IN_A_PART", 10)
    await furnish(app)
    async with visitor(app) as client:
        parts = (await read(client)).xpath("//s:loc/text()", namespaces=SPACES)
        assert parts == [f"{PUBLIC}/sitemap/{number}.xml" for number in (1, 2, 3)]
        told = [addresses(await read(client, urlsplit(str(part)).path)) for part in parts]
        missing = [(await client.get(f"/sitemap/{number}.xml")).status_code for number in (0, 4, 99_999_999, "x")]
    assert missing == [404, 404, 404, 404]
    assert sum("/entries/" in address for part in told for address in part) == 2 * 24 + 2 + 2
    assert f"{PUBLIC}/ko/" in told[0]


async def test_an_empty_house_has_a_sitemap(app: App) -> None:
    async with visitor(app) as client:
        assert f"{PUBLIC}/ko/" in addresses(await read(client))
