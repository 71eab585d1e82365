"""`site`: the publisher's own place on the web, and who writes."""

from pathlib import Path

from publisher import pictures
from publisher.config import colours, values
from publisher.config.reading import Section
from publisher.errors import UnusablePicture
from publisher.model import SENDER_LANGUAGES, Sender, Site
from publisher.pictures import Copy


def read_site(section: Section, folder: Path, *, has_lists: bool) -> tuple[Site, Copy | None]:
    """`site`, and its logo as letters show it. Whoever writes letters needs an address to write from."""
    languages = section.values("languages", values.language, ("ko", "en"), needed="[ko, en]")
    name = section.texts("name", languages)
    if not name:
        section.wrong("name", "is missing; expected a name in at least one language, such as {ko: 한빛평화연구소}")
    sender = _sender(section.section("sender"), Site(name=name, url="", languages=languages), has_lists=has_lists)
    logo = section.value("logo", lambda value: _logo(folder / value), None)
    accent = section.value("accent", colours.accent, "#17605a")
    site = Site(
        name=name,
        url=section.required("url", values.site_url, "", "an address such as https://letters.hanbit-peace.example"),
        timezone=section.value("timezone", values.timezone, "Asia/Seoul"),
        country=section.value("country", values.country, "KR"),
        languages=languages,
        sender=sender,
        operators=section.values("operators", values.email, (sender.email,) if sender.email else ()),
        accent=accent,
        accent_dark=colours.by_night(accent),
        logo=logo.picture if logo else None,
    )
    return site, logo


def _logo(path: Path) -> Copy:
    try:
        with path.open("rb") as file:
            return pictures.for_logo(file.read(pictures.LARGEST_FILE + 1))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {(error.strerror or 'failed').lower()}") from None
    except UnusablePicture as error:
        raise ValueError(f"{path} cannot be a logo: {error}; a PNG will do") from None


def _sender(section: Section, site: Site, *, has_lists: bool) -> Sender:
    email = section.value("email", values.email, "")
    if has_lists and not section.has("email"):
        section.wrong("email", "is missing; lists need an address to write from, such as letters@hanbit-peace.example")
    # In both, whatever the site's own languages are: every letter names the sender in Korean and in English.
    languages = dict.fromkeys((*site.languages, *SENDER_LANGUAGES))
    return Sender(
        name={**site.name, **section.texts("name", languages)},
        email=email,
        phone=section.value("phone", values.line, ""),
        address=section.texts("address", languages),
    )
