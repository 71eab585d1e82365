"""
Which feeds a site has, and which entries belong in each.

The generated ones always exist: everything, and each archive, as a whole and
per language. A slug is `<archive|all>[-c-<category slug>][-<language>]`.
"""

import base64
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from publisher.feeds.policy import FeedPolicy
from publisher.i18n import catalogue, language_name
from publisher.model import Entry, EntryStatus, Feed, Held, Language, Origin, Site, Texts, text_in

EVERY_ARCHIVE = "all"


def plan(
    site: Site, archives: Mapping[str, Texts], configured: Mapping[str, FeedPolicy] | None = None
) -> tuple[Feed, ...]:
    """
    Every feed of the site in the order of its catalogue: all, each archive, then the configured ones.

    `archives` maps the names of the archives to their titles. A configured feed
    with a generated one's slug does not replace it: addresses keep their meaning.
    """
    made = [
        generated_feed(site, archives, archive=archive, language=language)
        for archive in (None, *archives)
        for language in (None, *site.languages)
    ]
    slugs = {feed.slug for feed in made}
    named = [_configured_feed(site, archives, slug, policy) for slug, policy in (configured or {}).items()]
    return (*made, *(feed for feed in named if feed.slug not in slugs))


def generated_feed(
    site: Site,
    archives: Mapping[str, Texts],
    *,
    archive: str | None = None,
    category: str | None = None,
    language: Language | None = None,
) -> Feed:
    """The feed of an archive (None: all of them), narrowed to a category and a language as far as these are given."""
    parts = [*([archives[archive]] if archive else []), *([_same(category)] if category else [])]
    return Feed(
        slug=slug_of(archive, category, language),
        archives=(archive,) if archive else (),
        language=language,
        categories=(category,) if category else (),
        title=_title(site, parts, language),
        description=_description(site, parts, language),
        translations={
            other: slug_of(archive, category, other)
            for other in (site.languages if len(site.languages) > 1 else ())
            if other != language
        },
    )


def category_feed(
    slug: str, site: Site, archives: Mapping[str, Texts], categories: Mapping[str, Iterable[str]]
) -> Feed | None:
    """
    The feed of a category with this slug; None where there is no such category.

    `categories` are those that the entries of each archive have: a feed exists
    for each of them, without being configured.
    """
    start, _, rest = slug.partition("-c-")
    key, _, language = rest.partition("-")
    if start not in (EVERY_ARCHIVE, *archives) or language not in ("", *site.languages):
        return None
    archive = None if start == EVERY_ARCHIVE else start
    looked_at = categories.values() if archive is None else [categories.get(archive, ())]
    names = {name for known in looked_at for name in known}
    found = next((name for name in sorted(names) if category_slug(name) == key), None)
    if found is None or slug != slug_of(archive, found, language or None):
        return None
    return generated_feed(site, archives, archive=archive, category=normal(found), language=language or None)


def category_feeds(
    site: Site, archives: Mapping[str, Texts], categories: Mapping[str, Iterable[str]]
) -> Iterator[Feed]:
    """The feeds of every category: of each archive, and of all where there are several."""
    within: dict[str | None, set[str]] = {name: set(map(normal, categories.get(name, ()))) for name in archives}
    if len(archives) > 1:
        within = {None: set().union(*within.values()), **within}
    for archive, names in within.items():
        for name in sorted(names):
            for language in (None, *site.languages):
                yield generated_feed(site, archives, archive=archive, category=name, language=language)


def slug_of(archive: str | None = None, category: str | None = None, language: Language | None = None) -> str:
    """`all`, `director-en`, `all-c-7d4kq2xa-ko`: the address of a feed for ever."""
    parts = [archive or EVERY_ARCHIVE]
    if category:
        parts += ["c", category_slug(category)]
    if language:
        parts.append(language)
    return "-".join(parts)


def category_slug(category: str) -> str:
    """Eight base32 characters of its hash: Korean names do not read well in addresses."""
    digest = hashlib.sha256(normal(category).encode()).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:8]


