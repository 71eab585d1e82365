"""What a good configuration becomes, and where it is looked for."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.config import find, load
from publisher.delivery.policy import DeliveryPolicy, Security, WhenUncertain
from publisher.errors import ConfigError
from publisher.model import Classification, MailingList, Missing, Mode
from tests.config.house import SMALL, load_text, with_lines

MONTHLY = "  monthly: {archives: [director], cadence: 0 9 1 * *, less_often: null}"


def test_a_small_file_gets_every_default(tmp_path: Path) -> None:
    config = load_text(tmp_path)
    assert config.path == tmp_path / "config.yaml"
    assert (config.folder, config.var) == (tmp_path, tmp_path / "var")
    assert config.site.sender.name == config.site.name
    assert config.archives["director"].every == timedelta(minutes=15)
    assert config.archives["director"].titles == {"ko": "director", "en": "director"}
    assert config.lists["weekly"] == MailingList(
        name="weekly", titles={"ko": "weekly", "en": "weekly"}, archives=("director",)
    )
    assert config.delivery == DeliveryPolicy()
    assert (config.web.host, config.web.port) == ("127.0.0.1", 8080)
    assert config.remarks == ()


def test_a_list_says_everything_about_itself(tmp_path: Path) -> None:
    text = with_lines(
        "lists",
        MONTHLY,
        "  daily:",
        "    name: {ko: 하루 소식}",
        "    archives: [director]",
        '    languages: [en, "en+ko"]',
        "    cadence: 30 7 * * 1-5",
        "    timezone: Europe/Berlin",
        "    mode: automatic",
        "    minimum: 3",
        "    late: 2d",
        "    grace: 0s",
        "    missing: omit",
        "    classification: advertising",
        "    less_often: monthly",
        "    reply_to: editors@hanbit-peace.example",
    )
    assert load_text(tmp_path, text).lists["daily"] == MailingList(
        name="daily",
        titles={"ko": "하루 소식"},
        archives=("director",),
        languages=("en", "en+ko"),
        cadence="30 7 * * 1-5",
        timezone="Europe/Berlin",
        mode=Mode.AUTOMATIC,
        minimum=3,
        late=timedelta(days=2),
        grace=timedelta(0),
        missing=Missing.OMIT,
        classification=Classification.ADVERTISING,
        less_often="monthly",
        reply_to="editors@hanbit-peace.example",
    )


def test_a_list_follows_the_site_in_zone_and_languages(tmp_path: Path) -> None:
    text = with_lines("site", "  timezone: Asia/Tokyo", "  languages: [ko]")
    weekly = load_text(tmp_path, text).lists["weekly"]
    assert (weekly.timezone, weekly.languages) == ("Asia/Tokyo", ("ko",))


def test_an_archive_says_everything_about_itself(tmp_path: Path) -> None:
    text = with_lines(
        "archives",
        "  papers:",
        "    kind: folder",
        "    path: archive/papers",
        "    name: {en: Papers}",
        "    every: 1h",
        "    settle: 0s",
        "    flood: 50",
        "    first_read: mail",
        "    rights: full",
        "    authors: {관리자: {ko: 김한빛, en: Kim Hanbit}}",
        '    allow: ["127.0.0.1:9200", "[::1]:9200"]',
        "    pause: 0s",
    )
    papers = load_text(tmp_path, text).archives["papers"]
    assert papers.path == str(tmp_path / "archive" / "papers")
    assert (papers.titles, papers.every, papers.flood) == ({"en": "Papers"}, timedelta(hours=1), 50)
    assert (papers.first_read, papers.rights) == ("mail", "full")
    assert papers.settle == papers.pause == timedelta(0)
    assert papers.authors == {"관리자": {"ko": "김한빛", "en": "Kim Hanbit"}}
    assert papers.allow == ("127.0.0.1:9200", "[::1]:9200")


def test_a_feed_of_ones_own(tmp_path: Path) -> None:
    text = with_lines("feeds", "  columns: {archives: [director], categories: [칼럼], language: ko, title: 한빛 칼럼}")
    feed = load_text(tmp_path, text).feeds["columns"]
    assert dataclasses.astuple(feed) == (("director",), ("칼럼",), "ko", "한빛 칼럼")


def test_delivery_says_everything_about_itself(tmp_path: Path) -> None:
    text = with_lines(
        "delivery",
        "  smtp: {host: smtp.hanbit-peace.example, security: tls, user: letters, password: wet paint}",
        "  retry: {first_wait: 30s, longest: 1h, max_attempts: 4}",
        "  uncertain: hold",
        "  lost_after: 3h",
    )
    delivery = load_text(tmp_path, text).delivery
    assert delivery.smtp is not None
    assert (delivery.smtp.port, delivery.smtp.security) == (465, Security.TLS)
    assert (delivery.smtp.user, delivery.smtp.password) == ("letters", "wet paint")
    assert delivery.retry.first_wait == timedelta(seconds=30)
    assert (delivery.uncertain, delivery.lost_after) == (WhenUncertain.HOLD, timedelta(hours=3))


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_the_security(tmp_path: Path, security: str, port: int) -> None:
    smtp = load_text(
        tmp_path, with_lines("delivery", f"  smtp: {{host: localhost, security: {security}}}")
    ).delivery.smtp
    assert smtp is not None
    assert smtp.port == port


def test_without_an_smtp_host_there_is_no_smtp(tmp_path: Path) -> None:
    assert load_text(tmp_path, with_lines("delivery", "  smtp: {connections: 4}")).delivery.smtp is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:///var/publisher.db", "sqlite:///{folder}/var/publisher.db"),
        ("sqlite:////srv/publisher.db", "sqlite:////srv/publisher.db"),
        ("postgresql://db.hanbit-peace.example/letters", "postgresql://db.hanbit-peace.example/letters"),
    ],
)
def test_a_database_file_is_looked_for_beside_the_configuration(tmp_path: Path, written: str, meant: str) -> None:
    store = load_text(tmp_path, with_lines("store", f"  url: {written}")).store
    assert store.url == meant.format(folder=tmp_path)


def test_relative_paths_do_not_depend_on_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_text(tmp_path)
    monkeypatch.chdir(tmp_path.parent)
    config = load(Path(tmp_path.name) / "config.yaml", {})
    assert config.folder == tmp_path
    assert config.store.url == f"sqlite:///{tmp_path}/var/publisher.db"


def test_a_site_may_have_a_path_and_no_slash_at_its_end(tmp_path: Path) -> None:
    site = load_text(tmp_path, SMALL.replace("letters.hanbit-peace.example\n", "hanbit-peace.example/letters/\n")).site
    assert (site.url, site.path) == ("https://hanbit-peace.example/letters", "/letters")


def test_a_korean_domain_of_an_address_is_kept_as_it_goes_over_the_wire(tmp_path: Path) -> None:
    site = load_text(tmp_path, SMALL.replace("letters@hanbit-peace.example", "letters@한빛.example")).site
    assert site.sender.email == "letters@xn--xx3br43b.example"


def test_the_pace_of_a_known_server_is_taken_where_nothing_else_is_set(tmp_path: Path) -> None:
    account = "host: smtp.gmail.com, user: {user}, password: x"
    found = []
    for user, more in (
        ("hanbit@gmail.com", ""),
        ("us@hanbit-peace.example", ""),
        ("hanbit@gmail.com", ", per_day: 90"),
    ):
        lines = with_lines("delivery", f"  smtp: {{{account.format(user=user)}{more}}}")
        smtp = load_text(tmp_path, lines).delivery.smtp
        assert smtp
        found.append((smtp.connections, smtp.per_second, smtp.per_day))
    assert found == [(3, 2, 500), (5, 5, 2000), (3, 2, 90)]


def test_a_limit_of_the_file_wins_over_ours_and_null_takes_it_away(tmp_path: Path) -> None:
    limits = load_text(tmp_path, with_lines("delivery", "  limits: {Naver.com: 0.5, gmail.com: null}")).delivery.limits
    assert limits["naver.com"] == 0.5
    assert "gmail.com" not in limits
    assert limits["daum.net"] == 5


def test_an_account_with_a_token_needs_no_password(tmp_path: Path) -> None:
    oauth = "{provider: microsoft, tenant: hanbit-peace.example, client_id: hanbit, refresh_token: wet-paint}"
    lines = with_lines("delivery", f"  smtp: {{host: s.example, user: us@hanbit-peace.example, oauth: {oauth}}}")
    smtp = load_text(tmp_path, lines).delivery.smtp
    assert smtp
    assert smtp.oauth
    assert smtp.oauth.token_url == "https://login.microsoftonline.com/hanbit-peace.example/oauth2/v2.0/token"
    assert smtp.oauth.refresh_token == "wet-paint"
    assert "wet-paint" not in repr(smtp)


def test_a_list_goes_by_the_profile_that_it_names(tmp_path: Path) -> None:
    text = with_lines("delivery", "  smtp: {host: a.example}", "  profiles: {relay: {host: b.example}}")
    config = load_text(tmp_path, text.replace("{archives: [director]}", "{archives: [director], profile: relay}"))
    assert [one.profile for one in config.lists.values()] == ["relay"]
    assert list(config.delivery.roads) == ["default", "relay"]


def test_an_ipv6_address_is_bound_without_its_brackets(tmp_path: Path) -> None:
    web = load_text(tmp_path, with_lines("web", '  listen: "[::1]:8080"', '  trusted_proxies: [10.0.0.0/8, "::1"]')).web
    assert (web.host, web.port, web.trusted_proxies) == ("::1", 8080, ("10.0.0.0/8", "::1"))


@pytest.mark.parametrize(
    ("key", "lines", "remark"),
    [
        ("delivery", "  profiles: {relay: {host: r.example}}", "delivery.profiles: have no effect while"),
    ],
)
def test_a_key_whose_time_has_not_come_is_let_stand_and_told(tmp_path: Path, key: str, lines: str, remark: str) -> None:
    (told,) = load_text(tmp_path, with_lines(key, lines)).remarks
    assert remark in str(told)


def test_the_option_is_asked_first_then_the_variable_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("config.yaml", "a.yaml", "b.yaml"):
        (tmp_path / name).touch()
    assert find("a.yaml", {"PUBLISHER_CONFIG": "b.yaml"}) == Path("a.yaml")
    assert find(None, {"PUBLISHER_CONFIG": "b.yaml"}) == Path("b.yaml")
    assert find(None, {"PUBLISHER_CONFIG": ""}) == Path("config.yaml")


def test_without_a_file_one_is_told_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^config\.yaml: no such file; `publisher init DIR` writes one"):
        find(None, {})


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: is a directory"):
        load(tmp_path, {})
