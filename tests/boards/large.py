"""
A board of any size, drawn on paper and served on this machine.

    with LargeBoard(10_000).serving() as site:
        policy = ArchivePolicy(…, url=site.url, allow=(site.place,))

`python -m tests.boards.large COUNT` serves one in a process of its own and
prints its place.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.boards.paper import ROOT, PaperBoard, PaperPost, post

EMPTY = 10  # one post in so many has neither title nor text
_SIDEBAR = "".join(f"<li><a href='/bbs/content.php?co_id=page{number}'>소개 {number}</a></li>" for number in range(150))


class LargeBoard(PaperBoard):
    """Posts 1 to `count`, in an order that is made once: its posts are not to be changed but by `edit`."""

    def __init__(self, count: int) -> None:
        super().__init__(self._posts(count))
        self._order = super()._ordered()

    @staticmethod
    def _posts(count: int) -> Iterator[PaperPost]:
        for number in range(1, count + 1):
            month, day = 1 + number * 12 // (count + 1), 1 + number % 28
            written = f"2024-{month:02}-{day:02} 09:{number % 60:02}:{number // 60 % 60:02}"
            is_empty = number % EMPTY == 0
            yield post(number, written=written, **({"title": "", "body": ""} if is_empty else {}))

    def _ordered(self) -> list[PaperPost]:
        return self._order

    @contextmanager
    def serving(self) -> Iterator["Served"]:
        """The board at a free port."""
        served = Served(board=self, server=ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler))
        served.server.RequestHandlerClass = _handler_for(served)
        served.server.daemon_threads = True
        Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield served
        finally:
            served.server.shutdown()
            served.server.server_close()


@dataclass
class Served:
    """A board that is being served; `board.asked` lists what was asked for."""

    board: LargeBoard
    server: ThreadingHTTPServer

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        return url_at(self.place)

    def answer(self, target: str) -> bytes:
        self.board.asked.append(target)
        page = self.board._answer(target).replace(ROOT, f"http://{self.place}")
        around = "" if page.startswith("<rss") else f"<aside><ul>{_SIDEBAR}</ul></aside>"
        return f"{page}{around}".encode()


def url_at(place: str) -> str:
    return f"http://{place}/bbs/board.php?bo_table=director"


def _handler_for(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def do_GET(self) -> None:
            content = served.answer(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Tests read `asked` instead."""

    return Handler


def main(count: str) -> None:
    """Serve until standard input is closed."""
    with LargeBoard(int(count)).serving() as served:
        print(served.place, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
