"""What every list of entries promises, and what pages say of themselves to machines."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.app import App
from publisher.feeds.plan import category_slug
from publisher.web.structured import printed
from publisher.web.wide import scrolling
from tests.samples import item
from tests.web.house import PUBLIC, Page, publish, visitor

HOSTILE = "</script><script>alert(1)</script><!-- \" ' & \u2028 {{ 7*7 }} ]]>"


def described(html: str) -> dict[str, Any]:
    """What a page tells machines, by its type."""
    text = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    return {one["@type"]: one for one in json.loads(text)["@graph"]}


async def test_a_category_has_a_page_of_its_own(app: App) -> None:
    await publish(
        app, item(1, categories=("칼럼",)), item(2, categories=("논평", "칼럼")), item(3, categories=("논평",))
    )
    address = f"/ko/archives/director/{category_slug('칼럼')}"
    async with visitor(app) as client:
        page = Page((await client.get(address)).text)
        assert (await client.get(f"{address}?page=2")).status_code == 404
        assert (await client.get("/ko/archives/director/aaaaaaaa")).status_code == 404
        assert (await client.get(f"/ko/archives/papers/{category_slug('칼럼')}")).status_code == 404
    assert len(page.all("article")) == 2
    assert "칼럼" in page.text
    assert f"../../../ko/archives/director/{category_slug('논평')}" in page.links()


async def test_a_long_category_is_told_in_pages(app: App) -> None:
    await publish(app, *(item(key, categories=("Essays & Notes",)) for key in range(1, 26)))
    address = f"/en/archives/director/{category_slug('Essays & Notes')}"
    async with visitor(app) as client:
        first, second = [Page((await client.get(f"{address}?page={number}")).text) for number in (1, 2)]
    assert [len(page.all("article")) for page in (first, second)] == [20, 5]
    assert "(Page 2)" in second.text


async def test_from_the_newest_piece_one_comes_to_the_first_by_links_alone(app: App) -> None:
    ids = await publish(app, *(item(key) for key in range(1, 6)))
    reached = [ids[-1]]
    async with visitor(app) as client:
        while older := Page((await client.get(f"/ko/entries/{reached[-1]}")).text).all("a", rel="next"):
            reached.append(older[0]["href"].rpartition("/")[2])
    assert reached == ids[::-1]


async def test_entries_stand_under_their_months(app: App) -> None:
    old = replace(item(1), published_at=item(1).published_at.replace(month=1))  # type: ignore[union-attr]  # it has one
    await publish(app, old, item(2))
    async with visitor(app) as client:
        page = Page((await client.get("/ko/")).text)
    assert page.text.index("2026년 3월") < page.text.index("2026년 1월")


async def test_a_page_that_has_not_changed_is_not_sent_again(app: App) -> None:
    await publish(app, item(1))
    async with visitor(app) as client:
        first = await client.get("/ko/")
        again = await client.get("/ko/", headers={"If-None-Match": first.headers["etag"]})
        await publish(app, item(2))
        changed = await client.get("/ko/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert changed.status_code == 200


async def test_a_shared_link_shows_the_first_picture_else_the_houses_own(app: App) -> None:
    face = item(1).faces["ko"]
    pictured = replace(item(1), faces={"ko": replace(face, html='<p><img src="https://a.example/우물.jpg"></p>')})
    with_one, without = await publish(app, pictured, item(2))
    async with visitor(app) as client:
        pages = [Page((await client.get(f"/ko/entries/{public_id}")).text) for public_id in (with_one, without)]
        graph = [{one["property"]: one["content"] for one in page.all("meta") if "property" in one} for page in pages]
        own = await client.get(graph[1]["og:image"].removeprefix(PUBLIC))
    assert graph[0]["og:image"] == "https://a.example/%EC%9A%B0%EB%AC%BC.jpg"
    assert "og:image:width" not in graph[0]
    assert own.headers["content-type"] == "image/png"
    assert (int.from_bytes(own.content[16:20]), int.from_bytes(own.content[20:24])) == (1200, 630)


async def test_an_article_is_described_to_machines(app: App) -> None:
    [public_id] = await publish(app, item(1, author="문가람"))
    async with visitor(app) as client:
        told = described((await client.get(f"/ko/entries/{public_id}")).text)
        home = described((await client.get("/en/")).text)
    assert told["Article"]["headline"] == "비무장지대의 봄 1"
    assert told["Article"]["author"]["name"] == "문가람"
    assert told["Article"]["mainEntityOfPage"] == f"{PUBLIC}/ko/entries/{public_id}"
    steps = [step["item"] for step in told["BreadcrumbList"]["itemListElement"]]
    assert steps == [f"{PUBLIC}/ko/", f"{PUBLIC}/ko/archives/director", f"{PUBLIC}/ko/entries/{public_id}"]
    assert home["Organization"]["name"] == "Hanbit Peace Institute"
    assert home["WebSite"]["potentialAction"]["target"].startswith(f"{PUBLIC}/en/search?q=")


async def test_a_hostile_piece_is_harmless_in_everything_a_page_says_of_itself(app: App) -> None:
    face = replace(item(1).faces["ko"], title=HOSTILE, summary=HOSTILE)
    hostile = replace(item(1, author=HOSTILE, categories=(HOSTILE,)), faces={"ko": face})
    [public_id] = await publish(app, hostile, archive="papers")
    slug = category_slug(HOSTILE)
    async with visitor(app) as client:
        for path in ("/ko/", f"/ko/entries/{public_id}", f"/ko/archives/papers/{slug}", "/ko/search?q=alert"):
            html = (await client.get(path)).text
            assert html.count("<script") == len(Page(html).all("script")) <= 2
            assert "alert(1)</script>" not in html
            assert '<!-- "' not in html
            if "ld+json" in html:
                described(html)
        told = described((await client.get(f"/ko/entries/{public_id}")).text)
    assert told["Article"]["headline"] == " ".join(HOSTILE.split())


@given(st.text())
def test_what_machines_are_told_cannot_leave_its_element(text: str) -> None:
    written = printed([{"name": text}])
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written)["@graph"][0]["name"] == text


@pytest.mark.parametrize("path", ["/feeds", "/unsubscribe", "/mailbox"])
async def test_a_page_of_every_language_can_be_turned_round(app: App, path: str) -> None:
    (app.mailbox).mkdir()
    async with visitor(app, mailbox=app.mailbox) as client:
        korean = await client.get(path, headers={"Accept-Language": "ko"})
        english = await client.get(f"{path}?language=en", headers={"Accept-Language": "ko"})
        neither = await client.get(f"{path}?language=xx", headers={"Accept-Language": "ko"})
    assert Page(korean.text).all("html") == Page(neither.text).all("html") == [{"lang": "ko"}]
    assert Page(english.text).all("html") == [{"lang": "en"}]
    assert f".{path}?language=en" in Page(korean.text).links()


@pytest.mark.parametrize(
    ("path", "language"), [("/ko/nothing", "ko"), ("/en/nothing/at/all", "en"), ("/ko/a/b/c", "ko")]
)
async def test_an_unknown_page_speaks_the_language_of_its_address(app: App, path: str, language: str) -> None:
    async with visitor(app) as client:
        for accepted in ("ko", "en"):
            answer = await client.get(path, headers={"Accept-Language": accepted})
            assert (answer.status_code, Page(answer.text).all("html")) == (404, [{"lang": language}])


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<table><td><table></table></td></table>", "▸<table><td><table></table></td></table>◂"),
        ('<pre lang="ko">a</pre><p>b</p><table></table>', '▸<pre lang="ko">a</pre>◂<p>b</p>▸<table></table>◂'),
        ("<p>&lt;table&gt; prefix</p>", "<p>&lt;table&gt; prefix</p>"),
    ],
)  # fmt: skip
def test_what_may_be_wide_scrolls_by_itself(html: str, shown: str) -> None:
    box = '<div class="wide" role="group" aria-label="W" tabindex="0">'
    assert scrolling(html, "W") == shown.replace("▸", box).replace("◂", "</div>")
