"""The server inside our own loop."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from publisher.errors import PublisherError
from publisher.web.server import serve


async def who_asks(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["client"][0])(scope, receive, send)


async def started(listen: str = "127.0.0.1:0", **more: object) -> tuple[asyncio.Task[None], str]:
    """A server and its address, once it is up."""
    up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    ready: Callable[[str], None] = up.set_result
    serving = asyncio.create_task(serve(who_asks, listen, ready=ready, **more))  # type: ignore[arg-type]  # proxies
    return serving, await asyncio.wait_for(up, 5)


async def stopped(serving: asyncio.Task[None]) -> None:
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(serving, 5)


async def test_it_answers_until_it_is_cancelled() -> None:
    serving, address = await started()
    async with httpx2.AsyncClient(trust_env=False) as client:
        assert (await client.get(address)).status_code == 200
    await stopped(serving)
    async with httpx2.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(address)


async def test_signals_stay_with_whoever_runs_the_loop() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    serving, _ = await started()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    await stopped(serving)


async def test_no_address_that_was_asked_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    serving, address = await started()
    with caplog.at_level(logging.DEBUG):
        async with httpx2.AsyncClient(trust_env=False) as client:
            await client.get(f"{address}/unsubscribe/AQABsecret")
        await stopped(serving)
    assert "AQABsecret" not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("uvicorn"))


async def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(PublisherError, match=rf"^web.listen: cannot listen at {listen} \(address already in use\)"):
            await serve(who_asks, listen)


@pytest.mark.parametrize(("trusted", "seen"), [((), "127.0.0.1"), (("127.0.0.0/8",), "203.0.113.9")])
async def test_a_forwarded_address_is_believed_from_trusted_proxies_only(trusted: tuple[str, ...], seen: str) -> None:
    serving, address = await started(trusted_proxies=trusted)
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.get(address, headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.text == seen
    assert "server" not in answer.headers
    await stopped(serving)
