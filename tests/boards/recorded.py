"""The web server of a recorded board; see the package."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from tests.boards.dump import Dump, Post, read_dump
from tests.boards.skins import SITE, Skin, whole_link

_DUMPS = {"t1": "posts.sql", "t2": "posts_t2.sql", "t3": "posts_t3.sql"}
_TODAY = {"t1": "2025-05-08", "t2": "2025-05-12", "t3": "2026-01-05"}
_LONG_LINK = re.compile(
    re.escape(f"{SITE}/bbs/board.php?bo_table=")
    + r"(\w+)(?:(?:&amp;(?:amp;)?|&)wr_id=(\d+))?"
    + r"((?:(?:&amp;|&)(?:page|sst|sod|sop|sfl|stx|sca)=[^\"&<\s]*)*)(?=[\"<\s])"
)


@dataclass(frozen=True)
class Reply:
    content: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


class RecordedBoard:
    """
    A site with the boards data_son, data_pds, gallery_act, data_memb and data_close.

    `moment` (t1, t2, t3) is when it is read and may be changed while it runs.
    `device` is the skin it shows, whatever is asked for. `rss=False` switches
    the RSS off. `rewrite` is the form of its addresses: 0 long, 1 by number,
    2 by title. `folder` is where it is installed (`/home`). `replies` overrides
    single addresses (path and query as asked); `asked` lists what was requested.
    """

    def __init__(
        self,
        recordings: Path,
        *,
        moment: str = "t1",
        device: str = "pc",
        rss: bool = True,
        rewrite: int = 0,
        folder: str = "",
    ) -> None:
        self.recordings = recordings
        self.moment = moment
        self.device = device
        self.rss = rss
        self.rewrite = rewrite
        self.folder = folder
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []
        self._server: ThreadingHTTPServer | None = None

    # ── The face ─────────────────────────────────────────────────────────────

    def serve(self) -> str:
        """Start answering; returns the address of the board data_son."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self.url

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        self.serve()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def place(self) -> str:
        """`127.0.0.1:PORT`, as `archives.<name>.allow` wants it."""
        assert self._server, "the board is not being served"
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def site(self) -> str:
        return f"http://{self.place}{self.folder}"

    @property
    def url(self) -> str:
        return self.board_url("data_son")

    def board_url(self, table: str) -> str:
        return f"{self.site}/bbs/board.php?bo_table={table}"

    def instead(self, address: str, recorded: str, status: int = 200) -> None:
        """Answer this path and query with another recorded page, such as `variants/db_down.html`."""
        kind = "text/xml" if recorded.endswith(".xml") else "text/html; charset=utf-8"
        content = self._read(recorded)
        self.replies[address] = Reply(content.encode(), status, {"Content-Type": kind})

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """What is asked inside the block."""
        start = len(self.asked)
        asked: list[str] = []
        yield asked
        asked += self.asked[start:]

    # ── Answers ──────────────────────────────────────────────────────────────

    @property
    def dump(self) -> Dump:
        return read_dump(self.recordings / _DUMPS[self.moment])

    def answer(self, target: str) -> Reply:
        """The answer to a path and query, as the real software would give it."""
        self.asked.append(target)
        if target in self.replies:
            return self._moved(self.replies[target])
        parts = urlsplit(target.removeprefix(self.folder))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        query.pop("device", None)
        match parts.path:
            case "/bbs/board.php":
                reply = self._board(query)
            case "/bbs/rss.php":
                reply = self._rss(query.get("bo_table", ""))
            case "/bbs/password.php":
                reply = self._page("t1/secret_password_form.html")
            case "/bbs/link.php":
                reply = self._link(query)
            case "/bbs/download.php":
                reply = self._page("t1/download_no_session.html")
            case path:
                reply = self._short(unquote(path), query)
        return self._moved(reply)

    def _board(self, query: Mapping[str, str]) -> Reply:
        table = query.get("bo_table", "")
        board = self.dump.boards.get(table)
        if board is None:
            return self._page("t1/unknown_board.html")
        if int(board["bo_list_level"]) > 1:
            return self._page("t1/level_list_denied.html")
        recorded = self._recorded("/bbs/board.php", query)
        if "wr_id" not in query:
            if recorded:
                return self._page(recorded)
            page, by_date = int(query.get("page", "1")), query.get("sst") == "wr_datetime"
            return _html(self._skin(table).list_page(page, by_date=by_date))
        if int(board["bo_read_level"]) > 1:
            return self._page("t1/level_view_denied.html")
        number = int(query["wr_id"])
        post = self.dump.post(table, number)
        recorded = recorded or (self._recorded_before(post, query) if post else None)
        if parent := self.dump.parents.get((table, number)):
            return _redirect(f"{SITE}/bbs/board.php?bo_table={table}&wr_id={parent}&#c_{number}")
        if post is None:
            return self._page("t1/deleted.html")
        return self._view(post, recorded)

    def _view(self, post: Post, recorded: str | None) -> Reply:
        if post.is_secret:
            return _redirect(f"{SITE}/bbs/password.php?w=s&bo_table={post.table}&wr_id={post.number}")
        return self._page(recorded) if recorded else _html(self._skin(post.table).view(post))

    def _rss(self, table: str) -> Reply:
        board = self.dump.boards.get(table)
        if board is None:
            return self._page("t1/rss_unknown_board.txt")
        if not self.rss or board["bo_use_rss_view"] == "0":
            return self._page("t1/rss_off.txt")
        if int(board["bo_read_level"]) > 1:
            return self._page("t1/rss_read_level.txt")
        recorded = self._recorded("/bbs/rss.php", {"bo_table": table})
        content = self._read(recorded) if recorded else self._skin(table).rss()
        return Reply(content.encode(), 200, {"Content-Type": "text/xml"})

    def _link(self, query: Mapping[str, str]) -> Reply:
        post = self.dump.post(query["bo_table"], int(query["wr_id"]))
        return _redirect(whole_link(post.row[f"wr_link{query['no']}"])) if post else self._page("t1/deleted.html")

    def _short(self, path: str, query: Mapping[str, str]) -> Reply:
        """`/X`, `/X/N`, `/rss/X` and, in mode 2, `/X/<slug>/`."""
        table, _, rest = path.strip("/").partition("/")
        if table == "rss":
            return self._rss(rest)
        if table not in self.dump.boards or not self.rewrite:
            return self._page("t1/robots_404.html", status=404)
        if not rest:
            return self._board({"bo_table": table, **query})
        if rest.isdecimal() and not path.endswith("/"):
            return self._board({"bo_table": table, "wr_id": rest})
        post = self.dump.by_slug(table, rest) if self.rewrite == 2 and path.endswith("/") else None
        return self._board({"bo_table": table, "wr_id": str(post.number)}) if post else self._page("t1/deleted.html")

    # ── Where pages come from ────────────────────────────────────────────────

    def _skin(self, table: str) -> Skin:
        return Skin(self.recordings / "pages", self.dump, table, self.device, _TODAY[self.moment])

    def _recorded(self, path: str, query: Mapping[str, str]) -> str | None:
        folders = [f"{self.moment}_short_url_{self.rewrite}", self.moment] if self.rewrite else [self.moment]
        found = _recorded_pages(self.recordings)
        wanted = tuple(sorted(query.items()))
        return next((file for folder in folders if (file := found.get((folder, self.device, path, wanted)))), None)

    def _recorded_before(self, post: Post, query: Mapping[str, str]) -> str | None:
        """The page of an earlier moment, where the post has not changed since: none is truer to the software."""
        wanted = tuple(sorted(query.items()))
        for moment in sorted((name for name in _DUMPS if name < self.moment), reverse=True):
            dump = read_dump(self.recordings / _DUMPS[moment])
            was = dump.post(post.table, post.number)
            if was is None or not self._is_as_it_was(post, was, dump):
                return None
            if file := _recorded_pages(self.recordings).get((moment, self.device, "/bbs/board.php", wanted)):
                return file
        return None

    def _is_as_it_was(self, post: Post, was: Post, dump: Dump) -> bool:
        place = (post.table, post.number)
        said = ("wr_subject", "wr_content", "wr_option", "ca_name", "wr_link1", "wr_link2", "wr_name")
        return self.dump.files.get(place) == dump.files.get(place) and all(
            post.row[name] == was.row[name] for name in said
        )

    def _read(self, recorded: str) -> str:
        return (self.recordings / "pages" / recorded).read_bytes().decode("utf-8")

    def _page(self, recorded: str, status: int = 200) -> Reply:
        return _html(self._read(recorded), status)

    def _moved(self, reply: Reply) -> Reply:
        """The reply with the recorded site's address replaced by this server's own, links in this site's form."""
        text = reply.content.decode("utf-8", "surrogateescape")
        if self.rewrite:
            text = _LONG_LINK.sub(self._short_link, text)
        headers = {name: value.replace(SITE, self.site) for name, value in reply.headers.items()}
        text = text.replace(SITE, self.site).replace(SITE.replace("/", "\\/"), self.site.replace("/", "\\/"))
        return Reply(text.encode("utf-8", "surrogateescape"), reply.status, headers)

    def _short_link(self, link: re.Match[str]) -> str:
        table, number = link[1], link[2]
        turned = link[3].replace("&amp;", "?", 1) if "&amp;" in link[3] else link[3].replace("&", "?", 1)
        if not number:
            return f"{SITE}/{table}{turned}"
        post = self.dump.post(table, int(number))
        slug = post.row["wr_seo_title"] if post and self.rewrite == 2 else ""
        return f"{SITE}/{table}/{quote(slug)}/{turned}" if slug else f"{SITE}/{table}/{number}{turned}"


