"""DeepL, as its documentation of `/v2/translate` says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from publisher.model import Language
from publisher.translate.adapter import Call, Question, Unreadable

_PAID, _FREE = "https://api.deepl.com", "https://api-free.deepl.com"
_LONGEST_ABOUT = 1_000


@dataclass(frozen=True, kw_only=True)
class DeepL:
    """Keys of the free plan end in `:fx` and belong to a host of their own."""

    endpoint: str = ""
    key: str = field(repr=False)
    largest: int = 30_000  # a request has at most 128 KiB, and a Korean syllable takes three bytes

    @property
    def name(self) -> str:
        return f"deepl {self._base}"

    @property
    def _base(self) -> str:
        return self.endpoint or (_FREE if self.key.endswith(":fx") else _PAID)

    def call(self, question: Question) -> Call:
        asked = {
            "text": list(question.fragments),
            "source_lang": question.source.partition("-")[0].upper(),
            "target_lang": _target(question.target),
            "tag_handling": "html",  # keeps elements and ids, and leaves alone what says translate="no"
            "tag_handling_version": "v2",
            "context": question.about[:_LONGEST_ABOUT],  # is not counted
        }
        return Call(
            url=f"{self._base}/v2/translate",
            headers={"authorization": f"DeepL-Auth-Key {self.key}", "content-type": "application/json"},
            content=json.dumps(asked, ensure_ascii=False).encode("utf-8", "replace"),
        )

    def answer(self, content: bytes) -> Sequence[str]:
        try:
            told = [one["text"] for one in json.loads(content)["translations"]]
        except (ValueError, TypeError, LookupError, RecursionError):
            raise Unreadable("no JSON with translations") from None
        if not all(isinstance(text, str) for text in told):
            raise Unreadable("a translation that is no text")
        return told


def _target(language: Language) -> str:
    """DeepL wants to know which English it is to write."""
    return "EN-US" if language == "en" else language.upper()
