"""Variables over the file, and secrets that stay secret."""

import traceback
from pathlib import Path

import pytest

from publisher.errors import ConfigError
from tests.config.house import SMALL, load_text, problems_of, with_lines

HOST = {"PUBLISHER_DELIVERY__SMTP__HOST": "smtp.hanbit-peace.example", "PUBLISHER_DELIVERY__SMTP__USER": "letters"}
PASSWORD = "PUBLISHER_DELIVERY__SMTP__PASSWORD"


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    text = with_lines("web", '  listen: "127.0.0.1:8080"')
    assert load_text(tmp_path, text, {"PUBLISHER_WEB__LISTEN": "0.0.0.0:80"}).web.listen == "0.0.0.0:80"


def test_a_variable_may_set_what_the_file_does_not_have(tmp_path: Path) -> None:
    smtp = load_text(tmp_path, environ=HOST | {PASSWORD: "wet paint"}).delivery.smtp
    assert smtp is not None
    assert (smtp.host, smtp.user, smtp.password) == ("smtp.hanbit-peace.example", "letters", "wet paint")


def test_a_variable_reaches_into_named_archives_and_lists(tmp_path: Path) -> None:
    environ = {"PUBLISHER_ARCHIVES__DIRECTOR__FLOOD": "7", "PUBLISHER_LISTS__WEEKLY__NAME__KO": "주간 소식"}
    config = load_text(tmp_path, environ=environ)
    assert config.archives["director"].flood == 7
    assert config.lists["weekly"].titles == {"ko": "주간 소식"}


def test_a_variable_may_add_a_list(tmp_path: Path) -> None:
    config = load_text(tmp_path, environ={"PUBLISHER_LISTS__DAILY__ARCHIVES": "director"})
    assert config.lists["daily"].archives == ("director",)


def test_a_list_in_a_variable_has_commas(tmp_path: Path) -> None:
    environ = {"PUBLISHER_LISTS__WEEKLY__LANGUAGES": "ko, en+ko"}
    assert load_text(tmp_path, environ=environ).lists["weekly"].languages == ("ko", "en+ko")


def test_case_does_not_matter(tmp_path: Path) -> None:
    assert load_text(tmp_path, environ={"publisher_Web__listen": "localhost:80"}).web.listen == "localhost:80"


def test_an_empty_variable_takes_a_value_away(tmp_path: Path) -> None:
    text = with_lines("delivery", "  smtp: {host: smtp.hanbit-peace.example}")
    assert load_text(tmp_path, text, {"PUBLISHER_DELIVERY__SMTP__HOST": ""}).delivery.smtp is None


def test_a_password_is_taken_as_it_is(tmp_path: Path) -> None:
    for password in ("*a", "[x", "null", "a: b", " lead", "#1", "a,b", "비밀"):
        smtp = load_text(tmp_path, environ=HOST | {PASSWORD: password}).delivery.smtp
        assert smtp is not None
        assert smtp.password == password


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PUBLISHER_WEB__LISTEN", "8080", "web.listen: expected host:port such as 127.0.0.1:8080, got '8080'"),
        ("PUBLISHER_WEB__LISTN", "x:1", "web.listn: unknown key; did you mean 'listen'?"),
        ("PUBLISHER_WBE__LISTEN", "x:1", "wbe: unknown key; did you mean 'web'?"),
        ("PUBLISHER_SITE__NAME", "Hanbit", "site.name: expected one text per language"),
        ("PUBLISHER_LISTS__ALL__ARCHIVES", "director", "lists.all: 'all' is reserved"),
        ("PUBLISHER_SITE__COUNTRY", "\udcff", "expected text in UTF-8"),
    ],
)
def test_a_mistake_in_a_variable_names_it(tmp_path: Path, variable: str, value: str, told: str) -> None:
    assert problems_of(tmp_path, environ={variable: value})[0].startswith(f"{variable}: {told}")


def test_the_same_key_in_two_variables_is_a_mistake(tmp_path: Path) -> None:
    environ = {"PUBLISHER_WEB__LISTEN": "a:1", "publisher_web__listen": "b:1"}
    assert problems_of(tmp_path, environ=environ) == [
        "publisher_web__listen: given as PUBLISHER_WEB__LISTEN as well; keep one of the two"
    ]


def test_other_variables_are_none_of_ours(tmp_path: Path) -> None:
    ours = {"PUBLISHER_CONFIG": "x", "PUBLISHER_CLOCK": "2026-11-24", "PUBLISHER_RECORDINGS": "y"}
    kubernetes = {"PUBLISHER_PORT": "tcp://10.0.0.1:80", "PUBLISHER_SERVICE_HOST": "10.0.0.1", "PATH": "/bin"}
    assert load_text(tmp_path, environ=ours | kubernetes).remarks == ()