def belongs(feed: Feed, entry: Entry) -> bool:
    """
    Whether the entry stands in the feed. In feeds no language falls back to another.

    An entry of two languages has a face in both, so it stands in the feeds of
    both; a machine's translation does not count.
    """
    if entry.status is not EntryStatus.LIVE or entry.held is Held.FLOOD:
        return False
    if feed.archives and entry.archive not in feed.archives:
        return False
    return _is_of_category(entry, feed.categories) and _can_be_read(entry, feed.language)


def chosen(feed: Feed, entries: Iterable[Entry]) -> list[Entry]:
    """
    Those that belong, newest first.

    By the source's date and not by arrival: an old part of the archive that we
    read only now must not push out what is new. Entries of one minute keep the
    order in which they were first seen.
    """
    return sorted(
        (entry for entry in entries if belongs(feed, entry)), key=lambda entry: (entry.dated, entry.id), reverse=True
    )


def _is_of_category(entry: Entry, categories: Sequence[str]) -> bool:
    return not categories or not {normal(name) for name in categories}.isdisjoint(map(normal, entry.categories))


def _can_be_read(entry: Entry, language: Language | None) -> bool:
    if language is None:
        return True
    face = entry.faces.get(language)
    return face is not None and face.origin is not Origin.MACHINE


def normal(category: str) -> str:
    """Two spellings of a category that look the same are one."""
    return unicodedata.normalize("NFC", " ".join(category.split()))


# ── What a feed is called ────────────────────────────────────────────────────


def _configured_feed(site: Site, archives: Mapping[str, Texts], slug: str, policy: FeedPolicy) -> Feed:
    parts = [*(archives.get(name, _same(name)) for name in policy.archives), *map(_same, policy.categories)]
    return Feed(
        slug=slug,
        archives=policy.archives,
        language=policy.language,
        categories=policy.categories,
        title=policy.title or _title(site, parts, policy.language),
        description=_description(site, parts, policy.language),
    )


def _title(site: Site, parts: Sequence[Texts], language: Language | None) -> str:
    return " / ".join(_distinct(_title_in(site, parts, tag, language) for tag in _told_in(site, language)))


def _description(site: Site, parts: Sequence[Texts], language: Language | None) -> str:
    return " ".join(_distinct(_description_in(site, parts, tag, language) for tag in _told_in(site, language)))


def _told_in(site: Site, language: Language | None) -> Sequence[Language]:
    """A feed of one language speaks that one; a feed of all entries is introduced in every one."""
    return (language,) if language else site.languages


def _title_in(site: Site, parts: Sequence[Texts], told_in: Language, language: Language | None) -> str:
    say = catalogue(told_in).gettext
    house = text_in(site.name, told_in)
    tongue = language_name(language, told_in) if language else ""
    if parts:
        subject = _listed(parts, told_in)
        if tongue:
            return say("%(archive)s – %(site)s (%(language)s)", archive=subject, site=house, language=tongue)
        return say("%(archive)s – %(site)s", archive=subject, site=house)
    if tongue:
        return say("%(site)s: new entries (%(language)s)", site=house, language=tongue)
    return say("%(site)s: new entries", site=house)


def _description_in(site: Site, parts: Sequence[Texts], told_in: Language, language: Language | None) -> str:
    say = catalogue(told_in).gettext
    house = text_in(site.name, told_in)
    tongue = language_name(language, told_in) if language else ""
    if parts:
        subject = _listed(parts, told_in)
        if tongue:
            return say(
                "What is new at %(site)s in “%(archive)s” and can be read in %(language)s.",
                site=house,
                archive=subject,
                language=tongue,
            )
        return say("What is new at %(site)s in “%(archive)s”, in every language.", site=house, archive=subject)
    if tongue:
        return say("What is new at %(site)s and can be read in %(language)s.", site=house, language=tongue)
    return say("What is new at %(site)s, in every language.", site=house)


def _listed(parts: Sequence[Texts], language: Language) -> str:
    return " · ".join(text_in(part, language) for part in parts)


def _same(text: str) -> Texts:
    return {"": text}


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    return iter(dict.fromkeys(texts))
