"""Both parts of a letter as a person reads them, side by side."""

import re

from selectolax.lexbor import LexborHTMLParser

from publisher.model import Letter, Slot, fill

LINK = "https://letters.hanbit.example/unsubscribe/sample"


def parts_of(letter: Letter) -> tuple[str, str]:
    """HTML and text."""
    return fill(letter.html, dict.fromkeys(Slot, LINK)), fill(letter.text, dict.fromkeys(Slot, LINK))


def differences(letter: Letter) -> tuple[set[str], set[str]]:
    """Words, and addresses, that only one of the two parts has."""
    html, text = parts_of(letter)
    links = {node.attributes["href"] or "" for node in LexborHTMLParser(html).css("a")}
    return _words(_read_aloud(html)) ^ _words(text), set(re.findall(r"https?://\S+", text)) ^ links


def left_over(letter: Letter) -> list[str]:
    """What only a template, a seam or an unknown value could have left in it."""
    marks = r"\{\{|\}\}|\{%|%\}|%\(\w+\)|\bNone\b|undefined|<mj-|seam-"
    return [found for part in parts_of(letter) for found in re.findall(marks, part)]


def _words(text: str) -> set[str]:
    """Without rules, addresses, and the numbers of notes and entries."""
    unsaid = re.compile(r"https?://\S+|\[\d+\]|[-=]{3,}|^\d+\. ", re.MULTILINE)
    return set(re.findall(r"\w{2,}", unsaid.sub(" ", text)))


def _read_aloud(html: str) -> str:
    body = LexborHTMLParser(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)).body
    assert body is not None
    for unseen in body.css("div[style*='display:none'], img"):
        unseen.decompose()
    return body.text(separator=" ")
