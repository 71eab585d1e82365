"""
A WordPress site on this machine that answers as the REST API handbook says.

An imitation made from the vendors' documents (WordPress 6, Polylang, WPML):
not tried against the real ones.
"""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.archive.source import Found, Skipped
from publisher.archive.wordpress.places import places, post_at
from publisher.archive.wordpress.posts import Post, read_post
from publisher.errors import SourceError
from publisher.model import MISSED, RETRACTED
from tests.archive.boardroom import Reading
from tests.archive.site import NOW, Answer, Site, policy_of, read, site

Said = dict[str, Any]


def post(number: int, **more: Any) -> Said:
    """A post as the API gives it with `_embed`, one day later for each number."""
    moment = f"2025-10-{number:02}T09:40:00"
    return {
        "id": number,
        "date": moment.replace("09:", "18:"),
        "date_gmt": moment,
        "modified_gmt": moment,
        "status": "publish",
        "link": f"https://naru.example/{number}/",
        "title": {"rendered": f"다리 위의 겨울 {number} &#8211; 둘"},
        "content": {"rendered": f"<p>두 마을이 다리 {number}을 놓았다.</p>", "protected": False},
        "excerpt": {"rendered": "", "protected": False},
        "sticky": False,
        **more,
    }


def answering(
    wordpress: Site, posts: list[Said], at_address: Mapping[int, int] | None = None, *, claims: int | None = None
) -> None:
    """
    Let the site answer any page of the list, as WordPress counts them, and for each post alone.

    `at_address` is what a post that guests may not see answers (404 else); `claims` is how many it says there are.
    """

    class Pages(dict[str, Answer]):
        def get(self, path: str, default: Any = None) -> Any:
            parts = urlsplit(path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path.endswith("/wp-json/wp/v2/posts"):
                return self.listed(query)
            return self.alone(int(parts.path.rpartition("/")[2])) if "/wp/v2/posts/" in parts.path else default

        def listed(self, query: Mapping[str, str]) -> Answer:
            key = {"date": "date_gmt", "modified": "modified_gmt", "id": "id"}[query.get("orderby", "date")]
            ordered = sorted(posts, key=lambda said: (said[key], said["id"]), reverse=query["order"] == "desc")
            wanted = query.get("include", "").split(",")
            shown = [said for said in ordered if wanted == [""] or str(said["id"]) in wanted]
            size, page = int(query["per_page"]), int(query.get("page", 1))
            if page > 1 and (page - 1) * size >= len(shown):
                return Answer(b'{"code": "rest_post_invalid_page_number"}', 400)
            pages = {"X-WP-Total": str(claims or len(shown)), "X-WP-TotalPages": str(-(-len(shown) // size))}
            return Answer(json.dumps(shown[(page - 1) * size : page * size]).encode(), headers=pages)

        def alone(self, number: int) -> Answer:
            status = (at_address or {}).get(number)
            found = next((said for said in [*posts, *MANY] if said["id"] == number), None)
            if status == 200 or (status is None and found in posts):
                return Answer(json.dumps(found).encode())
            code = "rest_forbidden" if status in {401, 403} else "rest_post_invalid_id"
            return Answer(json.dumps({"code": code}).encode(), status or 404)

    wordpress.pages = Pages()


@pytest.fixture
async def wordpress() -> AsyncIterator[Site]:
    async with site() as made:
        yield made


async def read_site(wordpress: Site, posts: list[Said], before: Reading | None = None) -> Reading:
    answering(wordpress, posts)
    return await read(policy_of("wordpress", wordpress.url("/")), wordpress.place, before)


async def test_a_post_is_read_whole(wordpress: Site) -> None:
    body = (
        "<p>두 마을이 다리를 놓았다. <a href='/wp-content/uploads/2025/10/%EB%B3%B4%EA%B3%A0.pdf'>보고</a>"
        "<a href='https://other.example/x.pdf'>x</a><script>x()</script></p>"
    )
    embedded = {
        "author": [{"id": 1, "name": "한나루"}],
        "wp:term": [
            [{"taxonomy": "category", "name": "칼럼 &amp; 논평"}],
            [{"taxonomy": "post_tag", "name": "다리"}],
        ],
        "wp:featuredmedia": [
            {"media_type": "image", "source_url": "https://naru.example/up/bridge.jpg", "alt_text": 'A "bridge"'}
        ],
    }
    said = post(5, _embedded=embedded, content={"rendered": body, "protected": False}, sticky=True)
    (item,) = (await read_site(wordpress, [said])).items.values()
    assert (item.source_key, item.title, item.author) == ("5", "다리 위의 겨울 5 – 둘", "한나루")
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-10-05T18:40:00+09:00"
    assert (item.categories, item.url, item.is_notice) == (("칼럼 & 논평",), "https://naru.example/5/", True)
    assert [(file.name, file.url) for file in item.attachments] == [
        ("보고.pdf", "https://naru.example/wp-content/uploads/2025/10/%EB%B3%B4%EA%B3%A0.pdf")
    ]
    html = item.faces["ko"].html
    assert 'src="https://naru.example/up/bridge.jpg"' in html
    assert "script" not in html


async def test_a_picture_that_the_text_shows_in_another_size_is_not_shown_twice(wordpress: Site) -> None:
    media = [{"media_type": "image", "source_url": "https://naru.example/up/bridge.jpg"}]
    body = "<p>text <img src='https://naru.example/up/bridge-300x200.jpg'></p>"
    said = post(5, _embedded={"wp:featuredmedia": media}, content={"rendered": body})
    (item,) = (await read_site(wordpress, [said])).items.values()
    assert item.faces[item.language].html.count("<img") == 1


@pytest.mark.parametrize(
    ("field", "language"), [({"lang": "en"}, "en"), ({"wpml_current_locale": "ko_KR"}, "ko"), ({"lang": ["x"]}, "ko")]
)
async def test_the_language_is_the_plugins(wordpress: Site, field: Said, language: str) -> None:
    (item,) = (await read_site(wordpress, [post(5, **field)])).items.values()
    assert item.language == language


async def test_both_languages_of_a_text_are_pieces_of_their_own(wordpress: Site) -> None:
    both = {"ko": 5, "en": 6}
    reading = await read_site(wordpress, [post(5, lang="ko", translations=both), post(6, lang="en", translations=both)])
    assert {key: item.language for key, item in reading.items.items()} == {"5": "ko", "6": "en"}


@pytest.mark.parametrize(
    "closed",
    [
        {"content": {"rendered": "", "protected": True}},
        {"excerpt": {"rendered": "", "protected": True}},
        {"status": "private"},
        {"status": "draft"},
        {"password": "x"},
    ],
)
async def test_what_guests_may_not_read_is_passed_over_title_and_all(wordpress: Site, closed: Said) -> None:
    said = post(5, link="https://naru.example/secret-plans/", **closed)
    answering(wordpress, [said])
    assert await _skipped(said) == ("5", "secret", "https://naru.example/?p=5")
    assert (await read_site(wordpress, [said])).skipped == {"5": "secret"}


async def _skipped(said: Said) -> tuple[str, str, str]:
    event = read_post(Post(key=str(said["id"]), said=said), "https://naru.example", NOW)
    assert isinstance(event, Skipped)
    return event.source_key, event.reason, event.url


# ── Pages and orders ─────────────────────────────────────────────────────────


async def test_all_pages_are_read_at_first_newest_first(wordpress: Site) -> None:
    many = [post(1 + number % 28, id=number + 1) for number in range(45)]
    reading = await read_site(wordpress, many)
    assert (len(reading.items), reading.expected) == (45, 45)
    assert len(wordpress.paths) == 3


async def test_an_unchanged_site_costs_two_requests(wordpress: Site) -> None:
    many = [post(1 + number % 28, id=number + 1) for number in range(45)] + [post(28, id=99, status="private")]
    before = await read_site(wordpress, many)
    wordpress.asked.clear()
    after = await read_site(wordpress, many, before)
    assert (after.items, len(wordpress.paths), after.cursor) == ({}, 2, before.cursor)


async def test_an_old_post_that_was_edited_is_found(wordpress: Site) -> None:
    many = [post(1 + number % 28, id=number + 1) for number in range(45)]
    before = await read_site(wordpress, many)
    many[0] = many[0] | {"modified_gmt": "2025-11-20T00:00:00", "content": {"rendered": "<p>허물었다.</p>"}}
    assert list((await read_site(wordpress, many, before)).items) == ["1"]


async def test_a_post_that_was_planned_ahead_is_found(wordpress: Site) -> None:
    many = [post(1 + number % 28, id=number + 1) for number in range(45)]
    before = await read_site(wordpress, many)
    planned = post(1, id=100, date_gmt="2025-11-20T00:00:00")
    assert list((await read_site(wordpress, [*many, planned], before)).items) == ["100"]


async def test_a_date_of_change_that_lies_ahead_hides_no_later_edit(wordpress: Site) -> None:
    many = [post(1 + number % 28, id=number + 1) for number in range(45)]
    many[7] = many[7] | {"modified_gmt": "9999-01-01T00:00:00"}
    before = await read_site(wordpress, many)
    assert before.cursor["changed"] == "2025-12-01T00:00:00"


async def test_a_site_that_shows_nothing_any_more_is_not_believed(wordpress: Site) -> None:
    before = await read_site(wordpress, [post(5)])
    with pytest.raises(SourceError) as caught:
        await read_site(wordpress, [], before)
    assert caught.value.reason == "suspicious"


async def test_a_total_of_pages_that_is_a_lie_ends_with_the_posts(wordpress: Site) -> None:
    headers = {"X-WP-TotalPages": "999999999", "X-WP-Total": "x"}
    start = places(wordpress.url("/"))[1]

    class Lying(dict[str, Answer]):
        def get(self, path: str, default: Any = None) -> Any:
            return Answer(json.dumps([post(5)] if "page=1&" in path else []).encode(), headers=headers)

    wordpress.pages = Lying()
    reading = await read(policy_of("wordpress", start), wordpress.place)
    assert list(reading.items) == ["5"]
    assert len(wordpress.paths) == 2


@pytest.mark.parametrize(
    ("url", "posts"),
    [
        ("https://x.example", "https://x.example/wp-json/wp/v2/posts"),
        ("https://x.example/blog/", "https://x.example/blog/wp-json/wp/v2/posts"),
        ("https://x.example/?categories=3&lang=ko", "https://x.example/wp-json/wp/v2/posts?categories=3&lang=ko"),
        ("https://x.example/wp-json/wp/v2/posts?tags=1", "https://x.example/wp-json/wp/v2/posts?tags=1"),
        ("https://x.example/?rest_route=/wp/v2/posts", "https://x.example/?rest_route=/wp/v2/posts"),
    ],
)
def test_the_address_may_be_the_sites_or_the_apis(url: str, posts: str) -> None:
    assert places(url)[1].rstrip("?") == posts


# ── Gone ─────────────────────────────────────────────────────────────────────

TOMORROW = NOW + timedelta(days=1, minutes=1)
MANY = [post(1 + number % 28, id=number + 1) for number in range(45)]


def without(*numbers: int, posts: list[Said] = MANY) -> list[Said]:
    return [said for said in posts if said["id"] not in numbers]


async def day_after(
    wordpress: Site, posts: list[Said], at_address: Mapping[int, int] | None = None, **changes: Any
) -> Reading:
    """What is read a day after all of `MANY` were; `at_address` is what the address of a post answers."""
    before = await read_site(wordpress, MANY)
    before.known.update(changes.get("known", {}))
    answering(wordpress, posts, at_address or {})
    wordpress.asked.clear()
    return await read(
        policy_of("wordpress", wordpress.url(changes.get("path", "/"))), wordpress.place, before, TOMORROW
    )


@pytest.mark.parametrize(("status", "why"), [(404, "deleted"), (410, "deleted"), (401, "secret"), (403, "secret")])
async def test_a_post_that_is_missing_is_gone_as_its_address_says(wordpress: Site, status: int, why: str) -> None:
    reading = await day_after(wordpress, without(7), {7: status})
    assert reading.gone == {"7": why}


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_post_whose_address_is_broken_proves_nothing_and_stops_no_sweep(wordpress: Site, status: int) -> None:
    reading = await day_after(wordpress, without(7, 8), {7: status, 8: 404})
    assert (reading.gone, reading.is_sweep) == ({"8": "deleted"}, True)


async def test_nothing_is_looked_for_within_a_day(wordpress: Site) -> None:
    before = await read_site(wordpress, MANY)
    answering(wordpress, without(7), {7: 404})
    reading = await read(policy_of("wordpress", wordpress.url("/")), wordpress.place, before, NOW + timedelta(hours=23))
    assert (reading.gone, reading.is_sweep) == ({}, False)


async def test_a_sweep_asks_for_numbers_by_the_hundred(wordpress: Site) -> None:
    reading = await day_after(wordpress, MANY)
    assert (reading.gone, reading.is_sweep, len(wordpress.asked)) == ({}, True, 3)
    assert "_fields=id,status" in wordpress.paths[-1]


async def test_a_post_that_only_left_the_category_stands(wordpress: Site) -> None:
    assert (await day_after(wordpress, without(7), {7: 200}, path="/?categories=3")).gone == {}


async def test_an_api_that_answers_for_no_single_post_is_not_believed(wordpress: Site) -> None:
    reading = await day_after(wordpress, without(7), dict.fromkeys(range(100), 404))
    assert (reading.gone, reading.remarks) == ({}, ["suspicious"])


async def test_a_list_that_is_shorter_than_it_claims_is_not_believed(wordpress: Site) -> None:
    before = await read_site(wordpress, MANY)
    answering(wordpress, without(*range(1, 30)), dict.fromkeys(range(1, 30), 404), claims=45)
    reading = await read(policy_of("wordpress", wordpress.url("/")), wordpress.place, before, TOMORROW)
    assert (reading.gone, reading.remarks) == ({}, ["suspicious"])


@pytest.mark.parametrize("closed", [{"content": {"rendered": "", "protected": True}}, {"status": "private"}])
async def test_a_password_set_since_takes_the_post_away(wordpress: Site, closed: Said) -> None:
    posts = [said | (closed if said["id"] == 7 else {}) for said in MANY]
    assert (await day_after(wordpress, posts)).gone == {"7": "secret"}


async def test_a_password_is_seen_at_once_when_the_time_of_change_tells_it(wordpress: Site) -> None:
    before = await read_site(wordpress, MANY)
    closed = {"modified_gmt": "2025-11-20T00:00:00", "content": {"rendered": "", "protected": True}}
    answering(wordpress, [said | (closed if said["id"] == 7 else {}) for said in MANY])
    reading = await read(policy_of("wordpress", wordpress.url("/")), wordpress.place, before)
    assert (reading.gone, reading.skipped) == ({"7": "secret"}, {"7": "secret"})


@pytest.mark.parametrize("lost", [MISSED, RETRACTED])
async def test_a_post_that_stands_again_is_read_anew(wordpress: Site, lost: str) -> None:
    reading = await day_after(wordpress, MANY, known={"7": lost})
    assert list(reading.items) == ["7"]


async def test_what_was_taken_away_is_not_told_again(wordpress: Site) -> None:
    assert (await day_after(wordpress, without(7), {7: 404}, known={"7": RETRACTED})).gone == {}


async def test_a_site_without_permalinks_is_asked_for_one_post_in_its_query() -> None:
    route = places("https://x.example/?rest_route=/wp/v2/posts&lang=ko")[1]
    assert post_at(route, "7", _fields="id") == "https://x.example/?rest_route=/wp/v2/posts/7&_fields=id"
    assert (
        post_at("https://x.example/wp-json/wp/v2/posts?categories=3", "7") == "https://x.example/wp-json/wp/v2/posts/7"
    )


# ── Versions ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ({"translations": {"ko": 5, "en": 6}}, ("6",)),
        ({"polylang_translations": [{"locale": "en", "id": 6}]}, ("6",)),
        (
            {"wpml_translations": [{"locale": "en_US", "id": 6, "href": "https://naru.example/en/6/"}]},
            ("6", "https://naru.example/en/6/"),
        ),
        ({"translations": ["6"], "wpml_translations": [6, {"id": True}], "polylang_translations": {"id": 6}}, ()),
    ],
)
async def test_the_other_versions_are_those_that_the_plugin_names(
    wordpress: Site, field: Said, named: tuple[str, ...]
) -> None:
    (item,) = (await read_site(wordpress, [post(5, **field)])).items.values()
    assert item.counterparts == named


# ── Hostile ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"code": "rest_disabled"}', b"[" * 100_000, b"\xff", b"7"])
async def test_what_is_no_list_of_posts_is_named(wordpress: Site, content: bytes) -> None:
    class Same(dict[str, Answer]):
        def get(self, path: str, default: Any = None) -> Any:
            return Answer(content)

    wordpress.pages = Same()
    with pytest.raises(SourceError) as caught:
        await read(policy_of("wordpress", wordpress.url("/")), wordpress.place)
    assert caught.value.reason == "not wordpress"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rendered", "author", "name"]), inner),
)
_MEMBERS = [
    "translations",
    "wpml_translations",
    "date",
    "date_gmt",
    "modified_gmt",
    "link",
    "title",
    "content",
    "_embedded",
    "lang",
    "sticky",
]


@settings(deadline=None)  # the first one loads the parsers
@given(st.dictionaries(st.sampled_from(_MEMBERS), _JSON))
def test_any_member_may_be_of_the_wrong_shape(said: Said) -> None:
    wrong = Post(key="1", said=said)
    assert isinstance(wrong.changed, str)
    assert isinstance(read_post(wrong, "https://naru.example", NOW), Found | Skipped)
