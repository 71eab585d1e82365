"""uvicorn inside our own event loop, next to the clock and the delivery, and as well behaved as they."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp

from publisher.errors import PublisherError

_PATIENCE = 5  # seconds that answers under way get when we stop


class _Server(uvicorn.Server):
    """Leaves the signals alone (who started the loop decides when it ends), and tells when it is up."""

    def __init__(self, config: uvicorn.Config, is_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._is_up = is_up

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._is_up()


async def serve(
    asgi: ASGIApp, listen: str, *, trusted_proxies: Sequence[str] = (), ready: Callable[[str], None] | None = None
) -> None:
    """
    Answer requests at `host:port` until cancelled; answers under way are finished first.

    `ready` is called with the address once it can be opened (with the real port, where 0 was
    asked for). Forwarded addresses are believed from `trusted_proxies` only.
    Raises PublisherError when the address cannot be taken.
    """
    with _taken(listen) as listener:
        address = _address_of(listener)
        config = uvicorn.Config(
            asgi,
            lifespan="off",
            ws="none",
            log_config=None,  # logging is ours
            access_log=False,  # an address may hold a token
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            timeout_graceful_shutdown=_PATIENCE,
        )
        server = _Server(config, lambda: ready(address) if ready else None)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving


def _taken(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family)
    except (OSError, OverflowError, ValueError) as error:
        # `create_server` puts the address into the text once more.
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise PublisherError(
            f"web.listen: cannot listen at {listen} ({why.lower()}); end the program that does, or choose another port"
        ) from error


def _address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
