"""
A Gnuboard 6 site on this machine that answers as its own source says its API does.

An imitation made from that source (`api/v1`: the routes of boards and groups,
their models, the sentences of their refusals): not tried against a real one.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from publisher.archive.source import DatabasePolicy
from publisher.errors import SourceError
from tests.archive.boardroom import Reading
from tests.archive.site import NOW, Answer, Site, policy_of, read, site

Said = dict[str, Any]


def write(number: int, **more: Any) -> Said:
    """A post as the API gives it, one day later for each number."""
    return {
        "wr_id": number,
        "wr_num": -number,
        "wr_reply": "",
        "wr_subject": f"다리 위의 겨울 {number}",
        "wr_name": "한나루",
        "mb_id": "naru",
        "wr_datetime": f"2025-10-{number:02}T09:40:12",
        "wr_email": "",
        "wr_content": f"<p>두 마을이 다리 {number}을 놓았다.</p>",
        "wr_link1": "",
        "wr_link2": "",
        "wr_comment": 0,
        "wr_hit": 7,
        "wr_ip": "127.♡.0.1",
        "wr_option": "html1",
        "images": [],
        "normal_files": [],
        "comments": [],
        **more,
    }


@dataclass
class Six:
    """The invented site; three posts stand on a page of its list."""

    place: Site
    writes: list[Said] = field(default_factory=list)
    board: Said = field(
        default_factory=lambda: {"bo_table": "news", "gr_id": "open", "bo_list_level": 1, "bo_read_level": 1}
    )
    group: Answer = field(default_factory=lambda: told({"group": {"gr_id": "open", "gr_use_access": 0}, "boards": []}))
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> Answer:
        parts = urlsplit(path)
        if parts.path == "/api/v1/groups/open/boards":
            return self.group
        if parts.path == "/api/v1/boards/news/writes":
            first = (int(parse_qs(parts.query)["page"][0]) - 1) * 3
            ordered = sorted(self.writes, key=lambda said: str(said["wr_datetime"]), reverse=True)
            content = {"categories": [], "board": self.board, "writes": ordered[first : first + 3]}
            return told({**content, "total_count": len(ordered), "current_page": 1, "prev_spt": None, "next_spt": None})
        number = parts.path.removeprefix("/api/v1/boards/news/writes/")
        said = next((said for said in self.writes if str(said["wr_id"]) == number), None)
        if said is None:
            return refused(404, "존재하지 않는 게시글(댓글)입니다.")
        return refused(403, "비밀글 입니다.") if "secret" in said["wr_option"] else told(said)

    async def read(self, before: Reading | None = None, *, days: float = 0, **more: object) -> Reading:
        six = self

        class Pages(dict[str, Answer]):
            def get(self, path: str, default: object = None) -> Answer:  # type: ignore[override]  # as the site asks it
                return six.answer(path)

        self.place.pages = Pages()  # type: ignore[assignment]  # it answers like one
        try:
            policy = policy_of("gnuboard6", self.place.url("/board/news"), **more)
            return await read(policy, self.place.place, before, NOW + timedelta(days=days))
        finally:
            self.asked = self.place.paths


def told(content: object, status: int = 200) -> Answer:
    return Answer(json.dumps(content).encode(), status, {"Content-Type": "application/json"})


def refused(status: int, detail: str) -> Answer:
    return told({"detail": detail}, status)


@pytest.fixture
async def six() -> AsyncIterator[Six]:
    async with site() as place:
        yield Six(place, [write(number) for number in range(1, 9)])


async def test_a_post_is_read_whole(six: Six) -> None:
    files = {
        "images": [{"bf_source": "겨울.jpg", "bf_filesize": 10, "bf_file": "data/file/news/ab cd.jpg"}],
        "normal_files": [{"bf_source": "보고서.hwp", "bf_filesize": 2048, "bf_file": "data/file/news/x.hwp"}],
    }
    six.writes = [
        write(3, wr_option="", wr_content="첫 줄\n둘째 줄", wr_link1="press.example/3", ca_name="칼럼", **files)
    ]
    (item,) = (await six.read()).items.values()
    assert (item.source_key, item.title, item.author, item.categories) == ("3", "다리 위의 겨울 3", "한나루", ("칼럼",))
    assert item.url == six.place.url("/board/news/3")
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-10-03T09:40:12+09:00"
    assert item.links == ("http://press.example/3",)
    assert [(file.name, file.url, file.needs_session) for file in item.attachments] == [
        ("겨울.jpg", six.place.url("/data/file/news/ab%20cd.jpg"), False),
        ("보고서.hwp", item.url, True),
    ]
    assert item.faces["ko"].html == "첫 줄<br>둘째 줄"


async def test_the_first_read_goes_to_the_end_and_a_second_asks_twice(six: Six) -> None:
    first = await six.read()
    assert (len(first.items), first.is_sweep, first.expected) == (8, True, 8)
    assert not [path for path in six.asked if path.startswith("/api/v1/boards/news/writes/")]  # no counter moves
    second = await six.read(first)
    assert second.items == {}
    assert len(six.asked) == 2


async def test_news_and_edits_near_the_top_are_read_at_once_and_the_others_once_a_day(six: Six) -> None:
    first = await six.read()
    six.writes += [write(9), write(10)]
    six.writes[6] = write(7, wr_subject="고친 제목")
    six.writes[0] = write(1, wr_subject="고친 옛 제목")
    second = await six.read(first)
    assert set(second.items) == {"9", "10", "7"}
    assert list((await six.read(second, days=1.5)).items) == ["1"]


async def test_a_secret_post_is_passed_over_and_one_that_became_secret_is_told(six: Six) -> None:
    six.writes.append(write(9, wr_option="html1,secret", wr_subject="비밀", wr_content="비밀 본문"))
    first = await six.read()
    assert first.skipped == {"9": "secret"}
    six.writes[7] = write(8, wr_option="secret", wr_content="비밀 본문")
    second = await six.read(first)
    assert (second.gone, second.items) == ({"8": "secret"}, {})


async def test_a_post_of_which_nobody_says_that_it_is_open_is_passed_over(six: Six) -> None:
    first = await six.read()
    for said in six.writes:
        said["wr_option"] = None
    second = await six.read(first)
    assert (second.gone, set(second.skipped.values())) == ({}, {"unreadable"})


@pytest.mark.parametrize("level", [2, None, "1"])
async def test_a_board_that_guests_may_not_read_gives_no_text(six: Six, level: object) -> None:
    six.board["bo_read_level"] = level
    reading = await six.read()
    assert (reading.items, set(reading.skipped.values())) == ({}, {"members only"})


async def test_a_group_with_a_door_gives_no_text(six: Six) -> None:
    six.group = told({"group": {"gr_id": "open", "gr_use_access": 1}})
    assert (await six.read()).items == {}


async def test_where_the_door_cannot_be_seen_the_software_is_asked(six: Six) -> None:
    six.group = refused(404, "존재하지 않는 게시판그룹입니다.")
    assert len((await six.read()).items) == 8
    assert six.asked[2] == "/api/v1/boards/news/writes/8"
    original = six.answer
    closed = refused(403, "글을 읽을 권한이 없습니다.")
    six.answer = lambda path: closed if "/writes/" in path else original(path)  # type: ignore[method-assign]
    assert (await six.read()).items == {}


async def test_notices_are_known_where_the_site_tells_them(six: Six) -> None:
    six.board["bo_notice"] = "2, 3"
    items = (await six.read()).items
    assert [key for key, item in items.items() if item.is_notice] == ["3", "2"]


async def test_a_deletion_is_told_with_proof_only(six: Six) -> None:
    first = await six.read()
    del six.writes[3]
    assert (await six.read(first)).gone == {}
    assert (await six.read(first, days=1.5)).gone == {"4": "deleted"}
    original = six.answer
    broken = refused(404, "API 사용이 불가능합니다.")
    six.answer = lambda path: broken if "/writes/" in path else original(path)  # type: ignore[method-assign]
    assert (await six.read(first, days=1.5)).gone == {}


async def test_a_post_whose_address_is_broken_proves_nothing_and_stops_no_sweep(six: Six) -> None:
    first = await six.read()
    del six.writes[3], six.writes[2]
    original = six.answer
    six.answer = lambda path: Answer(b"", 500) if path.endswith("/writes/3") else original(path)  # type: ignore[method-assign]
    second = await six.read(first, days=1.5)
    assert (second.gone, second.is_sweep) == ({"4": "deleted"}, True)


async def test_nothing_is_gone_while_no_post_can_be_read(six: Six) -> None:
    first = await six.read()
    del six.writes[3]
    original = six.answer
    lost = refused(404, "존재하지 않는 게시글(댓글)입니다.")
    six.answer = lambda path: lost if "/writes/" in path else original(path)  # type: ignore[method-assign]
    third = await six.read(first, days=1.5)
    assert (third.gone, third.remarks) == ({}, ["suspicious"])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refused(404, "API 사용이 불가능합니다."), "api off"),
        (refused(404, "존재하지 않는 게시판입니다."), "board missing"),
        (refused(403, "목록을 볼 권한이 없습니다."), "closed"),
        (Answer(b"<html>", 404), "api off"),
        (Answer(b"<html>"), "not gnuboard 6"),
        (told([1, 2]), "not gnuboard 6"),
        (told({"board": {}, "writes": {}}), "not gnuboard 6"),
        (Answer(b"[" * 100_000), "not gnuboard 6"),
        (told({}, 500), "unreachable"),
        (told({"board": {"bo_list_level": 1}, "writes": [], "total_count": 8}), "suspicious"),
    ],
)
async def test_what_is_no_list_is_said_to_be_none(six: Six, answer: Answer, reason: str) -> None:
    first = await six.read()
    six.answer = lambda path: answer  # type: ignore[method-assign]
    with pytest.raises(SourceError) as caught:
        await six.read(first)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "member", ["wr_subject", "wr_content", "wr_name", "wr_datetime", "wr_link1", "images", "ca_name"]
)
@pytest.mark.parametrize("value", [None, 7, [], {"a": 1}, "\ud83d", "x" * 100_000])
async def test_any_member_may_be_of_any_kind(six: Six, member: str, value: object) -> None:
    six.writes = [write(2, **{member: value}), write(1)]
    assert "1" in (await six.read()).items


async def test_with_a_database_the_api_is_not_asked(six: Six) -> None:
    policy = DatabasePolicy(name="hanbit", user="letters", port=1, prefix="g6_")
    with pytest.raises(SourceError) as caught:
        await six.read(database=policy)
    assert caught.value.reason in {"database down", "driver missing"}
    assert six.asked == []
