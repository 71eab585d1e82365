import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.feeds.plain import markup, media_type, one_line, web_url

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("봄 강연\r\nBcc: x@example.org", "봄 강연 Bcc: x@example.org"),
        ("  두\t칸 \n 사이 ", "두 칸 사이"),
        ("a\x00b\x1fc\x7fd\x85e\ufffef", "abcdef"),
        ("half \ud800 a pair", "half a pair"),
        ("{{ 7 * 7 }} <script>", "{{ 7 * 7 }} <script>"),
        ("🌊 둑", "🌊 둑"),
        ("\x00\x01", ""),
    ],
)
def test_a_line_is_plain(given_text: str, shown: str) -> None:
    assert one_line(given_text, 100) == shown


def test_a_long_line_ends_in_an_ellipsis() -> None:
    assert one_line("가" * 50, 10) == "가" * 9 + "…"
    assert one_line("가" * 10, 10) == "가" * 10


@given(ANY_TEXT)
def test_xml_can_carry_any_line_and_any_markup(text: str) -> None:
    element = etree.Element("title")
    for written in (one_line(text, 40), markup(text)):
        element.text = written
        assert etree.fromstring(etree.tostring(element, encoding="UTF-8")).text == (written or None)


@given(ANY_TEXT)
def test_cutting_a_line_twice_changes_nothing(text: str) -> None:
    once = one_line(text, 20)
    assert len(once) <= 20
    assert one_line(once, 20) == once


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://board.example/a?b=1&c=2#d", "https://board.example/a?b=1&c=2#d"),
        (
            "http://board.example:8080/자료/물때 표.pdf",
            "http://board.example:8080/%EC%9E%90%EB%A3%8C/%EB%AC%BC%EB%95%8C%20%ED%91%9C.pdf",
        ),
        ("https://board.example/50%/x", "https://board.example/50%25/x"),
        ("https://board.example/%EA%B0%80", "https://board.example/%EA%B0%80"),
        ("https://강.example/a", "https://xn--939a.example/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        ('https://board.example/"><script>', "https://board.example/%22%3E%3Cscript%3E"),
        ("https://board.example/a\r\nX: y", "https://board.example/aX:%20y"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//board.example/a", None),
        ("/bbs/board.php", None),
        ("https://", None),
        ("https://user:secret@board.example/", None),
        ("https://board.example:port/", None),
        ("https://[half/", None),
        ("https://board.example/" + "a" * 3000, None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(address: str | None, shown: str | None) -> None:
    assert web_url(address) == shown


@given(ANY_TEXT)
def test_an_address_is_ascii_and_made_only_once(text: str) -> None:
    address = web_url(f"https://board.example/{text}")
    assert address is None or (address.isascii() and web_url(address) == address)


@pytest.mark.parametrize(
    ("told", "name", "shown"),
    [
        ("application/pdf", "x.bin", "application/pdf"),
        ("Text/HTML; charset=euc-kr", "x", "text/html"),
        (None, "보고서.PDF", "application/pdf"),
        (None, "원고.hwp", "application/x-hwp"),
        ("not a type\r\n", "x.png", "image/png"),
        (None, "noending", "application/octet-stream"),
    ],
)
def test_a_file_has_a_type_on_every_machine(told: str | None, name: str, shown: str) -> None:
    assert media_type(told, name) == shown
