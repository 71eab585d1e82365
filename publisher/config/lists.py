"""`lists`: what readers subscribe to."""

from collections.abc import Collection
from datetime import timedelta

from publisher.config import values
from publisher.config.reading import Section
from publisher.model import Classification, Design, Images, ImagesAs, MailingList, Missing, Mode, Site


def read_lists(
    section: Section, site: Site, archives: Collection[str], profiles: Collection[str]
) -> dict[str, MailingList]:
    """`lists`, by name."""
    return {
        name: _list(name, below, site, archives, [other for other in section.names if other != name], profiles)
        for name, below in section.named(values.name)
    }


def _list(
    name: str,
    section: Section,
    site: Site,
    archives: Collection[str],
    others: Collection[str],
    profiles: Collection[str],
) -> MailingList:
    keys = values.language_keys(site.languages)
    return MailingList(
        name=name,
        titles=section.texts("name", site.languages) or dict.fromkeys(site.languages, name),
        archives=section.values("archives", values.member_of(archives, "an archive"), needed="[director]"),
        languages=section.values("languages", values.one_of(*keys), keys, needed='[ko, "ko+en"]'),
        cadence=section.value("cadence", values.cron, None),
        timezone=section.value("timezone", values.timezone, site.timezone),
        mode=section.value("mode", values.state_of(Mode), Mode.APPROVE),
        minimum=section.value("minimum", values.whole(1, 1000), 1),
        late=section.value("late", values.duration, timedelta(hours=6)),
        grace=section.value("grace", values.duration, timedelta(minutes=2)),
        missing=section.value("missing", values.state_of(Missing), Missing.SHOW),
        classification=section.value("classification", values.state_of(Classification), Classification.INFORMATION),
        less_often=section.value("less_often", values.member_of(others, "another list"), None),
        reply_to=section.value("reply_to", values.email, None),
        profile=section.value("profile", values.member_of(profiles, "an SMTP profile"), None),
        design=section.value("design", values.state_of(Design), Design.DIGEST),
        images=section.value("images", values.state_of(Images), Images.NONE),
        images_as=section.value("images_as", values.state_of(ImagesAs), ImagesAs.LINK),
    )
