"""Images within a letter: each copy carries what its HTML shows, and whoever reads it finds them."""

import email
import email.policy
import hashlib
import io
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from publisher.delivery.dkim import Signer
from publisher.delivery.enclosed import ROOM, shown_in, that_fit
from publisher.delivery.envelope import Stationery
from publisher.delivery.keyring import make_keys, read_keys
from publisher.delivery.policy import DkimPolicy
from publisher.model import Letter, Picture, Slot
from publisher.pictures import Copy, for_letter
from tests.delivery.post import LETTERS
from tests.delivery.verifiers import by_dkimpy, zone_of
from tests.samples import SITE, WEEKLY, at

UNSUBSCRIBE = f"{SITE.url}/unsubscribe/{'Ab3_' * 12}"


def picture(colour: str) -> Copy:
    out = io.BytesIO()
    Image.new("RGB", (800, 400), colour).save(out, "PNG")
    return for_letter(out.getvalue())


TEAL, NAVY = picture("teal"), picture("navy")


def of(content: bytes) -> Copy:
    digest = hashlib.sha256(content).hexdigest()
    return Copy(picture=Picture(hash=digest, type="image/png", width=592, height=300), content=content)


def showing(*copies: Copy, key: str = "ko") -> Letter:
    letter = LETTERS[key]
    shown = "".join(f'<img src="{SITE.media_url(one.picture.hash)}" alt="">' for one in copies)
    return replace(letter, html=(shown, *letter.html))


def wire(letter: Letter, *within: Copy, link: str = UNSUBSCRIBE) -> bytes:
    return Stationery(letter=letter, site=SITE, list=WEEKLY, images=within).copy(
        recipient="hana@reader.example",
        message_id="<aaaaaaaaaaaaaaaaaaaaaaaaaa@hanbit-peace.example>",
        date=at(),
        values={Slot.UNSUBSCRIBE: link},
    )


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not [defect for part in message.walk() for defect in part.defects]
    return message


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("key", ["ko", "en"])
def test_html_and_images_are_one_part_beside_the_text(key: str) -> None:
    message = parsed(wire(showing(TEAL, NAVY, key=key), TEAL, NAVY))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png",
    ]  # fmt: skip
    named = re.findall(r'src="cid:([^"]+)"', html_of(message))
    images = [part for part in message.walk() if part.get_content_maintype() == "image"]
    assert [part["Content-ID"] for part in images] == [f"<{name}>" for name in named]
    assert [part.get_content() for part in images] == [TEAL.content, NAVY.content]
    assert {part.get_content_disposition() for part in images} == {"inline"}


def test_what_does_not_go_along_keeps_its_address() -> None:
    html = html_of(parsed(wire(showing(TEAL, NAVY), NAVY)))
    assert SITE.media_url(TEAL.picture.hash) in html
    assert SITE.media_url(NAVY.picture.hash) not in html


def test_text_part_and_headers_are_the_same_with_images_and_without() -> None:
    with_images, without = parsed(wire(showing(TEAL), TEAL)), parsed(wire(showing(TEAL)))
    assert with_images.items() == without.items()
    within, outside = (next(part for part in one.walk() if not part.is_multipart()) for one in (with_images, without))
    assert within.as_bytes() == outside.as_bytes()


def test_an_image_shown_twice_travels_once() -> None:
    letter = showing(TEAL, TEAL)
    assert shown_in(letter, SITE) == [TEAL.picture.hash]
    assert html_of(parsed(wire(letter, TEAL))).count("cid:") == 2


def test_an_address_in_a_text_is_no_image() -> None:
    address = SITE.media_url(TEAL.picture.hash)
    letter = replace(LETTERS["ko"], html=(f'<p>src=&#34;{address}&#34;</p><a href="{address}">x</a>', Slot.UNSUBSCRIBE))
    assert shown_in(letter, SITE) == []
    assert address in html_of(parsed(wire(letter, TEAL)))


def test_images_past_the_room_of_a_letter_stay_outside_and_a_small_one_may_still_come() -> None:
    large, too_much, small = of(b"a" * (ROOM - 10)), of(b"b" * 11), of(b"c" * 10)
    assert that_fit([large, too_much, small]) == (large, small)


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=4, unique=True), st.integers(1, 300))
def test_whatever_the_images_and_the_reader_are_the_copy_reads_back(contents: list[bytes], length: int) -> None:
    copies, link = [of(one) for one in contents], f"{SITE.url}/unsubscribe/{'a' * length}"
    content = wire(showing(*copies), *copies, link=link)
    message = parsed(content)
    found = [part.get_content() for part in message.walk() if part.get_content_maintype() == "image"]
    assert found == contents
    assert link in html_of(message)
    assert all(len(line) <= 998 and line.isascii() and line[:1] != b"." for line in content.split(b"\r\n"))


def test_a_signature_covers_the_images(tmp_path: Path) -> None:
    policy = DkimPolicy(selector="p202603")
    make_keys(policy, tmp_path)
    keys = read_keys(policy, tmp_path, domain="hanbit-peace.example")
    signed = Signer(keys=keys).signed(wire(showing(TEAL), TEAL))
    assert by_dkimpy(signed, zone_of(keys)) == [True, True]
    assert by_dkimpy(signed.replace(b"iVBOR", b"iVBOS"), zone_of(keys)) == [False, False]
