"""What every test may ask for: a moment, a store, a browser, the recordings of a real board."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import structlog
from playwright.sync_api import Browser, sync_playwright

from publisher.store.database import Database, open_database
from tests.delivery import smtp_server
from tests.mariadb import SERVER, MariaDB, serving

RECORDINGS = os.environ.get("PUBLISHER_RECORDINGS")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")

# A busy machine is no fault of the code: what takes time is measured by `make bench`. `make soak` asks for more.
EXAMPLES = int(os.environ.get("PUBLISHER_TEST_EXAMPLES", "40"))
hypothesis.settings.register_profile("house", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without recordings, the tests that read them are left out, and it is said how many."""
    if RECORDINGS:
        return
    left_out = [item for item in items if item.get_closest_marker("recorded")]
    items[:] = [item for item in items if not item.get_closest_marker("recorded")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)


def pytest_report_header() -> str:
    if RECORDINGS:
        return "recordings: read"
    return "recordings: PUBLISHER_RECORDINGS is not set; tests marked 'recorded' are deselected"


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder with what a real board rendered."""
    assert RECORDINGS, "a test that asks for recordings is marked `recorded`"
    folder = Path(RECORDINGS)
    assert (folder / "facts.json").is_file(), f"PUBLISHER_RECORDINGS: no facts.json in {folder}"
    return folder


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that was run in this process has set what is logged: not for the next test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(params=["one by one", "in groups"])
def each_road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of speaking to an SMTP server, by turns; gives the name."""
    extensions = smtp_server.IN_GROUPS if request.param == "in groups" else smtp_server.ONE_BY_ONE
    monkeypatch.setattr(smtp_server, "EXTENSIONS", extensions)
    return str(request.param)


@pytest.fixture
def noon() -> datetime:
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables and nothing in them. Made once: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "publisher.db"

    async def make() -> None:
        await (await open_database(f"sqlite:///{path}")).close()

    asyncio.run(make())
    return path


@pytest.fixture
async def db(tmp_path: Path, empty_store: Path) -> AsyncIterator[Database]:
    """An empty store of its own."""
    database = await open_database(f"sqlite:///{shutil.copy(empty_store, tmp_path)}")
    yield database
    await database.close()


@pytest.fixture(scope="module")  # Playwright's loop must not be running when an async test begins
def browser() -> Iterator[Browser]:
    """Chromium, for modules of plain functions. Where it is missing the test is skipped, but in CI it fails."""
    if CHROMIUM is None:
        reason = "Chromium is not installed; on Debian and Ubuntu: apt install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB. Where it is missing the test is skipped, but in CI it fails."""
    if SERVER is None:
        reason = "MariaDB is not installed; on Debian and Ubuntu: apt install mariadb-server"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with serving() as server:
        yield server
