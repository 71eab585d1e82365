"""
What an answer is.

Gnuboard says almost everything with status 200: a deleted post, a closed
board, a lost database. So an answer is judged by what it holds, and whatever
is neither a list nor a view is never taken for content.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from selectolax.lexbor import LexborHTMLParser

from publisher.archive.tree import tree_of
from publisher.errors import SourceError
from publisher.markup import fold
from publisher.net import Page

LIST_PARTS = "#bo_list, #bo_gall, #gall_ul, #fboardlist, form[name=fboardlist]"


class Kind(StrEnum):
    LIST = "list"
    VIEW = "view"
    LOCKED = "secret"  # the password page, where a secret post leads
    GONE = "gone"
    MEMBERS_ONLY = "members only"
    BOARD_MISSING = "board missing"
    BLOCKED = "blocked"
    DATABASE_DOWN = "database down"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"


ENDS_THE_READ = frozenset({Kind.BOARD_MISSING, Kind.BLOCKED, Kind.DATABASE_DOWN})
"""Answers about the board or the site rather than one post: after these nothing more is asked."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A page and what it is. `said` is the software's own sentence, '' where there is none."""

    kind: Kind
    url: str
    tree: LexborHTMLParser
    said: str = ""


_BY_SENTENCE = (
    (Kind.GONE, re.compile(r"글이 존재하지 않습니다|글이 삭제되었거나 이동된")),
    (Kind.BOARD_MISSING, re.compile(r"존재하지 않는 게시판")),
    (Kind.MEMBERS_ONLY, re.compile(r"권한이 없|본인확인|접근할 권한|회원이시라면 로그인|로그인 후 이용")),
    (Kind.BLOCKED, re.compile(r"접근 ?불가|접근이 가능하지 않")),
    (Kind.DATABASE_DOWN, re.compile(r"MySQL|MariaDB|mysqli?_|DB 정보에 오류|Table '.{1,99}' doesn't exist")),
    (Kind.LOCKED, re.compile(r"비밀글")),
)
_ALERT = re.compile(r'alert\(("(?:[^"\\]|\\.){0,2000}")\)')
_BARE_SENTENCE = 2000  # characters: the software's own one-line answers are far shorter


def recognise(page: Page) -> Answer:
    """Tell what a fetched page is; never raises."""
    tree = tree_of(decoded(page.content))
    kind, said = _judge(page, tree)
    return Answer(kind=kind, url=page.url, tree=tree, said=said)


def _judge(page: Page, tree: LexborHTMLParser) -> tuple[Kind, str]:
    if page.status in {401, 403, 429}:
        return Kind.BLOCKED, f"HTTP {page.status}"
    if page.status >= 500:
        return Kind.UNREACHABLE, f"HTTP {page.status}"
    if tree.css_first("#bo_v"):
        return Kind.VIEW, ""
    if tree.css_first("#pw_confirm") or "/password.php" in page.url:
        return Kind.LOCKED, ""
    if tree.css_first("#mb_login") or "/login.php" in page.url:
        return Kind.MEMBERS_ONLY, ""
    if tree.css_first(LIST_PARTS):
        return Kind.LIST, ""
    said = _sentence(page, tree)
    by_words = next((kind for kind, words in _BY_SENTENCE if words.search(said)), None)
    if by_words is None and page.status in {404, 410}:
        return Kind.GONE, f"HTTP {page.status}"
    return by_words or Kind.UNREADABLE, said[:200]


def _sentence(page: Page, tree: LexborHTMLParser) -> str:
    """The words of an alert page, or of an answer that is a single sentence; '' for a page of any other kind."""
    notice = tree.css_first("#validation_check .cbg")
    if notice:
        return fold(notice.text(separator=" "))
    scripts = " ".join(script.text() for script in tree.css("script"))
    if alert := _ALERT.search(scripts):
        try:
            return fold(str(json.loads(alert[1])))
        except ValueError:
            return fold(alert[1])
    return fold(tree.text(separator=" ")) if len(page.content) <= _BARE_SENTENCE else ""


_TORN_CHARACTERS = 10  # a few are torn by the software's own cuts; more mean another charset


def decoded(content: bytes) -> str:
    """Bytes to text: UTF-8, or CP949 where that fits and UTF-8 plainly does not. Never raises."""
    text = content.decode("utf-8-sig", "replace")
    if text.count("\ufffd") > _TORN_CHARACTERS:
        try:
            return content.decode("cp949")
        except UnicodeDecodeError:
            return text
    return text


_CURES = {
    Kind.MEMBERS_ONLY: ("closed", "guests may not read this board; open its list to guests or name another board"),
    Kind.GONE: ("board missing", "there is no board at this address"),
    Kind.BOARD_MISSING: ("board missing", "the site knows no board of this name (capital letters count)"),
    Kind.BLOCKED: ("blocked", "the site refuses this machine's address"),
    Kind.DATABASE_DOWN: ("database down", "the site cannot reach its database; nothing was changed here"),
    Kind.UNREACHABLE: ("unreachable", "the site answers with an error"),
    Kind.LOCKED: ("closed", "the board asks for a password"),
    Kind.VIEW: ("not a board", "a post was answered where the list was asked for"),
}


def failure(answer: Answer) -> SourceError:
    """What to raise when this answer came instead of a list."""
    reason, cure = _CURES.get(answer.kind, ("not a board", "neither a list nor a post of a Gnuboard was answered"))
    words = f" (it says: {answer.said})" if answer.said else ""
    return SourceError(reason, f"{answer.url}: {cure}{words}")
