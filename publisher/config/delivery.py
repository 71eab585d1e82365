"""`delivery` and `store`: the roads of letters, and the database."""

from datetime import timedelta
from pathlib import Path

from publisher.config import values
from publisher.config.bounces import read_returns
from publisher.config.oauth import read_oauth
from publisher.config.reading import Section
from publisher.config.secrets import read_password
from publisher.delivery.policy import (
    DEFAULT_ROAD,
    DeliveryPolicy,
    DkimPolicy,
    Pipelining,
    Provider,
    RetryPolicy,
    Security,
    SmtpProfile,
    WhenUncertain,
)
from publisher.delivery.presets import PER_DOMAIN, preset_for
from publisher.store.policy import StorePolicy

DEFAULT_STORE = "sqlite:///var/publisher.db"

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


def read_store(section: Section, folder: Path) -> StorePolicy:
    """`store`; a database file is looked for from `folder` on."""
    url = section.value("url", values.database_url, DEFAULT_STORE)
    if url.startswith("sqlite:///"):
        url = f"sqlite:///{(folder / url.removeprefix('sqlite:///')).as_posix()}"
    return StorePolicy(url=url)


def read_delivery(section: Section, folder: Path) -> DeliveryPolicy:
    """`delivery`; without `smtp.host` letters go to the mailbox folder."""
    smtp = _profile(section.section("smtp"), folder)
    roads = section.section("profiles")
    profiles = {name: _profile(below, folder, must=True) for name, below in roads.named(_road)}
    if profiles and not smtp.host:
        section.remark("profiles", "have no effect while delivery.smtp.host, the first of them, is not set")
    return DeliveryPolicy(
        smtp=smtp if smtp.host else None,
        profiles=profiles,
        processes=section.value("processes", values.whole(1, 64), 1),
        retry=_retry(section.section("retry")),
        limits=_limits(section.section("limits")),
        dkim=_dkim(section.section("dkim"), folder),
        uncertain=section.value("uncertain", values.state_of(WhenUncertain), WhenUncertain.RESEND),
        lost_after=section.value("lost_after", values.some_time, timedelta(hours=1)),
        bounces=read_returns(section.section("bounces"), folder),
    )


def _road(name: str) -> str:
    if name == DEFAULT_ROAD:
        raise ValueError("'default' is the road of delivery.smtp; choose another name")
    return values.name(name)


def _profile(section: Section, folder: Path, *, must: bool = False) -> SmtpProfile:
    host = section.value("host", values.host, "")
    if must and not section.has("host"):
        section.wrong("host", "is missing; expected a host name such as smtp.hanbit-peace.example")
    security = section.value("security", values.state_of(Security), Security.STARTTLS)
    user = section.value("user", values.line, "")
    oauth = read_oauth(section.section("oauth"), folder)
    preset = preset_for(host, user)
    return SmtpProfile(
        host=host,
        port=section.value("port", values.whole(1, 65535), _PORTS[security]),
        security=security,
        user=user,
        password=_password(section, folder, has_token=oauth is not None),
        oauth=oauth,
        connections=section.value("connections", values.whole(1, 100), preset.connections),
        per_connection=section.value("per_connection", values.whole(1, 100_000), SmtpProfile.per_connection),
        pipelining=section.value("pipelining", values.state_of(Pipelining), Pipelining.AUTO),
        timeout=section.value("timeout", values.some_time, timedelta(minutes=1)),
        per_second=section.value("per_second", values.rate, preset.per_second),
        per_day=section.value("per_day", values.whole(1, 100_000_000), preset.per_day),
        provider=_provider(section.section("provider")),
    )


def _limits(section: Section) -> dict[str, float]:
    """Our own careful ones, and those of the file over them; null takes one away."""
    limits: dict[str, float] = dict(PER_DOMAIN)
    for name in section.names:
        limit = section.value(name, values.rate, None)
        try:
            domain = values.domain(name)
        except ValueError as error:
            section.wrong(name, str(error))
            continue
        limits.pop(domain, None)
        if limit is not None:
            limits[domain] = limit
    return limits


def _provider(section: Section) -> Provider | None:
    firm = section.value("name", values.line, "")
    contract = section.value("contract", values.day, None)
    country = section.value("country", values.country, "KR")
    if not firm and section.has("contract"):
        section.remark("contract", "has no effect without the name of the firm beside it")
    return Provider(name=firm, contract=contract, country=country) if firm else None


def _password(section: Section, folder: Path, *, has_token: bool) -> str:
    password = read_password(section, folder)
    is_given = section.has("password") or section.has("password_file")
    if has_token and is_given:
        section.wrong("password", "oauth is given as well; keep one of the two")
    elif section.has("host") and section.has("user") and not is_given and not has_token:
        section.wrong("user", "has no password; give it in password_file or in the environment")
    elif has_token and not section.has("user"):
        section.wrong("user", "is missing; oauth is given, so expected the account's address")
    return password


def _retry(section: Section) -> RetryPolicy:
    policy = RetryPolicy(
        first_wait=section.value("first_wait", values.some_time, RetryPolicy.first_wait),
        longest=section.value("longest", values.some_time, RetryPolicy.longest),
        max_attempts=section.value("max_attempts", values.whole(1, 1000), RetryPolicy.max_attempts),
        give_up_after=section.value("give_up_after", values.some_time, RetryPolicy.give_up_after),
    )
    if policy.longest < policy.first_wait:
        section.wrong("longest", "is shorter than first_wait; expected at least as long a wait")
    return policy


def _dkim(section: Section, folder: Path) -> DkimPolicy:
    selector = section.value("selector", values.dns_label, "")
    key_file = section.value("key_file", values.text, "")
    for name in ("domain", "key_file"):
        if section.has(name) and not selector:
            section.remark(name, "has no effect without a selector; `publisher dkim` proposes one")
    return DkimPolicy(
        selector=selector,
        domain=section.value("domain", values.domain, ""),
        key_file=folder / key_file if key_file else None,
    )
