"""
Tokens to sign in with where a server takes no password (XOAUTH2): Google, Microsoft.

A refresh token, which the operator got once for the house, is exchanged for one
that opens the server for about an hour (RFC 6749 section 6).
"""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from publisher.delivery.policy import OAuth
from publisher.delivery.refresh import RefreshToken
from publisher.errors import FetchError, TransportError
from publisher.net import Fetcher

_EARLY = 60.0  # seconds before its end a token is not used any more
_SHORT = 300.0  # seconds that one is taken to live if the provider does not say


class TokenSource:
    """
    One account's tokens; each is used until it ends. `keys` is where the account is configured.

    Some providers (Microsoft) hand out a new refresh token each time: it is used
    from then on, and kept in the file `kept`, if there is one, for the next start.
    """

    def __init__(self, account: OAuth, keys: str, kept: Path | None = None) -> None:
        self._account = account
        self._keys = keys
        self._refresh_token = RefreshToken(kept, account.refresh_token)
        self._token = ""
        self._ends = 0.0  # on the loop's clock
        self._is_fresh = False
        self._asking = asyncio.Lock()

    @property
    def is_older_than_this_moment(self) -> bool:
        """Was the last token given handed out before: may a fresh one be another?"""
        return not self._is_fresh

    async def token(self) -> str:
        """
        A token that is good for a minute at least.

        Raises TransportError when the provider refuses for good, ConnectionError
        when it cannot be reached: then it may be tried again.
        """
        async with self._asking:
            now = asyncio.get_running_loop().time()
            self._is_fresh = now >= self._ends - _EARLY
            if self._is_fresh:
                answer = await self._ask()
                self._token = str(answer["access_token"])
                self._ends = now + _seconds(answer.get("expires_in"))
                if newer := answer.get("refresh_token"):
                    self._refresh_token.keep(str(newer))
            return self._token

    def drop(self) -> None:
        """The server did not like the last one."""
        self._ends = 0.0

    async def _ask(self) -> dict[str, Any]:
        account = self._account
        form = {
            "grant_type": "refresh_token",
            "client_id": account.client_id,
            "client_secret": account.client_secret,
            "refresh_token": self._refresh_token.current(),
            "scope": account.scope,
        }
        try:
            # The operator named the address, so it may also lead into the house's own network.
            async with Fetcher(allow=[_place(account.token_url)]) as fetcher:
                page = await fetcher.post(account.token_url, {name: text for name, text in form.items() if text})
        except FetchError as error:
            raise ConnectionError(
                f"no answer from {urlsplit(account.token_url).hostname}, which gives tokens"
            ) from error
        return self._read(page.status, page.content)

    def _read(self, status: int, content: bytes) -> dict[str, Any]:
        where = urlsplit(self._account.token_url).hostname
        if status >= 500 or status == 429:
            raise ConnectionError(f"{where} gives no tokens at the moment ({status})")
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TransportError(f"{where} answers no token: check {self._keys}.oauth.token_url")
        if status != 200 or not answer.get("access_token"):
            # Its `error` is one of a few words (RFC 6749 section 5.2); what else it says may quote what we sent.
            said = "".join(letter for letter in str(answer.get("error", status)) if letter.isalnum() or letter in "_-")
            raise TransportError(
                f"{where} refuses a token ({said[:40]}): {_CURES.get(said, _CHECK)} ({self._keys}.oauth)"
            )
        return answer


_CHECK = "check client_id and client_secret"
_CURES = {
    "invalid_grant": "the refresh token is not valid any more; sign in to the provider anew and put in the new one"
}


def _place(url: str) -> str:
    """`host:port`, as `net` wants it."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 < value < 1e6 else _SHORT
