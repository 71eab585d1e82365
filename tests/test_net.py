"""Guarded HTTP, against small real servers on this machine."""

import asyncio
import gzip
import shutil
import ssl
import subprocess
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from publisher.errors import FetchError
from publisher.net import Fetcher, is_public, user_agent

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers each path with prepared bytes, and keeps what it was asked."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.place}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(request)
            answer = self.answers.get(request.split(" ")[1], page(b"", status="404 Not Found"))
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the visitor left
        finally:
            writer.close()

    def header(self, name: str, number: int = -1) -> str | None:
        """A header of a request, by its lower-cased name."""
        pairs = (line.partition(": ") for line in self.asked[number].split("\r\n"))
        return next((value for key, _, value in pairs if key.lower() == name), None)


def page(content: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def redirect(target: str, *headers: str) -> bytes:
    return page(b"", f"Location: {target}", *headers, status="302 Found")


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server()
    running = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = running.sockets[0].getsockname()[1]
    async with running:
        yield server


@pytest.fixture
async def board() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


def names(**hosts: Sequence[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A name server that knows these hosts (with `_` for `.`) and numbers."""

    async def resolve(host: str, _port: int) -> Sequence[str]:
        return hosts.get(host.replace(".", "_"), [host])

    return resolve


async def refusal(fetcher: Fetcher, url: str, **options: int) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, **options)  # type: ignore[arg-type]  # max_bytes only
    return caught.value


# ── Plain reading ────────────────────────────────────────────────────────────


async def test_a_page_comes_with_its_address_status_and_lower_cased_headers(board: Server) -> None:
    board.answers["/bbs/"] = page("게시판".encode(), "Content-Type: text/html; charset=utf-8", "X-A: 1", "X-A: 2")
    async with Fetcher(allow=(board.place,)) as fetcher:
        found = await fetcher.get(board.url("/bbs/#top"))
    assert (found.url, found.status, found.content.decode()) == (board.url("/bbs/"), 200, "게시판")
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert found.headers["x-a"] == "1, 2"


async def test_an_error_status_is_an_answer(board: Server) -> None:
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await fetcher.get(board.url("/none"))).status == 404


async def test_a_visitor_says_who_it_is_and_whom_to_ask(board: Server) -> None:
    async with Fetcher(allow=(board.place,), contact="mailto:desk@nara.example") as fetcher:
        await fetcher.get(board.url("/"), headers={"If-None-Match": '"1"'})
    assert board.header("user-agent") == user_agent("mailto:desk@nara.example")
    assert board.header("if-none-match") == '"1"'
    assert board.header("host") == board.place
    # A board that finds one of these words serves its pages for telephones.
    assert not {"phone", "mobile", "android", "nokia", "sony"} & set(user_agent("").lower().split("/"))


async def test_proxies_of_the_environment_are_not_asked(board: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    board.answers["/"] = page(b"direct")
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await fetcher.get(board.url("/"))).content == b"direct"


# ── Where it goes and where not ──────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1",
        "fe80::1%eth0", "fec0::1", "ff02::1", "", "localhost", "127.1", "0x7f000001",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_open_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "210.89.160.88", "2001:4860:4860::8888", "2400:cb00::1"])
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "①②⑦.0.0.1"],
)
async def test_a_private_host_is_refused_however_it_is_spelled(board: Server, host: str) -> None:
    async with Fetcher() as fetcher:
        error = await refusal(fetcher, f"http://{host}:{board.port}/")
    assert (error.reason, board.asked) == ("not allowed", [])


async def test_a_name_that_leads_to_a_private_address_is_refused(board: Server) -> None:
    resolve = names(board_example=["127.0.0.1", "::1"])
    async with Fetcher(resolve=resolve) as fetcher:
        error = await refusal(fetcher, f"http://board.example:{board.port}/")
    assert (error.reason, board.asked) == ("not allowed", [])
    assert f"allow 'board.example:{board.port}'" in str(error)


async def test_allowing_a_host_opens_exactly_that_host_and_port(board: Server, other: Server) -> None:
    resolve = names(board_example=["127.0.0.1"], evil_example=["127.0.0.1"])
    board.answers["/"] = page(b"here")
    async with Fetcher(allow=(f"board.example:{board.port}",), resolve=resolve) as fetcher:
        assert (await fetcher.get(f"http://board.example:{board.port}/")).content == b"here"
        assert board.header("host") == f"board.example:{board.port}"
        for host in (f"evil.example:{board.port}", board.place, f"board.example:{other.port}"):
            assert (await refusal(fetcher, f"http://{host}/")).reason == "not allowed"
    assert (len(board.asked), other.asked) == (1, [])


async def test_a_name_is_looked_up_once_for_a_connection(board: Server) -> None:
    answers = [["127.0.0.1"], ["192.0.2.1"]]  # what it says at the second look would never answer

    async def changing(_host: str, _port: int) -> Sequence[str]:
        return answers.pop(0)

    board.answers["/"] = page(b"first")
    async with Fetcher(allow=(f"board.example:{board.port}",), resolve=changing) as fetcher:
        assert (await fetcher.get(f"http://board.example:{board.port}/")).content == b"first"
    assert answers == [["192.0.2.1"]]


async def test_the_next_address_of_a_name_is_tried(board: Server) -> None:
    board.answers["/"] = page(b"second")
    place = f"board.example:{board.port}"
    async with Fetcher(allow=(place,), resolve=names(board_example=["127.0.0.2", "127.0.0.1"])) as fetcher:
        assert (await fetcher.get(f"http://{place}/")).content == b"second"


@pytest.mark.parametrize(
    "url",
    [
        "", "/bbs/", "board.example", "ftp://board.example/", "file:///etc/hostname", "gopher://board.example/",
        "javascript:alert(1)", "data:text/html,x", "http://", "http:///path", "http://user:secret@board.example/",
        "http://[::1/", "http://board.example:99999/", "http://a b.example/",
    ],
)  # fmt: skip
async def test_only_plain_web_addresses_are_fetched(url: str) -> None:
    async with Fetcher(resolve=names(board_example=["127.0.0.1"])) as fetcher:
        error = await refusal(fetcher, url)
    assert error.reason == "not allowed"
    assert "secret" not in str(error)


# ── Redirects ────────────────────────────────────────────────────────────────


async def test_redirects_are_followed_and_the_last_address_is_told(board: Server) -> None:
    board.answers |= {"/a/1": redirect("../b?x=1"), "/b?x=1": redirect(board.url("/c")), "/c": page(b"there")}
    async with Fetcher(allow=(board.place,)) as fetcher:
        found = await fetcher.get(board.url("/a/1"))
    assert (found.url, found.content) == (board.url("/c"), b"there")


async def test_a_redirect_can_be_looked_at_instead(board: Server) -> None:
    board.answers["/secret"] = redirect("./password.php?w=s")
    async with Fetcher(allow=(board.place,)) as fetcher:
        found = await fetcher.get(board.url("/secret"), follow=False)
    assert (found.status, found.headers["location"], found.url) == (302, "./password.php?w=s", board.url("/secret"))


@pytest.mark.parametrize(
    "target", ["http://{private}/", "file:///etc/hostname", "ftp://{private}/", "http://[::1", "http://u:p@{private}/"]
)
async def test_a_redirect_is_judged_like_a_first_address(board: Server, other: Server, target: str) -> None:
    board.answers["/"] = redirect(target.format(private=other.place))
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await refusal(fetcher, board.url("/"))).reason == "not allowed"
    assert other.asked == []


async def test_five_redirects_are_enough(board: Server) -> None:
    board.answers |= {f"/{number}": redirect(f"/{number + 1}") for number in range(10)} | {"/10": page(b"end")}
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await fetcher.get(board.url("/5"))).content == b"end"
        assert (await refusal(fetcher, board.url("/4"))).reason == "too many redirects"


async def test_headers_for_one_host_do_not_go_to_another(board: Server, other: Server) -> None:
    board.answers["/"] = redirect(other.url("/"))
    async with Fetcher(allow=(board.place, other.place)) as fetcher:
        await fetcher.get(board.url("/"), headers={"authorization": "Bearer x"})
    assert (board.header("authorization"), other.header("authorization")) == ("Bearer x", None)


# ── Limits ───────────────────────────────────────────────────────────────────


async def test_a_body_over_the_limit_is_refused(board: Server) -> None:
    board.answers["/"] = page(b"x" * 1001)
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await refusal(fetcher, board.url("/"), max_bytes=1000)).reason == "too large"
        assert len((await fetcher.get(board.url("/"), max_bytes=1001)).content) == 1001


async def test_a_small_body_that_unpacks_to_a_large_one_is_refused_and_never_unpacked(board: Server) -> None:
    board.answers["/"] = page(gzip.compress(bytes(20_000_000)), "Content-Encoding: gzip")
    async with Fetcher(allow=(board.place,)) as fetcher:
        tracemalloc.start()
        try:
            assert (await refusal(fetcher, board.url("/"), max_bytes=100_000)).reason == "too large"
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


async def test_a_body_without_end_is_refused(board: Server) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    board.answers["/"] = endless
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await refusal(fetcher, board.url("/"), max_bytes=100_000)).reason == "too large"


async def test_a_server_that_drips_is_left_when_the_time_is_over(board: Server) -> None:
    async def dripping(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    board.answers["/"] = dripping
    async with Fetcher(allow=(board.place,), timeout=0.2) as fetcher:
        assert (await refusal(fetcher, board.url("/"))).reason == "timeout"


async def test_redirects_share_one_time_limit(board: Server) -> None:
    def slow(target: str) -> Answer:
        async def answer(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.15)
            writer.write(redirect(target))

        return answer

    board.answers |= {f"/{number}": slow(f"/{number + 1}") for number in range(5)}
    async with Fetcher(allow=(board.place,), timeout=0.25) as fetcher:
        assert (await refusal(fetcher, board.url("/0"))).reason == "timeout"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"this is no HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        page(gzip.compress(b"text" * 1000)[:-20], "Content-Encoding: gzip"),
        page(b"not gzip at all", "Content-Encoding: gzip"),
        page(b"\x0b\x02\x80", "Content-Encoding: br"),
        page(b"x", "Content-Encoding: gzip, gzip"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_unreachable(board: Server, answer: bytes) -> None:
    board.answers["/"] = answer
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await refusal(fetcher, board.url("/"))).reason == "unreachable"


async def test_a_closed_port_is_unreachable_and_an_unknown_name_is_told(board: Server) -> None:
    async def unknown(host: str, _port: int) -> Sequence[str]:
        raise OSError(f"no such name: {host}")

    async with Fetcher(allow=("127.0.0.1:1",)) as fetcher:
        assert (await refusal(fetcher, "http://127.0.0.1:1/")).reason == "unreachable"
    async with Fetcher(resolve=unknown) as fetcher:
        assert (await refusal(fetcher, "http://board.example/")).reason == "name unknown"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate"])
async def test_a_packed_body_is_unpacked(board: Server, encoding: str) -> None:
    board.answers["/"] = page(gzip.compress("가나다".encode()), f"Content-Encoding: {encoding}")
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await fetcher.get(board.url("/"))).content.decode() == "가나다"


async def test_an_empty_body_needs_no_unpacking(board: Server) -> None:
    board.answers["/"] = page(b"", "Content-Encoding: gzip", status="304 Not Modified")
    async with Fetcher(allow=(board.place,)) as fetcher:
        assert (await fetcher.get(board.url("/"))).status == 304


# ── A session ──────────────────────────────────────────────────────────────────


async def test_a_session_is_kept_within_one_host(board: Server, other: Server) -> None:
    board.answers |= {
        "/": redirect("/next", "Set-Cookie: PHPSESSID=abc; path=/", "Set-Cookie: PHPSESSID"),
        "/next": redirect(f"http://else.example:{other.port}/"),
    }
    allow = (board.place, f"else.example:{other.port}")
    async with Fetcher(allow=allow, resolve=names(else_example=["127.0.0.1"])) as fetcher:
        await fetcher.get(board.url("/"))
    assert [board.header("cookie", number) for number in (0, 1)] == [None, "PHPSESSID=abc"]
    assert other.header("cookie") is None


# ── TLS ──────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate of the test server, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "certificate.pem", folder / "key.pem"
    names_it = ["-subj", "/CN=board.example", "-addext", "subjectAltName=DNS:board.example"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(made[1])]
    subprocess.run([openssl, "req", "-x509", *key, "-out", str(made[0]), *names_it], check=True, capture_output=True)
    return made


async def test_tls_is_checked_by_the_name_though_a_number_is_connected_to(certificate: tuple[Path, Path]) -> None:
    asked_for: list[str | None] = []
    presented = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    presented.load_cert_chain(*certificate)
    presented.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    async with serving(presented) as server:
        server.answers["/"] = page(b"private")
        allow = (f"board.example:{server.port}", f"evil.example:{server.port}")
        resolve = names(board_example=["127.0.0.1"], evil_example=["127.0.0.1"])
        async with Fetcher(allow=allow, resolve=resolve, tls=trusting) as fetcher:
            assert (await fetcher.get(f"https://board.example:{server.port}/")).content == b"private"
            assert (await refusal(fetcher, f"https://evil.example:{server.port}/")).reason == "certificate"
        async with Fetcher(allow=allow, resolve=resolve) as fetcher:
            assert (await refusal(fetcher, f"https://board.example:{server.port}/")).reason == "certificate"
    assert asked_for == ["board.example", "evil.example", "board.example"]
    assert len(server.asked) == 1
