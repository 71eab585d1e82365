"""Both services against their imitations: what is asked, and what every kind of answer comes to."""

import json
from collections.abc import AsyncIterator, Sequence

import pytest

from publisher.net import Fetcher
from publisher.translate.adapter import Adapter, Question
from publisher.translate.asking import Answered, Outcome, Unavailable, Unusable, ask
from publisher.translate.chat import Chat
from publisher.translate.deepl import DeepL
from tests.translate.imitation import KEY, Fault, Imitation, chatted, hang, imitation, lie_about_length, said

QUESTION = Question(
    source="ko", target="en", fragments=('봄이 <a id="1">왔다</a>', "산새가 먼저 돌아왔다."), about="비무장지대의 봄"
)


@pytest.fixture
async def service() -> AsyncIterator[Imitation]:
    async with imitation() as server:
        yield server


class Waits(list[float]):
    """Sleeps no second, and remembers how long it was to be."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def heard(
    server: Imitation, adapter: Adapter | None = None, *faults: Fault, waits: Waits | None = None, patience: float = 5.0
) -> Outcome:
    server.faults = list(faults)
    async with Fetcher(allow=[server.place], timeout=patience) as fetcher:
        return await ask(fetcher, adapter or server.deepl, QUESTION, sleep=Waits() if waits is None else waits)


# ── What is asked ────────────────────────────────────────────────────────────


async def test_deepl_is_asked_as_its_documentation_says(service: Imitation) -> None:
    assert isinstance(await heard(service), Answered)
    [asked], [headers] = service.asked, service.headers
    assert asked["text"] == list(QUESTION.fragments)
    assert (asked["source_lang"], asked["target_lang"], asked["context"]) == ("KO", "EN-US", QUESTION.about)
    assert headers["authorization"] == f"DeepL-Auth-Key {KEY}"


@pytest.mark.parametrize(("key", "host"), [("abc:fx", "https://api-free.deepl.com"), ("abc", "https://api.deepl.com")])
def test_a_key_of_deepl_belongs_to_its_plans_host(key: str, host: str) -> None:
    assert DeepL(key=key).call(QUESTION).url == f"{host}/v2/translate"


async def test_a_model_gets_the_text_as_data_apart_from_its_rules(service: Imitation) -> None:
    assert isinstance(await heard(service, service.chat), Answered)
    [system, user] = service.asked[0]["messages"]
    assert "봄" not in system["content"]
    assert "from Korean into English" in system["content"]
    assert json.loads(user["content"])["fragments"] == list(QUESTION.fragments)
    assert service.asked[0]["model"] == "imitated-1"


async def test_a_server_of_ones_own_may_want_no_key() -> None:
    assert "authorization" not in Chat(endpoint="http://localhost:1", model="m").call(QUESTION).headers


@pytest.mark.parametrize("name", ["deepl", "chat"])
async def test_fragments_come_back_in_their_order(service: Imitation, name: str) -> None:
    answer = await heard(service, getattr(service, name))
    assert isinstance(answer, Answered)
    first, second = answer.texts
    assert '<a id="1">' in first
    assert second.endswith(".")


# ── What answers come to ─────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", [said({}, 429), said({}, 500), said({}, 503), lie_about_length])
async def test_what_passes_is_asked_again(service: Imitation, fault: Fault) -> None:
    waits = Waits()
    assert isinstance(await heard(service, None, fault, fault, waits=waits), Answered)
    assert waits == [2.0, 4.0]


async def test_the_wait_that_a_service_names_is_kept(service: Imitation) -> None:
    waits = Waits()
    assert isinstance(await heard(service, None, said({}, 429, Retry_After="17"), waits=waits), Answered)
    assert waits == [17.0]


@pytest.mark.parametrize("named", ["3600", "Fri, 31 Dec 2999 23:59:59 GMT", "9" * 400])
async def test_a_long_wait_ends_the_round_at_once(service: Imitation, named: str) -> None:
    waits = Waits()
    answer = await heard(service, None, said({}, 429, Retry_After=named), waits=waits)
    assert isinstance(answer, Unavailable)
    assert (answer.reason, waits, len(service.asked)) == ("too many requests", [], 1)


@pytest.mark.parametrize("named", ["soon", "-5", "Mon, 01 Jan 2001 00:00:00 -0000", ""])
async def test_a_wait_that_makes_no_sense_is_our_own_or_none(service: Imitation, named: str) -> None:
    waits = Waits()
    assert isinstance(await heard(service, None, said({}, 429, Retry_After=named), waits=waits), Answered)
    assert all(0 <= wait <= 2 for wait in waits)


@pytest.mark.parametrize(
    ("fault", "reason", "may_count"),
    [
        (said({}, 429), "too many requests", False),
        (said({}, 500), "service down", False),
        (lie_about_length, "unreachable", True),
    ],
)
async def test_three_attempts_are_enough(service: Imitation, fault: Fault, reason: str, may_count: bool) -> None:
    answer = await heard(service, None, fault, fault, fault)
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.may_count, len(service.asked)) == (reason, may_count, 3)


@pytest.mark.parametrize(
    ("status", "reason", "cure"),
    [
        (456, "quota exceeded", "raise it there, or wait"),
        (402, "quota exceeded", "raise it there, or wait"),
        (401, "key refused", "translate.key"),
        (403, "key refused", "translate.key"),
        (404, "not found", "translate.model"),
        (302, "elsewhere", "translate.endpoint"),
    ],
)
async def test_what_does_not_pass_is_told_at_once(service: Imitation, status: int, reason: str, cure: str) -> None:
    answer = await heard(service, None, said({"message": "no,\r\nsorry"}, status))
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.may_count, len(service.asked)) == (reason, False, 1)
    assert cure in answer.detail
    assert "no, sorry" in answer.detail


async def test_a_service_that_hangs_is_left(service: Imitation) -> None:
    answer = await heard(service, None, hang, hang, hang, patience=0.05)
    assert isinstance(answer, Unavailable)
    assert (answer.reason, answer.may_count) == ("timeout", True)


async def test_a_service_that_repeats_the_key_does_not_bring_it_into_a_message(service: Imitation) -> None:
    async with Fetcher(allow=[service.place]) as fetcher:
        answer = await ask(fetcher, DeepL(endpoint=f"http://{service.place}", key="wrong-key"), QUESTION)
    assert isinstance(answer, Unavailable)
    assert "wrong-key" not in answer.detail
    assert "DeepL-Auth-Key …" in answer.detail


async def test_no_address_of_the_own_network_is_asked_that_is_not_named(service: Imitation) -> None:
    async with Fetcher() as fetcher:
        answer = await ask(fetcher, service.deepl, QUESTION)
    assert isinstance(answer, Unavailable)
    assert answer.reason == "not allowed"
    assert service.asked == []


def test_a_key_is_in_no_text_of_a_call_or_an_adapter() -> None:
    for adapter in (DeepL(key="secret-1"), Chat(key="secret-1", model="m")):
        assert "secret-1" not in f"{adapter} {adapter.call(QUESTION)} {adapter.name}"


# ── Answers of no use ────────────────────────────────────────────────────────

NONSENSE: Sequence[bytes] = [
    b"",
    b"<html>",
    b"null",
    b"[]",
    b'{"translations": 1}',
    b'{"translations": [1]}',
    b'{"translations": [{"text": 1}]}',
    b'{"choices": []}',
    b'{"choices": [1]}',
    b'{"choices": [{"message": null}]}',
    b'{"choices": [{"message": {"content": null}}]}',
    b"[" * 100_000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("name", ["deepl", "chat"])
@pytest.mark.parametrize("body", NONSENSE)
async def test_nonsense_is_no_answer_and_no_crash(service: Imitation, name: str, body: bytes) -> None:
    assert isinstance(await heard(service, getattr(service, name), (200, {}, body)), Unusable)


@pytest.mark.parametrize(
    "said_by_model",
    [
        "Here is your translation: Spring has come.",
        '{"fragments": "Spring"}',
        '{"fragments": [1, 2]}',
        '{"translation": ["Spring", "The birds"]}',
        "I cannot help with that.",
    ],
)
async def test_a_model_that_chats_is_not_understood(service: Imitation, said_by_model: str) -> None:
    assert isinstance(await heard(service, service.chat, chatted(said_by_model)), Unusable)


async def test_a_model_may_fence_its_answer(service: Imitation) -> None:
    fenced = '```json\n{"fragments": ["Spring", "The birds"]}\n```'
    assert await heard(service, service.chat, chatted(fenced)) == Answered(texts=("Spring", "The birds"))


async def test_an_answer_that_was_cut_off_is_no_answer(service: Imitation) -> None:
    cut = chatted('{"fragments": ["Spring", "The birds"]}', ended="length")
    answer = await heard(service, service.chat, cut)
    assert isinstance(answer, Unusable)
    assert "stopped before its end (length)" in answer.reason


async def test_what_a_model_says_of_its_end_is_fit_to_be_kept_and_printed(service: Imitation) -> None:
    answer = await heard(service, service.chat, chatted("{}", ended="\x1b[31m\nred \ud800"))
    assert isinstance(answer, Unusable)
    assert answer.reason.endswith("([31m red)")
    assert answer.reason.isprintable()


async def test_an_endless_answer_is_no_answer(service: Imitation) -> None:
    assert isinstance(await heard(service, None, (200, {}, b" " * 3_000_000)), Unusable)


async def test_a_text_that_the_service_refuses_does_not_stop_the_others(service: Imitation) -> None:
    answer = await heard(service, None, said({"message": "text too long"}, 413))
    assert answer == Unusable(reason="the service refused the text (text too long)")
