"""
Imitations of DeepL and of OpenAI's chat completions, on this machine.

Made from the vendors' documentation of `/v2/translate` and `/v1/chat/completions`,
never tried beside the real ones. They translate in play: each Korean word becomes
an English one that is about as long as a translation would be, and the other way
round, with every tag where it was. `faults` are answered first, one each.
"""

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from publisher.translate.chat import Chat
from publisher.translate.deepl import DeepL

KEY = "0f1e2d3c-imitated:fx"

Answer: TypeAlias = tuple[int, Mapping[str, str], bytes]
Fault: TypeAlias = Answer | Callable[[asyncio.StreamWriter], Awaitable[None]]
Translator: TypeAlias = Callable[[str, str], str]

_ENGLISH = ("the", "river", "keeps", "its", "own", "slow", "time", "beside", "us", "and", "nobody", "hurries", "it")
_KOREAN = ("강은", "우리", "곁에서", "제", "속도로", "흐르고", "아무도", "재촉하지", "않는다")
_MARKUP = re.compile(r"(<span translate=\"no\">.*?</span>|<[^>]*>|&\w+;)")


def in_play(fragment: str, target: str) -> str:
    """A fragment in invented words of the other language; tags, entities and what says translate="no" stay."""
    fragment = re.sub("(?<=</span>)[가-힣]+", "", fragment)  # the particle behind a name
    return "".join(part if _MARKUP.fullmatch(part) else _words(part, target) for part in _MARKUP.split(fragment))


def _words(text: str, target: str) -> str:
    source, stock = ("[가-힣]+", _ENGLISH) if target == "en" else ("[A-Za-z]+", _KOREAN)
    grown = 2 if target == "en" else 0.45

    def rendered(word: re.Match[str]) -> str:
        wanted, start = max(1, round(len(word[0]) * grown)), len(word[0])
        found = ""
        while len(found) < wanted:
            found += (" " if found else "") + stock[start % len(stock)]
            start += 1
        return found

    return re.sub(source, rendered, text)


@dataclass
class Imitation:
    """One server that speaks both; `translate` may be replaced, and `faults` are given out before it works."""

    place: str = ""
    translate: Translator = in_play
    faults: list[Fault] = field(default_factory=list)
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def deepl(self) -> DeepL:
        return DeepL(endpoint=f"http://{self.place}", key=KEY)

    @property
    def chat(self) -> Chat:
        return Chat(endpoint=f"http://{self.place}/v1", key=KEY, model="imitated-1")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
            asked = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.asked.append(asked)
            self.headers.append(headers)
            answer = self.faults.pop(0) if self.faults else self._answer(head[0].split()[1], headers, asked)
            if isinstance(answer, tuple):
                status, more, body = answer
                lines = [f"HTTP/1.1 {status} Said", "Connection: close", f"Content-Length: {len(body)}"]
                lines += [f"{name}: {value}" for name, value in more.items()]
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            else:
                await answer(writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the visitor left
        finally:
            writer.close()

    def _answer(self, path: str, headers: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        match path:
            case "/v2/translate" if headers.get("authorization") == f"DeepL-Auth-Key {KEY}":
                return self._as_deepl(asked)
            case "/v1/chat/completions" if headers.get("authorization") == f"Bearer {KEY}":
                return self._as_chat(asked)
            case "/v2/translate" | "/v1/chat/completions":
                return said({"message": f"wrong key {headers.get('authorization', '')}"}, 403)
        return said({"error": {"message": "no such page"}}, 404)

    def _as_deepl(self, asked: Mapping[str, Any]) -> Answer:
        assert asked["tag_handling"] == "html"
        target = "en" if asked["target_lang"].startswith("EN") else asked["target_lang"].lower()
        texts = [self.translate(text, target) for text in asked["text"]]
        return said(
            {"translations": [{"detected_source_language": asked["source_lang"], "text": text} for text in texts]}
        )

    def _as_chat(self, asked: Mapping[str, Any]) -> Answer:
        system, user = (message["content"] for message in asked["messages"])
        target = "en" if "into English" in system else "ko"
        fragments = json.loads(user)["fragments"]
        return chatted(json.dumps({"fragments": [self.translate(one, target) for one in fragments]}))


def said(document: object, status: int = 200, **headers: str) -> Answer:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **more}, json.dumps(document).encode()


def chatted(content: str, ended: str = "stop") -> Answer:
    """What a model says, as chat completions wrap it."""
    message = {"role": "assistant", "content": content}
    return said({"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": ended}]})


async def hang(_writer: asyncio.StreamWriter) -> None:
    """Say nothing, until the visitor has had enough."""
    await asyncio.sleep(30)


async def lie_about_length(writer: asyncio.StreamWriter) -> None:
    """Promise more than is sent."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n{"translations":[')


@asynccontextmanager
async def imitation(translate: Translator = in_play) -> AsyncIterator[Imitation]:
    """The server at a free port of 127.0.0.1."""
    made = Imitation(translate=translate)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    made.place = f"{host}:{port}"
    try:
        yield made
    finally:
        server.close()  # not waited for: one that hangs would keep us


@contextmanager
def imitation_beside() -> Iterator[Imitation]:
    """The same in a thread of its own, for tests of commands, which have their loop to themselves."""
    started, ended = threading.Event(), asyncio.Event()
    found: list[tuple[Imitation, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        async with imitation() as made:
            found.append((made, asyncio.get_running_loop()))
            started.set()
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait()
    [(made, loop)] = found
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
