import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publisher.app import App, open_app
from publisher.store.database import open_database
from tests.web.house import configured


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables and nothing in them: made once, since most tests here want one."""
    path = tmp_path_factory.mktemp("store") / "publisher.db"

    async def make() -> None:
        database = await open_database(f"sqlite:///{path}")
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def app(tmp_path: Path, empty_store: Path) -> AsyncIterator[App]:
    """An open house with an empty store."""
    (tmp_path / "var").mkdir()
    shutil.copyfile(empty_store, tmp_path / "var" / "publisher.db")
    async with open_app(configured(tmp_path), {}) as app:
        yield app
