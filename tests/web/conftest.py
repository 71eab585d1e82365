import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publisher.app import App, open_app
from tests.web.house import configured


@pytest.fixture
async def app(tmp_path: Path, empty_store: Path) -> AsyncIterator[App]:
    """An open house with an empty store."""
    (tmp_path / "var").mkdir()
    shutil.copyfile(empty_store, tmp_path / "var" / "publisher.db")
    async with open_app(configured(tmp_path), {}) as app:
        yield app