@cache
def _recorded_pages(recordings: Path) -> Mapping[tuple[str, str, str, tuple[tuple[str, str], ...]], str]:
    """(folder, device, path, query) → file, for the pages that were answered with 200."""
    manifest = json.loads((recordings / "pages" / "manifest.json").read_text(encoding="utf-8"))
    pages = {}
    for request in manifest:
        if request["file"] and request["status"] == 200:
            parts = urlsplit(request["url"])
            folder = request["file"].partition("/")[0]
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            path = parts.path
            if folder.startswith("t1_short"):
                path, query = _as_long(path, query)
            pages[folder, request["device"], path, tuple(sorted(query.items()))] = request["file"]
    return pages


def _as_long(path: str, query: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The long address of the few pages recorded under short ones (a list, the seed's view, the RSS)."""
    if path.startswith("/bbs/"):
        return path, query
    if path.startswith("/rss/"):
        return "/bbs/rss.php", {"bo_table": path.removeprefix("/rss/")}
    table, _, rest = path.strip("/").partition("/")
    return "/bbs/board.php", {"bo_table": table, "wr_id": "75"} if rest else {"bo_table": table}


def _html(text: str, status: int = 200) -> Reply:
    return Reply(text.encode("utf-8"), status)


def _redirect(target: str) -> Reply:
    return Reply(b"", 302, {"Content-Type": "text/html; charset=utf-8", "Location": target})


def _handler_for(board: RecordedBoard) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = board.answer(self.path)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.send_header("Set-Cookie", "PHPSESSID=0123456789abcdef; path=/; HttpOnly")
            self.end_headers()
            self.wfile.write(reply.content)

        def log_message(self, *_: object) -> None:
            """Tests read `asked` instead."""

    return Handler
