"""The board behind an ASGI server."""

import re

import pytest

from publisher.demo.app import board_app
from publisher.demo.posts import content

LIST = b"bo_table=director"


@pytest.fixture
def app(start):
    return board_app(content(start), lambda: start)


async def ask(app, path="/bbs/board.php", query=LIST, method="GET", headers=((b"host", b"127.0.0.1:9201"),)):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": method, "scheme": "http", "path": path, "query_string": query}
    await app({**scope, "headers": list(headers)}, receive, send)
    begin, body = sent
    return begin["status"], dict(begin["headers"]), body["body"]


async def test_a_new_visitor_gets_a_session_and_keeps_it(app):
    _, headers, _ = await ask(app)
    cookie = re.match(rb"PHPSESSID=[0-9a-f]{32}", headers[b"set-cookie"])[0]
    _, headers, _ = await ask(app, headers=((b"host", b"127.0.0.1:9201"), (b"cookie", b"a=b; " + cookie)))
    assert b"set-cookie" not in headers


async def test_links_are_built_from_the_host(app):
    _, _, body = await ask(app, headers=((b"host", b"[::1]:81"),))
    assert b'href="http://[::1]:81/bbs/board.php?bo_table=director' in body


async def test_head_says_the_length_and_sends_nothing(app):
    _, full, body = await ask(app)
    status, headers, nothing = await ask(app, method="HEAD")
    assert (status, headers[b"content-length"], nothing) == (200, full[b"content-length"], b"")
    assert int(full[b"content-length"]) == len(body)


@pytest.mark.parametrize("host", [b"", b'"><script>', b"a\xff", b"a/b"])
async def test_a_host_that_is_none_is_refused(app, host):
    status, _, body = await ask(app, headers=((b"host", host),))
    assert (status, body) == (400, b"")


@pytest.mark.parametrize("query", [b"&".join([b"a=1"] * 500), b"page=\xff\xfe", b"bo_table=%00%ff&wr_id=%"])
async def test_an_absurd_query_is_answered_calmly(app, query):
    status, _, _ = await ask(app, query=query)
    assert status in (200, 400)


async def test_pages_bring_nothing_from_elsewhere(app):
    _, headers, _ = await ask(app)
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"


async def test_publishing_more_shows_at_once(app):
    assert app.publish_more() == 4
    _, _, body = await ask(app)
    assert "Total 29건".encode() in body
    assert app.publish_more() == 0


async def test_a_server_can_start_and_stop_it(app):
    asked = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent = []

    async def receive():
        return asked.pop(0)

    async def send(message):
        sent.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
