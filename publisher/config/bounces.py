"""`delivery.bounces` and `subscribers.bounces`: where bounces are heard of, and how they count."""

from pathlib import Path

from publisher.config import values
from publisher.config.reading import Section
from publisher.config.secrets import read_password, read_secret
from publisher.delivery.policy import ImapPolicy, MaildirPolicy, ReturnPolicy, Security, WhenHandled
from subscribers.bounces import BouncePolicy

_PORTS = {Security.STARTTLS: 143, Security.TLS: 993, Security.NONE: 143}
_LONGEST_LOCAL = 64 - len("+b") - 26  # RFC 5321 section 4.5.3.1.1
_SEPARATORS = {"+": "+", "-": "-", "=": "=", "none": ""}


def read_returns(section: Section, folder: Path) -> ReturnPolicy:
    """`delivery.bounces`; paths are looked for from `folder` on."""
    default = ReturnPolicy()
    policy = ReturnPolicy(
        address=section.value("address", values.email, default.address),
        separator=_SEPARATORS[section.value("separator", values.one_of(*_SEPARATORS), default.separator)],
        every=section.value("every", values.some_time, default.every),
        alarm_after=section.value("alarm_after", values.whole(1, 1000), default.alarm_after),
        imap=_imap(section.section("imap"), folder),
        maildir=_maildir(section.section("maildir"), folder),
        ses_topic=section.section("ses").value("topic", values.topic, default.ses_topic),
        mailgun_key=read_secret(section.section("mailgun"), "signing_key", folder),
    )
    if policy.separator and len(policy.address.partition("@")[0]) > _LONGEST_LOCAL:
        section.wrong(
            "address", f"expected at most {_LONGEST_LOCAL} characters before the @: an extension comes behind"
        )
    return policy


def _imap(section: Section, folder: Path) -> ImapPolicy | None:
    host = section.value("host", values.host, "")
    security = section.value("security", values.state_of(Security), Security.TLS)
    then, move_to = _handled(section)
    password = read_password(section, folder)
    policy = ImapPolicy(
        host=host,
        port=section.value("port", values.whole(1, 65535), _PORTS[security]),
        security=security,
        user=section.value("user", values.line, ""),
        password=password,
        folder=section.value("folder", values.line, ImapPolicy.folder),
        then=then,
        move_to=move_to,
    )
    if host and not section.has("user"):
        section.wrong("user", "is missing; expected the name to sign in with")
    elif host and not (section.has("password") or section.has("password_file")):
        section.wrong("user", "has no password; give it in password_file or in the environment")
    return policy if host else None


def _maildir(section: Section, folder: Path) -> MaildirPolicy | None:
    path = section.value("path", values.line, "")
    then, move_to = _handled(section)
    return MaildirPolicy(path=folder / path, then=then, move_to=move_to) if path else None


def _handled(section: Section) -> tuple[WhenHandled, str | None]:
    then = section.value("then", values.state_of(WhenHandled), WhenHandled.KEEP)
    move_to = section.value("move_to", values.mail_folder, None)
    if move_to and then is not WhenHandled.MOVE:
        section.remark("move_to", "has no effect without `then: move`")
    if then is WhenHandled.MOVE and not move_to:
        section.wrong("move_to", "is missing; expected the folder that bounces are moved to, such as Bounces")
    return then, move_to


def read_bounces(section: Section) -> BouncePolicy:
    """`subscribers.bounces`."""
    default = BouncePolicy()
    policy = BouncePolicy(
        soft=section.value("soft", values.whole(1, 100), default.soft),
        window=section.value("window", values.some_time, default.window),
        complaints_alarm=section.value("complaints_alarm", values.percent, default.complaints_alarm),
        complaints_pause=section.value("complaints_pause", values.percent, default.complaints_pause),
        bounces_alarm=section.value("bounces_alarm", values.percent, default.bounces_alarm),
        bounces_pause=section.value("bounces_pause", values.percent, default.bounces_pause),
        at_least=section.value("at_least", values.whole(1, 10_000), default.at_least),
    )
    for what in ("complaints", "bounces"):
        if getattr(policy, f"{what}_pause") < getattr(policy, f"{what}_alarm"):
            section.wrong(f"{what}_pause", f"is below {what}_alarm; expected at least as much")
    return policy
