"""A board that starts on a fixed evening, and a visitor who asks it for pages."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

import pytest

from publisher.demo.board import Board
from publisher.demo.posts import KOREA, content
from publisher.demo.server import Request, Response, answer

from . import ORIGIN, SESSION

Visit: TypeAlias = Callable[..., Response]


@pytest.fixture
def start() -> datetime:
    return datetime(2026, 3, 2, 21, 0, tzinfo=KOREA)


@pytest.fixture
def board(start: datetime) -> Board:
    return Board(content(start), lambda: start)


@pytest.fixture
def visit(board: Board) -> Visit:
    """Asks for an address (with or without its origin); a session and a method may be named."""

    def ask(address: str, *, session: str = SESSION, method: str = "GET") -> Response:
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return answer(board, Request(method=method, path=parts.path, query=query, origin=ORIGIN, session=session))

    return ask
