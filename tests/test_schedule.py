"""The clock of a running house: what goes wrong with one archive or list keeps nobody else waiting."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from publisher.app import App, open_app
from publisher.flows.occasion import Decision
from publisher.model import MailingList, Origin, Verdict
from publisher.schedule import Schedule
from publisher.store import entries
from tests.translate.imitation import KEY, imitation, said

CONFIG = """\
site: {name: {ko: 연구소, en: Institute}, url: "https://letters.example", sender: {email: letters@letters.example}}
archives:
  first: {kind: folder, path: ., name: {ko: 가, en: A}}
  second: {kind: folder, path: ., name: {ko: 나, en: B}}
lists:
  daily: {name: {ko: 매일, en: Daily}, archives: [first]}
  weekly: {name: {ko: 주간, en: Weekly}, archives: [second]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


async def test_a_fault_in_one_archive_does_not_keep_the_others_from_being_read(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    async def ingest(_app: App, name: str) -> None:
        read.append(name)
        if name == "first":
            raise RuntimeError("a fault of ours")

    monkeypatch.setattr(App, "ingest", ingest)
    async with open_app(config, {}) as app:
        with capture_logs() as lines:
            await Schedule(app, on_release=lambda: None).read_archives()
    assert read == ["first", "second"]
    assert [(line["event"], line["archive"]) for line in lines] == [("archive not read", "first")]


async def test_a_fault_in_one_list_does_not_keep_the_others_from_their_hour(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keep(_db: object, mailing_list: MailingList, *_: object, **__: object) -> Decision:
        if mailing_list.name == "daily":
            raise RuntimeError("a fault of ours")
        return Decision(verdict=Verdict.SENT, reason="No. 1 to 1 reader")

    monkeypatch.setattr("publisher.flows.occasion.keep", keep)
    woken = []
    async with open_app(config, {}) as app:
        decided = await Schedule(app, on_release=lambda: woken.append(True)).keep_cadences()
    assert [decision.verdict for decision in decided] == [Verdict.SENT]
    assert woken == [True]


async def test_a_fault_in_one_archive_does_not_keep_the_others_from_being_looked_after(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []

    async def look_after(_app: App, name: str) -> int:
        looked.append(name)
        if name == "first":
            raise RuntimeError("a fault of ours")
        return 0

    monkeypatch.setattr(App, "look_after", look_after)
    async with open_app(config, {}) as app:
        with capture_logs():
            await Schedule(app, on_release=lambda: None).look_after_archives()
    assert looked == ["first", "second"]


async def test_the_clock_translates_only_where_it_is_told_to(config: Path) -> None:
    environ = {"PUBLISHER_TRANSLATE__SERVICE": "deepl", "PUBLISHER_TRANSLATE__KEY": "x"}
    for automatic in ("false", "true"):
        async with open_app(config, {**environ, "PUBLISHER_TRANSLATE__AUTOMATIC": automatic}) as app:
            schedule = Schedule(app, on_release=lambda: None)
            tasks = [task for task, _, _ in schedule._tasks()]
            assert (schedule.translate_news in tasks) == (automatic == "true")


@pytest.fixture
def with_news(config: Path) -> Path:
    """A configuration whose archives hold a Korean piece."""
    (config.parent / "spring.md").write_text("# 비무장지대의 봄\n\n산새가 먼저 돌아왔다.", encoding="utf-8")
    config.write_text(CONFIG.replace("path: .,", "path: ., first_read: mail,"), encoding="utf-8")
    return config


async def test_news_is_translated_and_a_service_that_is_down_is_left_alone(with_news: Path) -> None:
    async with imitation() as service:
        environ = {
            "PUBLISHER_TRANSLATE__SERVICE": "deepl",
            "PUBLISHER_TRANSLATE__KEY": KEY,
            "PUBLISHER_TRANSLATE__ENDPOINT": f"http://{service.place}",
            "PUBLISHER_TRANSLATE__ALLOW": service.place,
            "PUBLISHER_TRANSLATE__ARCHIVES": "first",
        }
        async with open_app(with_news, environ) as app:
            await app.ingest("first")
            service.faults = [said({}, 456)]
            schedule = Schedule(app, on_release=lambda: None)
            await schedule.translate_news()
            await schedule.translate_news()
            assert len(service.asked) == 1
            await Schedule(app, on_release=lambda: None).translate_news()
            async with app.db.read() as tx:
                [entry] = await entries.in_public(tx, language="en")
    assert entry.faces["en"].origin is Origin.MACHINE
