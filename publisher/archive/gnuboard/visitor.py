"""One polite visitor: one request at a time, with a pause before each but the first."""

import asyncio

from publisher.net import Fetcher, Page


class Visitor:
    def __init__(self, fetcher: Fetcher, pause: float) -> None:
        self._fetcher = fetcher
        self._pause = pause
        self._has_asked = False

    async def get(self, url: str, *, follow: bool = True) -> Page:
        """Fetch a page, after the pause. Raises FetchError as the fetcher does."""
        if self._has_asked:
            await asyncio.sleep(self._pause)
        self._has_asked = True
        return await self._fetcher.get(url, follow=follow)
