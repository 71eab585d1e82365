"""Letters kept in a folder: shown for what they are, whatever they are."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.app import App
from tests.web.house import Page, visitor

NAME = "20260302T120000Z-weekly-ko+en-abc.eml"


def kept(folder: Path, name: str = NAME, *, subject: str = "제1호 · 비무장지대의 봄", html: str = "") -> Path:
    letter = EmailMessage()
    letter["Subject"] = subject
    letter["To"] = "haneul@readers.example"
    letter["Date"] = "Mon, 02 Mar 2026 12:00:00 +0000"
    letter["List-Unsubscribe"] = "<https://letters.hanbit-peace.example/unsubscribe/AAEAAQabcdefghijklmnopqrstuvwxyz>"
    letter.set_content("산새가 먼저 돌아왔다.\n")
    letter.add_alternative(
        html or "<html><head></head><body><a href='https://x.example/'>산새</a></body></html>", subtype="html"
    )
    letter["Content-Language"] = "ko, en"  # last: content headers set before become the first part's
    path = folder / name
    path.write_bytes(letter.as_bytes())
    return path


async def test_without_a_folder_there_is_no_mailbox(app: App) -> None:
    async with visitor(app) as client:
        assert (await client.get("/mailbox")).status_code == 404
        assert (await client.get(f"/mailbox/{NAME}")).status_code == 404
        assert "mailbox" not in (await client.get("/ko/")).text


async def test_the_mailbox_lists_letters_with_masked_recipients(app: App, tmp_path: Path) -> None:
    kept(tmp_path)
    kept(tmp_path, "20260309T120000Z-weekly-ko-def.eml", subject="제2호 · 봄비")
    async with visitor(app, mailbox=tmp_path) as client:
        answer = await client.get("/mailbox")
    page = Page(answer.text)
    assert page.text.index("제2호") < page.text.index("제1호 · 비무장지대의 봄")
    assert "2026. 3. 2. 21:00" in page.text
    assert "haneul@" not in answer.text
    assert "h***@" in answer.text
    assert '<span class="fact">한국어</span><span class="fact">영어</span>' in answer.text


async def test_a_letter_is_shown_with_text_headers_and_a_closed_frame(app: App, tmp_path: Path) -> None:
    kept(tmp_path)
    async with visitor(app, mailbox=tmp_path) as client:
        answer = await client.get(f"/mailbox/{NAME}")
        page = Page(answer.text)
        [frame] = page.all("iframe")
        assert frame["src"] == f"../mailbox/{NAME}/html"
        assert "allow-scripts" not in frame["sandbox"]
        assert "allow-same-origin" not in frame["sandbox"]
        shown = await client.get(f"/mailbox/{NAME}/html")
    assert "산새가 먼저 돌아왔다." in page.text
    assert "haneul" not in answer.text
    assert "abcdefghijklmnopqrstuvwxyz" not in answer.text
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "script-src" not in shown.headers["content-security-policy"]
    assert "<a href='https://x.example/'>산새</a>" in shown.text


async def test_images_within_a_letter_are_shown_from_the_letter(app: App, tmp_path: Path) -> None:
    path = kept(tmp_path, html='<html><head></head><body><img src="cid:a@x.example"><img src="cid:b@x.example">')
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    html = letter.get_body(("html",))
    assert html is not None
    html.add_related(b"teal", "image", "png", cid="<a@x.example>")
    html.add_related(b"<script>", "image", "svg+xml", cid="<b@x.example>")  # an image that may hold programs
    path.write_bytes(letter.as_bytes())
    async with visitor(app, mailbox=tmp_path) as client:
        shown = await client.get(f"/mailbox/{NAME}/html")
    assert '<img src="data:image/png;base64,dGVhbA==">' in shown.text
    assert '<img src="cid:b@x.example">' in shown.text
    assert "data:image/svg" not in shown.text


@pytest.mark.parametrize(
    "name", ["../config.yaml", "..%2fconfig.yaml", ".eml", "x.txt", "%2e%2e", "x.eml%00", "a/b.eml"]
)
async def test_only_letters_of_the_folder_are_shown(app: App, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mailbox"
    folder.mkdir()
    (folder / "x.txt").write_text("secret")
    async with visitor(app, mailbox=folder) as client:
        for path in (f"/mailbox/{name}", f"/mailbox/{name}/html"):
            url = client.base_url.copy_with(raw_path=path.encode())
            assert (await client.get(url)).status_code == 404


async def test_a_link_out_of_the_folder_is_not_followed(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "mailbox"
    folder.mkdir()
    (folder / "out.eml").symlink_to(tmp_path / "config.yaml")
    async with visitor(app, mailbox=folder) as client:
        assert (await client.get("/mailbox/out.eml")).status_code == 404


async def test_a_folder_that_is_not_there_yet_is_an_empty_mailbox(app: App, tmp_path: Path) -> None:
    async with visitor(app, mailbox=tmp_path / "later") as client:
        answer = await client.get("/mailbox", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "No letter has been sent yet." in answer.text


async def test_markup_in_a_subject_is_only_text(app: App, tmp_path: Path) -> None:
    kept(tmp_path, subject="<script>alert(1)</script>{{ 7*7 }}")
    async with visitor(app, mailbox=tmp_path) as client:
        for path in ("/mailbox", f"/mailbox/{NAME}"):
            assert "<script" not in (await client.get(path)).text


ODD_HEADERS = (
    b"Subject: =?utf-8?b?!!!?=\r\n",
    b"Subject: =?nope?q?x?=\r\n",
    b"To: <<<>>>@@,;\r\n",
    b"Date: 99\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: x\r\n",
)
ODD_TYPES = (
    b"Content-Type: text/html; charset=nope\r\n",
    b"Content-Type: multipart/mixed\r\n",
    b"Content-Type: /\r\n",
)
ODD_LETTERS = st.builds(
    lambda headers, media_type, body: b"".join((*headers, media_type, b"\r\n", body)),
    st.lists(st.sampled_from(ODD_HEADERS), max_size=4),
    st.sampled_from(ODD_TYPES),
    st.binary(max_size=50),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400) | ODD_LETTERS)
async def test_whatever_lies_in_the_folder_is_answered(app: App, tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    async with visitor(app, mailbox=tmp_path) as client:
        for path in ("/mailbox", f"/mailbox/{NAME}", f"/mailbox/{NAME}/html"):
            assert (await client.get(path)).status_code == 200
