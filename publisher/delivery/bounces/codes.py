"""
What a status code, or the sentence beside it, says about an address.

The code rules where it is specific (RFC 3463). Where it is general (5.0.0,
5.5.0) or missing, the words decide; they are those of Postfix, Exim, qmail,
Exchange, Gmail, and in Korean of Naver, Daum, Nate and the groupware of firms.
What is not understood is soft: it takes several of them to lose a reader.
"""

import re

from subscribers.bounces import Weight


def any_of(*alternatives: str) -> re.Pattern[str]:
    """One expression for all of these, in capitals or not."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

_HARD = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
_BLOCKED = frozenset({"1.7", "1.8", "2.3", "3.4", "4.5", "4.6"})  # our sender, our size, our limit, a loop
_GENERAL = frozenset({"0.0", "2.0", "3.0", "4.0", "4.1", "5.0", "7.0"})

_FULL_OR_AWAY = any_of(
    r"(mail)?box (is |was )?full|over ?quota|quota (has been )?exceeded|exceeded? (its |their |the )?(storage|quota)",
    r"insufficient (system )?storage|temporar|try again|timed out",
    r"용량|가득|저장 ?공간|일시적|잠시 ?후|휴면|응답하지 않",
)
_ABOUT_US = any_of(
    r"spam|block(ed|list)|black ?list|reputation|polic(y|ies)|dmarc|\bspf\b|too (big|large)|message size",
    r"rate limit|too many|content (rejected|filter)",
    r"스팸|수신 ?차단|차단(되|된|하|한)|정책|발송 ?제한|크기",
)
_GONE = any_of(
    r"(user|recipient|account|mailbox|address|alias)\W{0,3}(is |was )?(unknown|not found|unavailable|inactive)",
    r"unknown (user|recipient|account|mailbox|local)|no (such )?(user|mailbox|recipient|account|person|address)",
    r"(does not|did not|doesn.t) exist|no mailbox here|not a valid (mailbox|recipient)",
    r"invalid (recipient|mailbox|user|address)|recipient address rejected|unrouteable address",
    r"(account|mailbox|address) (has been |is )?(disabled|closed|deleted|deactivated|suspended)",
    r"address (couldn.t be|could not be|wasn.t) found",
    r"(존재하지 ?않|없는)[^\n]{0,12}(계정|사용자|수신자|메일|아이디|주소|회원)",
    r"(계정|사용자|수신자|메일|아이디|주소|받는 ?사람|회원)[^\n]{0,40}(존재하지 ?않|찾을 ?수 ?없|없습니다)",
    r"탈퇴(한|하신|된)|(삭제|해지)된[^\n]{0,8}(계정|메일|주소|아이디)|잘못된[^\n]{0,8}주소",
)
_WORDS = ((Weight.SOFT, _FULL_OR_AWAY), (Weight.BLOCKED, _ABOUT_US), (Weight.HARD, _GONE))


def status_in(text: str) -> str:
    """The first RFC 3463 code in a text, '' for none. A dotted number such as an IP address is none."""
    found = _STATUS.search(text)
    return found[0] if found else ""


def weigh(status: str, said: str) -> Weight:
    """What a failure weighs, by its code and by what was said with it."""
    found = _STATUS.search(status)
    if found is None:
        return by_words(said) or _by_basic_code(said)
    basic, detail = found[1], f"{int(found[2])}.{int(found[3])}"
    if basic == "4":
        return Weight.SOFT
    if detail in _HARD:
        return Weight.HARD
    if detail in _GENERAL:
        return by_words(said) or (Weight.BLOCKED if detail == "7.0" else Weight.SOFT)
    if detail in _BLOCKED or detail.startswith(("6.", "7.")):
        return Weight.BLOCKED
    return Weight.SOFT


def by_words(text: str) -> Weight | None:
    """What a sentence says of the address, as far as it is one that we know."""
    return next((weight for weight, words in _WORDS if words.search(text)), None)


def _by_basic_code(said: str) -> Weight:
    # RFC 5321 section 4.2.3: 550 and 553 are about the mailbox; 4xx may pass; 552 is a full one.
    return Weight.HARD if re.search(r"(?<![\d.])55[013](?![\d.])", said) else Weight.SOFT
