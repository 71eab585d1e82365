"""What is wrong in a file: one line each, with its place and its cure."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.config import values
from tests.config.house import SMALL, load_text, problems_of, with_lines

HERE = "▸"  # marks the place that the problem must name
NEWLINE = "\n"


@pytest.mark.parametrize(
    ("section", "line", "told"),
    [
        ("delivery", "  smtp: {▸passwrod: x}", "delivery.smtp.passwrod: unknown key; did you mean 'password'?"),
        ("delivery", "  smtp: {▸Host: x}", "delivery.smtp.Host: unknown key; did you mean 'host'?"),
        ("web", "  ▸zebra: 1", "web.zebra: unknown key; known here: listen, trusted_proxies"),
        ("site", "  name: {ko: 한빛, ▸fr: x}", "site.name.fr: unknown key; known here: ko, en"),
        (
            "delivery",
            "  retry: {first_wait: ▸five}",
            "delivery.retry.first_wait: expected a duration such as 30s, 5m, 6h or 2d, got 'five'",
        ),
        (
            "delivery",
            "  retry: {first_wait: ▸0s}",
            "delivery.retry.first_wait: expected a duration longer than nothing, such as 30s, 5m, 6h or 2d, got '0s'",
        ),
        (
            "delivery",
            "  retry: {first_wait: 2h, longest: ▸1h}",
            "delivery.retry.longest: is shorter than first_wait; expected at least as long a wait",
        ),
        ("delivery", "  smtp: {port: ▸70000}", "delivery.smtp.port: expected a whole number from 1 to 65535"),
        ("delivery", "  smtp: {port: ▸25.0}", "delivery.smtp.port: expected a whole number from 1 to 65535"),
        ("delivery", "  smtp: {security: ▸ssl}", "delivery.smtp.security: expected starttls or tls or none, got 'ssl'"),
        ("delivery", "  smtp: {host: ▸smtp.x:25}", "delivery.smtp.host: expected a host name such as"),
        (
            "delivery",
            "  smtp: {per_second: ▸0}",
            "delivery.smtp.per_second: expected a number a second such as 10 or 0.5",
        ),
        ("delivery", "  limits: {naver.com: ▸fast}", "delivery.limits.naver.com: expected a number a second"),
        ("delivery", "  limits: {naver: ▸5}", "delivery.limits.naver: expected a domain"),
        (
            "delivery",
            "  smtp: {user: us, oauth: {client_id: x, refresh_token: y, token_url: ▸ftp}}",
            "delivery.smtp.oauth.token_url: expected an address",
        ),
        (
            "delivery",
            "  smtp: {user: us, ▸oauth: {provider: google, refresh_token: y}}",
            "delivery.smtp.oauth.client_id: is missing; expected the id that the provider gave",
        ),
        (
            "delivery",
            "  smtp: {user: us, password: ▸x, oauth: {provider: google, client_id: x, refresh_token: y}}",
            "delivery.smtp.password: oauth is given as well; keep one of the two",
        ),
        ("delivery", "  smtp: ▸smtp.hanbit-peace.example", "delivery.smtp: expected keys below it"),
        ("delivery", "  smtp: {host: ▸[a, b]}", "delivery.smtp.host: expected one value"),
        ("delivery", "  dkim: ▸yes", "delivery.dkim: expected keys below it, each on a line"),
        (
            "delivery",
            '  dkim: {selector: ▸"P 1"}',
            "delivery.dkim.selector: expected small letters, digits, hyphens",
        ),
        ("delivery", "  dkim: {selector: ▸a..b}", "delivery.dkim.selector: expected small letters, digits, hyphens"),
        (
            "delivery",
            "  dkim: {domain: ▸peace}",
            "delivery.dkim.domain: expected a domain such as hanbit-peace",
        ),
        ("delivery", "  dkim: {▸selektor: p1}", "delivery.dkim.selektor: unknown key; did you mean 'selector'?"),
        ("delivery", "  profiles: {▸relay: {port: 25}}", "delivery.profiles.relay.host: is missing"),
        (
            "delivery",
            "  profiles: {▸default: {host: relay.hanbit-peace.example}}",
            "delivery.profiles.default: 'default' is the road of delivery.smtp",
        ),
        ("store", "  url: ▸mysql://db/letters", "store.url: expected sqlite:/// and a file"),
        ("store", '  url: ▸"sqlite:///:memory:"', "store.url: expected sqlite:/// and a file"),
        ("web", "  listen: ▸8080", "web.listen: expected host:port such as 127.0.0.1:8080, got '8080'"),
        ("web", "  trusted_proxies: ▸10.0.0.1", "web.trusted_proxies: expected a list in brackets"),
        ("web", "  trusted_proxies: [10.0.0.0/8, ▸proxy]", "web.trusted_proxies: expected an IP address or network"),
        (
            "site",
            "  timezone: ▸Asia/Soul",
            "site.timezone: expected a time zone such as Asia/Seoul, got 'Asia/Soul'; did you mean 'Asia/Seoul'?",
        ),
        ("site", "  timezone: ▸Asia", "site.timezone: expected a time zone such as Asia/Seoul, got 'Asia'"),
        ("site", "  sender: {email: ▸한빛@hanbit-peace.example}", "site.sender.email: expected ASCII before the @"),
        ("site", "  sender: {email: ▸letters}", "site.sender.email: expected an e-mail address such as"),
        ("site", "  operators: [▸kim]", "site.operators: expected an e-mail address such as"),
        ("site", "  country: ▸Korea", "site.country: expected a country code of two letters such as KR, got 'Korea'"),
        ("site", "  languages: [ko, ▸fr]", "site.languages: 'fr' has no catalogue of sentences; there are en, ko"),
        ("site", "  languages: [ko, ▸ko]", "site.languages: stands in this list twice"),
        (
            "archives",
            "  ▸Press: {kind: folder, path: a}",
            "archives.Press: expected a name of small letters",
        ),
        ("archives", "  ▸all: {kind: folder, path: a}", "archives.all: 'all' is reserved"),
        (
            "archives",
            "  press: {kind: ▸gnuboar, url: 'https://x.example'}",
            "archives.press.kind: expected gnuboard or gnuboard-db or ",
        ),
        ("archives", "  ▸press: {kind: gnuboard}", "archives.press.url: is missing; expected the board's address"),
        (
            "archives",
            "  press: {kind: gnuboard, url: ▸https://hanbit-peace.example/}",
            "archives.press.url: expected a board's address such as https://hanbit-peace.example/bbs/board.php",
        ),
        (
            "archives",
            "  press: {kind: folder, path: a, formerly: ▸director}",
            "archives.press.formerly: 'director' is the name of an archive of this file; expected the name that",
        ),
        ("archives", "  ▸press: {kind: folder}", "archives.press.path: is missing; expected the folder"),
        (
            "archives",
            "  press: {kind: gnuboard, url: ▸hanbit.example}",
            "archives.press.url: expected an address such as",
        ),
        (
            "archives",
            "  press: {kind: folder, path: a, allow: [▸'127.0.0.1']}",
            "archives.press.allow: expected host:port",
        ),
        ("feeds", "  ▸director-ko: {}", "feeds.director-ko: the feed 'director-ko' is made by itself"),
        ("feeds", "  ▸all: {}", "feeds.all: the feed 'all' is made by itself"),
        ("feeds", "  ▸Peace Talks: {}", "feeds.Peace Talks: expected small letters, digits and single hyphens"),
        (
            "feeds",
            "  columns: {archives: [▸direktor]}",
            "feeds.columns.archives: expected an archive of this file (director), got 'direktor'; did you mean",
        ),
        ("lists", "  daily: {archives: ▸[]}", "lists.daily.archives: expected at least one value, such as [director]"),
        (
            "lists",
            "  daily: {archives: [director], less_often: ▸wekly}",
            "lists.daily.less_often: expected another list of this file (weekly), got 'wekly'; did you mean 'weekly'?",
        ),
        (
            "lists",
            "  daily: {archives: [director], less_often: ▸daily}",
            "lists.daily.less_often: expected another list of this file",
        ),
        (
            "lists",
            "  daily: {archives: [director], languages: [▸ko+ko]}",
            "lists.daily.languages: expected ko or en or ko+en or en+ko, got 'ko+ko'",
        ),
        ("lists", "  daily: {archives: [director], cadence: ▸weekly}", "lists.daily.cadence: expected five fields"),
        (
            "lists",
            "  daily: {archives: [director], reply_to: ▸editors}",
            "lists.daily.reply_to: expected an e-mail address",
        ),
        ("lists", "  daily: {archives: [director], name: ▸Daily}", "lists.daily.name: expected one text per language"),
        (
            "lists",
            '  daily: {archives: [director], name: {en: ▸"Daily\\nBcc: x"}}',
            "lists.daily.name.en: expected one line of text",
        ),
    ],
)
def test_each_mistake_is_one_line_with_its_place_and_cure(tmp_path: Path, section: str, line: str, told: str) -> None:
    marked = with_lines(section, line)
    before, _, _ = marked.partition(HERE)
    place = f"config.yaml:{before.count(NEWLINE) + 1}:{len(before.rpartition(NEWLINE)[2]) + 1}"
    (problem,) = problems_of(tmp_path, marked.replace(HERE, ""))
    assert problem.startswith(f"{place}: {told}")


@pytest.mark.parametrize(
    ("url", "cure"),
    [
        ("letters.hanbit-peace.example", "expected an address such as"),
        ("ftp://letters.hanbit-peace.example", "expected an address such as"),
        ("https://letters.hanbit-peace.example/?lang=ko", "without a query"),
        ("https://한빛.example", "a Korean domain in its xn-- form"),
        ("https://me:secret@letters.hanbit-peace.example", "without a user or password in it"),
        ("https://letters.hanbit-peace.example:port", "expected an address such as"),
        ("https://[::1", "expected an address such as"),
    ],
)
def test_the_site_needs_a_plain_address(tmp_path: Path, url: str, cure: str) -> None:
    (problem,) = problems_of(tmp_path, SMALL.replace("https://letters.hanbit-peace.example", f"'{url}'"))
    assert problem.startswith("config.yaml:3:8: site.url: ")
    assert cure in problem
    assert "secret" not in problem


def test_who_has_lists_needs_an_address_to_write_from(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, SMALL.replace("{email: letters@hanbit-peace.example}", "{}"))
    assert problem.startswith("config.yaml:4:3: site.sender.email: is missing")


def test_all_problems_are_told_together_in_the_file_s_order(tmp_path: Path) -> None:
    text = with_lines("delivery", "  retry: {first_wait: five}", "  smtp: {port: x}", "web: {listen: y}").replace(
        "[director]", "[press]"
    )
    environ = {"PUBLISHER_SITE__COUNTRY": "Korea"}
    assert [" ".join(line.split(": ")[:2]) for line in problems_of(tmp_path, text, environ)] == [
        "config.yaml:8:23 lists.weekly.archives",
        "config.yaml:10:23 delivery.retry.first_wait",
        "config.yaml:11:16 delivery.smtp.port",
        "config.yaml:12:15 web.listen",
        "PUBLISHER_SITE__COUNTRY site.country",
    ]


def test_a_long_wrong_value_is_shown_in_part(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, with_lines("web", f"  listen: {'x' * 500}"))
    assert len(problem) < 200


@given(st.integers(0, 999_999), st.sampled_from("smhd"))
def test_every_duration_is_read_as_it_is_written(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86_400}[unit]
    assert values.duration(f"{number}{unit}").total_seconds() == number * seconds


READERS = [
    values.duration, values.email, values.site_url, values.web_url, values.host_and_port, values.host, values.timezone,
    values.network, values.database_url, values.country, values.name, values.slug, values.language, values.cron,
    values.line, values.whole(1, 9),
]  # fmt: skip


@settings(deadline=None)  # the first question loads the table of zones
@given(st.sampled_from(READERS), st.text() | st.text(alphabet="ab01.:/@[]-_ *#?\n"))
def test_any_text_is_a_value_or_says_what_was_expected(reader: object, text: str) -> None:
    assert callable(reader)
    try:
        reader(text)
    except ValueError as error:
        told = str(error)
    else:
        told = "a value"
    assert told
    assert "\n" not in told


def test_what_has_no_effect_without_a_selector_is_remarked(tmp_path: Path) -> None:
    config = load_text(tmp_path, SMALL + "delivery: {dkim: {domain: 한빛.example, key_file: own.pem}}\n")
    assert [remark.key for remark in config.remarks] == ["delivery.dkim.domain", "delivery.dkim.key_file"]
    assert config.delivery.dkim.domain == "xn--xx3br43b.example"
