"""`delivery` and `store`: the roads of letters, and the database."""

from datetime import timedelta
from pathlib import Path

from publisher.config import values
from publisher.config.bounces import read_returns
from publisher.config.reading import Section
from publisher.config.secrets import read_password
from publisher.delivery.policy import (
    DeliveryPolicy,
    Pipelining,
    Provider,
    RetryPolicy,
    Security,
    SmtpProfile,
    WhenUncertain,
)
from publisher.store.policy import StorePolicy

DEFAULT_STORE = "sqlite:///var/publisher.db"

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_NOT_YET = "from a later version on; has no effect yet"


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
    if profiles:
        section.remark("profiles", f"further roads {_NOT_YET}")
    processes = section.value("processes", values.whole(1, 64), 1)
    if processes != 1:
        section.remark("processes", f"further sending processes {_NOT_YET}")
    section.later("limits", "pace per recipient domain")
    section.later("dkim", "signing")
    return DeliveryPolicy(
        smtp=smtp if smtp.host else None,
        profiles=profiles,
        processes=processes,
        retry=_retry(section.section("retry")),
        uncertain=section.value("uncertain", values.state_of(WhenUncertain), WhenUncertain.RESEND),
        lost_after=section.value("lost_after", values.some_time, timedelta(hours=1)),
        bounces=read_returns(section.section("bounces"), folder),
    )


def _road(name: str) -> str:
    if name == "default":
        raise ValueError("'default' is the road of delivery.smtp; choose another name")
    return values.name(name)


def _profile(section: Section, folder: Path, *, must: bool = False) -> SmtpProfile:
    host = section.value("host", values.host, "")
    if must and not section.has("host"):
        section.wrong("host", "is missing; expected a host name such as smtp.hanbit-peace.example")
    security = section.value("security", values.state_of(Security), Security.STARTTLS)
    per_day = section.value("per_day", values.whole(1, 100_000_000), None)
    if per_day is not None:
        section.remark("per_day", f"a limit per day {_NOT_YET}")
    return SmtpProfile(
        host=host,
        port=section.value("port", values.whole(1, 65535), _PORTS[security]),
        security=security,
        user=section.value("user", values.line, ""),
        password=_password(section, folder),
        connections=section.value("connections", values.whole(1, 100), 10),
        pipelining=section.value("pipelining", values.state_of(Pipelining), Pipelining.AUTO),
        timeout=section.value("timeout", values.some_time, timedelta(minutes=1)),
        per_day=per_day,
        provider=_provider(section.section("provider")),
    )


def _provider(section: Section) -> Provider | None:
    firm = section.value("name", values.line, "")
    contract = section.value("contract", values.day, None)
    country = section.value("country", values.country, "KR")
    if not firm and section.has("contract"):
        section.remark("contract", "has no effect without the name of the firm beside it")
    return Provider(name=firm, contract=contract, country=country) if firm else None


def _password(section: Section, folder: Path) -> str:
    password = read_password(section, folder)
    is_given = section.has("password") or section.has("password_file")
    if section.has("host") and section.has("user") and not is_given:
        section.wrong("user", "has no password; give it in password_file or in the environment")
    return password


def _retry(section: Section) -> RetryPolicy:
    policy = RetryPolicy(
        first_wait=section.value("first_wait", values.some_time, RetryPolicy.first_wait),
        longest=section.value("longest", values.some_time, RetryPolicy.longest),
        max_attempts=section.value("max_attempts", values.whole(1, 1000), RetryPolicy.max_attempts),
    )
    if policy.longest < policy.first_wait:
        section.wrong("longest", "is shorter than first_wait; expected at least as long a wait")
    return policy
