"""The clock of a running house: what goes wrong with one archive or list keeps nobody else waiting."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from publisher.app import App, open_app
from publisher.flows.occasion import Decision
from publisher.model import MailingList, Verdict
from publisher.schedule import Schedule

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
