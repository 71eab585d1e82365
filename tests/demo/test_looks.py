"""The board in a real browser: it fits, and it brings nothing from elsewhere."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import uvicorn
from playwright.sync_api import Browser

from publisher.demo.app import board_app
from publisher.demo.posts import content

from . import BOARD

pytestmark = pytest.mark.browser

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Where the board is served, by a thread of its own."""
    app = board_app(content(datetime.now(UTC)), lambda: datetime.now(UTC))
    app.publish_more()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        serving.join()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("page_of", ["", "&page=2", "&wr_id=12", "&wr_id=26", "&wr_id=73", "&wr_id=47", "&wr_id=90"])
def test_a_page_fits_and_stays_at_home(browser: Browser, origin: str, viewport: dict[str, int], page_of: str) -> None:
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{origin}{BOARD}{page_of}")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    assert all(url.startswith(origin) for url in asked)
    assert complaints == []
    context.close()


def test_a_deleted_post_says_so_and_returns_to_the_list(browser: Browser, origin: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    page.goto(f"{origin}{BOARD}&wr_id=4")
    page.wait_for_url(f"{origin}{BOARD}")
    assert said == ["글이 존재하지 않습니다.\n\n글이 삭제되었거나 이동된 경우입니다."]
    context.close()
