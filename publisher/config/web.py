"""`web`: where the pages are served from; the address readers see is `site.url`."""

from dataclasses import dataclass

from publisher.config import values
from publisher.config.reading import Section


@dataclass(frozen=True, kw_only=True)
class WebPolicy:
    """
    `listen` is `host:port`; `trusted_proxies` may say for whom they ask (addresses or networks).

    `websub` is the address of the hub that is told of changed feeds, or None.
    """

    listen: str = "127.0.0.1:8080"
    trusted_proxies: tuple[str, ...] = ()
    websub: str | None = None

    @property
    def host(self) -> str:
        """The address to bind to, an IPv6 one without its brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


def read_web(section: Section) -> WebPolicy:
    """`web`."""
    return WebPolicy(
        listen=section.value("listen", values.host_and_port, WebPolicy.listen),
        trusted_proxies=section.values("trusted_proxies", values.network),
        websub=section.value("websub", values.web_url, WebPolicy.websub),
    )
