"""
Words that an edition of advertising often has.

They decide nothing: a notice of a free event says 참가비 too. Whoever approves
is shown them, and says what the edition is (information or advertising).
"""

import re
from collections.abc import Iterable

_WORDS = (
    "유료", "할인", "판매", "참가비", "구매", "구입", "특가", "결제", "후원금", "기부금", "회원권",
    "수강료", "등록비", "입장료", "쿠폰",
    "sale", "paid", "discount", "buy", "purchase", "order now", "fee", "price", "ticket", "tickets", "coupon",
    "donate", "membership",
)  # fmt: skip

# Korean words stand inside longer ones (유료강좌, 할인가); English ones are whole words, or `fee` is found in coffee.
_SIGNS = re.compile(
    "|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in _WORDS), re.IGNORECASE
)


def signs_of_advertising(texts: Iterable[str]) -> tuple[str, ...]:
    """The words in these texts that advertising often has, each once, as they stand there first."""
    found = (match[0] for text in texts for match in _SIGNS.finditer(text))
    return tuple({word.casefold(): word for word in found}.values())
