"""Templates of an operator's own: looked into first, kept in the sandbox, and named when they are wrong."""

import re
import socket
from pathlib import Path

import jinja2
import pytest

from publisher.digest.rehearsal import rehearse, strangers
from publisher.digest.render import compose_letters
from publisher.errors import TemplateError
from publisher.model import Design
from publisher.resources import templates
from tests.digest.samples import SITE, edition, entry, mailing_list

BODY = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{}{{{{ unsubscribe_url }}}}</mj-text>"
    "</mj-column></mj-section></mj-body></mjml>"
)


@pytest.fixture
def changed(tmp_path):
    """Composes one letter with a changed template."""

    def compose(name, content):
        file = tmp_path / "email" / "digest" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        return compose_letters(edition(entry(1)), mailing_list(), SITE, ["ko"], overrides=tmp_path)["ko"]

    return compose


def test_a_changed_template_is_used_and_the_others_stay(changed):
    letter = changed("subject.txt", "{{ letter.headline }}\n(바뀐 제목)")
    assert letter.subject == "글 1 (바뀐 제목)"
    assert "제12호" in letter.text[0]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("\n{{ letter.headlin }}", 2, "headlin"),
        ("{% if %}", 1, "Expected an expression"),
        ("\n\n{% for x in letter.items %}", 3, "Unexpected end of template"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("\n{{ letter.__class__.__mro__ }}", 2, "__class__"),
        ("{{ letter.items.__init__.__globals__ }}", 1, "__init__"),
        ("{% include '../../../../etc/passwd' %}", 1, "passwd"),
        ("{{ range(10**9) | list }}", 1, "Range too big"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(changed, content, line, says):
    with pytest.raises(TemplateError) as caught:
        changed("subject.txt", content)
    assert str(caught.value).startswith(f"email/digest/subject.txt, line {line}: ")
    assert says in str(caught.value)


@pytest.mark.parametrize("tag", ["mj-txt", "mj-include", "mj-html-attributes", "MJ-TEXT"])
def test_a_tag_that_would_vanish_with_its_text_is_refused(changed, tag):
    with pytest.raises(TemplateError, match=rf"body\.mjml, line 1: <{tag}> is not a tag"):
        changed("body.mjml", BODY.format(f"<{tag}>lost</{tag}>"))


@pytest.mark.parametrize("tag", ["mj-button", "mj-table"])
def test_a_tag_that_would_be_left_in_the_letter_is_refused(changed, tag):
    with pytest.raises(TemplateError, match=rf"body\.mjml, line 2: <{tag}> stands where MJML does not read it"):
        changed("body.mjml", BODY.format(f"\n<{tag}>lost</{tag}>"))


def test_a_tag_left_open_is_refused(changed):
    with pytest.raises(TemplateError, match=r"email/digest/body\.mjml, in the MJML it makes"):
        changed("body.mjml", "<mjml><mj-body><mj-section></mj-body></mjml>")


@pytest.mark.parametrize(
    ("name", "content"), [("body.mjml", BODY.replace("{{{{ unsubscribe_url }}}}", "")), ("body.txt", "Hi")]
)
def test_a_letter_that_cannot_be_refused_is_refused_itself(changed, name, content):
    with pytest.raises(TemplateError, match=rf"{name}: the letter has no link to unsubscribe"):
        changed(name, content.format(""))


def test_a_stylesheet_elsewhere_is_not_fetched(changed):
    with socket.create_server(("127.0.0.1", 0)) as server:
        style = f'<link rel="stylesheet" href="http://127.0.0.1:{server.getsockname()[1]}/x.css">'
        head = f"<mj-head><mj-raw>{style}</mj-raw></mj-head><mj-body>"
        changed("body.mjml", BODY.format("").replace("<mj-body>", head))
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has knocked
            server.accept()


@pytest.mark.parametrize("page", ["operators.md", "operators.ko.md"])
def test_the_documented_example_works(changed, page):
    written = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    sheet = re.search(r"```css\n(.*?)```", written, re.DOTALL)[1]
    page = "".join(changed("body.css", sheet).html)
    assert re.search(r'<h2 class="title ink" [^>]*font-size: 24px;', page)


def test_a_part_that_all_designs_share_is_named_where_the_mistake_stands(changed):
    with pytest.raises(TemplateError, match=r"^email/edition\.mjml, line 2: .*lettter"):
        changed("../edition.mjml", "\n{{ lettter }}")


def test_a_broken_design_breaks_no_other(tmp_path):
    file = tmp_path / "email" / "letter" / "body.mjml"
    file.parent.mkdir(parents=True)
    file.write_text("{{ broken }}", encoding="utf-8")
    wrong = rehearse(mailing_list(design=Design.LETTER), SITE, tmp_path)
    assert str(wrong).startswith("email/letter/body.mjml, line 1: ")
    assert rehearse(mailing_list(design=Design.TITLES), SITE, tmp_path) is None


@pytest.mark.parametrize(
    "body",
    [
        "{{ 1 // (letter.items | length) }}",
        "{{ 1 // ((letter.items | length) < 9) }}",
        "{% for item in letter.items %}{{ item.sides[0].summary[0] }}{% endfor %}",
        "{{ letter.corrections[0].title[0] if letter.corrections and letter.language == 'en' }}",
        "{{ 1 // (letter.notes | length) }}",
    ],
    ids=["nothing but a note", "a long one", "no summary", "in another language", "no note"],
)
def test_what_only_some_editions_bring_to_light_is_found_beforehand(tmp_path, body):
    file = tmp_path / "email" / "digest" / "subject.txt"
    file.parent.mkdir(parents=True)
    if "corrections" in body:
        body = body.replace("[0] if", "[0].nothing if")
    file.write_text(f"\n\n{body}", encoding="utf-8")
    assert "email/digest/subject.txt, line 3: " in str(rehearse(mailing_list(), SITE, tmp_path))


def test_files_that_replace_nothing_are_found(tmp_path):
    for name in ("email/digest/body.mjml", "email/digest/bdy.txt", "email/titels/body.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert strangers(tmp_path) == ["email/digest/bdy.txt", "email/titels/body.txt"]


@pytest.mark.parametrize("path", sorted((templates() / "email").rglob("*.*")), ids=lambda path: path.name)
def test_our_own_templates_parse(path):
    jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
