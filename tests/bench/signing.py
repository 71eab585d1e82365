"""DKIM signatures, beside the bare signature of the same library."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from publisher.delivery.envelope import Stationery
from publisher.model import Slot
from tests.bench.delivering import signer
from tests.bench.invented import letters
from tests.bench.measure import Sizes, Work, at_most, check
from tests.delivery.verifiers import by_dkimpy, zone_of
from tests.samples import SITE, WEEKLY, at


@contextmanager
def rsa(sizes: Sizes) -> Iterator[Work]:
    """All that signing a copy takes: its headers and body, and the signature."""
    ours = signer("rsa")
    assert ours
    copy = _copy()
    check(by_dkimpy(ours.signed(copy), zone_of(ours.keys)) == [True], "the signature does not verify")
    padding, digest = PKCS1v15(), hashes.SHA256()
    yield Work(
        name="sign a letter, RSA-2048",
        peer="the bare signature of a kilobyte",
        ours=lambda: _cost(lambda: ours.signed(copy), sizes.letters),
        theirs=lambda: _cost(lambda: ours.keys[0].key.sign(copy[:1000], padding, digest), sizes.letters),
        target=at_most(1.15),
    )


def _copy() -> bytes:
    return Stationery(letter=letters()["ko"], site=SITE, list=WEEKLY).copy(
        recipient="r1@reader.example",
        message_id="<aaaaaaaaaaaaaaaaaaaaaaaaaa@hanbit-peace.example>",
        date=at(1),
        values=dict.fromkeys(Slot, f"https://letters.hanbit-peace.example/unsubscribe/{0:044}"),
    )


def _cost(work: Callable[[], object], count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - began) / count
