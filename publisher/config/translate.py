"""`translate`: which service makes missing faces, of what, and how much."""

import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from publisher.config import values
from publisher.config.glossary import read_glossary
from publisher.config.reading import Section
from publisher.config.secrets import read_key
from publisher.model import Site
from publisher.translate.glossary import Glossary
from publisher.translate.policy import Extent, Service, TranslatePolicy

_IN_A_HEADER = re.compile(r"[\x21-\x7e]*")


def read_translate(section: Section, site: Site, archives: Collection[str], folder: Path) -> TranslatePolicy:
    """`translate`; off while no service is named. Then the glossary counts, and a wrong one is told."""
    service = section.value("service", values.state_of(Service), None)
    allow = section.values("allow", values.host_and_port)
    policy = TranslatePolicy(
        service=service,
        endpoint=section.value("endpoint", values.web_url, "").rstrip("/"),
        key=read_key(section, folder),
        model=section.value("model", values.line, ""),
        extent=section.value("extent", values.state_of(Extent), Extent.SUMMARY),
        languages=section.values("languages", values.one_of(*site.languages)),
        archives=section.values("archives", values.member_of(archives, "an archive")),
        automatic=section.value("automatic", values.yes_or_no, False),
        budget=section.value("budget", values.whole(0, 999_999_999), 200_000),
        timeout=section.value("timeout", values.some_time, TranslatePolicy.timeout),
        allow=allow,
        glossary=read_glossary(folder, site.languages) if service else Glossary(),
    )
    _look_at(policy, section)
    return policy


def _look_at(policy: TranslatePolicy, section: Section) -> None:
    """What each service needs; and that a key is not sent in the open."""
    if policy.service is None:
        if policy.automatic:
            section.remark("automatic", "no service is named; has no effect")
        return
    if policy.service is Service.DEEPL and not (section.has("key") or section.has("key_file")):
        section.wrong("key", "is missing; expected DeepL's key, better in the environment or in a file (key_file)")
    if policy.service is Service.OPENAI and not policy.model:
        section.wrong("model", "is missing; expected the model's name, as the service calls it")
    if not _IN_A_HEADER.fullmatch(policy.key):
        section.wrong("key_file" if section.has("key_file") else "key", "expected one word of ASCII letters and signs")
    address = urlsplit(policy.endpoint)
    if address.scheme == "http" and address.netloc.lower() not in policy.allow:
        section.wrong(
            "endpoint", f"expected https://…, or '{address.netloc}' in translate.allow if it is a server of your own"
        )