def test_single_underscores_are_remarked_upon(tmp_path: Path) -> None:
    (remark,) = load_text(tmp_path, environ={"PUBLISHER_DELIVERY_SMTP_PASSWORD": "wet paint"}).remarks
    assert str(remark).startswith(
        "PUBLISHER_DELIVERY_SMTP_PASSWORD: has no effect; levels are joined by two underscores"
    )
    assert "wet paint" not in str(remark)


def test_every_section_is_recognised_in_a_variable_with_single_underscores(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path, environ={"PUBLISHER_QQQ__X": "x"})
    sections = told.partition("known here: ")[2].split(", ")
    environ = {f"PUBLISHER_{section.upper()}_X": "x" for section in sections}
    assert len(load_text(tmp_path, environ=environ).remarks) == len(sections) == 9


# ── Secrets ──────────────────────────────────────────────────────────────────


def smtp_with(*keys: str) -> str:
    return with_lines("delivery", f"  smtp: {{host: smtp.hanbit-peace.example, user: letters, {', '.join(keys)}}}")


@pytest.mark.parametrize("content", ["wet paint", "wet paint\n", "wet paint\r\n"])
def test_a_password_file_is_read_without_its_last_line_break(tmp_path: Path, content: str) -> None:
    (tmp_path / "smtp.secret").write_bytes(content.encode())
    smtp = load_text(tmp_path, smtp_with("password_file: smtp.secret")).delivery.smtp
    assert smtp is not None
    assert smtp.password == "wet paint"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot read smtp.secret: no such file or directory"),
        (b"", "expected one password in smtp.secret, which is empty"),
        (b"\n", "expected one password in smtp.secret, which is empty"),
        (b"\xff\xfe", "smtp.secret is not a text in UTF-8"),
        (b"x" * 20_000, "expected one password in smtp.secret, which is too long"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / "smtp.secret").write_bytes(content)
    (problem,) = problems_of(tmp_path, smtp_with("password_file: smtp.secret"))
    assert problem.endswith(f"delivery.smtp.password_file: {told}")


@pytest.mark.parametrize("environ", [{}, {PASSWORD: "dry paint"}])
def test_a_password_and_a_password_file_are_one_too_many(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "smtp.secret").write_text("wet paint")
    text = smtp_with("password_file: smtp.secret", *(() if environ else ("password: wet paint",)))
    (problem,) = problems_of(tmp_path, text, environ)
    there = f"the variable {PASSWORD}" if environ else "line 10"
    assert problem.endswith(f"delivery.smtp.password_file: password is given as well, in {there}; keep one of the two")


def test_half_a_sign_in_is_told(tmp_path: Path) -> None:
    (user,) = problems_of(tmp_path, environ=HOST)
    assert "delivery.smtp.user: has no password" in user
    (password,) = problems_of(tmp_path, environ={PASSWORD: "wet paint"})
    assert "delivery.smtp.user: is missing" in password
    text = with_lines("delivery", "  smtp: {host: smtp.hanbit-peace.example, password_file: smtp.secret}")
    (tmp_path / "smtp.secret").write_text("wet paint")
    (file,) = problems_of(tmp_path, text)
    assert "delivery.smtp.user: is missing" in file


def test_secrets_are_in_no_repr_and_no_error(tmp_path: Path) -> None:
    secret = "wet-paint"
    environ = HOST | {PASSWORD: secret, "PUBLISHER_STORE__URL": f"postgresql://letters:{secret}@db.example/letters"}
    config = load_text(tmp_path, environ=environ)
    assert config.delivery.smtp is not None
    assert config.delivery.smtp.password == secret
    assert secret not in repr(config) + str(config)
    wrong = {
        "PUBLISHER_STORE__URL": f"postgres://letters:{secret}@db.example/letters",
        "PUBLISHER_ARCHIVES__DIRECTOR__URL": f"https://letters:{secret}@board.example/",
        "PUBLISHER_DELIVERY__SMTP": secret,
    }
    for variable, value in wrong.items():
        assert secret not in "".join(problems_of(tmp_path, SMALL, {variable: value}))


def test_a_file_that_is_not_yaml_is_not_quoted_in_a_traceback(tmp_path: Path) -> None:
    secret = "wet" + "paint"  # in two, since a traceback shows the lines of this test as well
    with pytest.raises(ConfigError) as caught:
        load_text(tmp_path, smtp_with(f"password: '{secret}"))
    assert secret not in "".join(traceback.format_exception(caught.value))
