"""
What a page says to machines (JSON-LD, schema.org): who publishes, what it is, where it stands.

Plain values; `printed` makes them harmless inside a `<script>` element, where
HTML's own escapes do not count.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from publisher.model import Entry, Language, Site, text_in
from publisher.web.view import EntryView

Described: TypeAlias = Mapping[str, object]


def printed(described: Sequence[Described]) -> str:
    """As JSON in which nothing can end the element, begin another or a comment."""
    whole = {"@context": "https://schema.org", "@graph": list(described)}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def organization(site: Site, language: Language, logo: str) -> Described:
    return {
        "@type": "Organization",
        "@id": f"{site.url}/#publisher",
        "name": text_in(site.name, language),
        "url": f"{site.url}/",
        "logo": logo,
        **({"email": site.sender.email} if site.sender.email else {}),
    }


def website(site: Site, language: Language) -> Described:
    """The site, and how it is searched."""
    return {
        "@type": "WebSite",
        "name": text_in(site.name, language),
        "url": site.home_url(language),
        "inLanguage": language,
        "publisher": {"@id": f"{site.url}/#publisher"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{site.home_url(language)}search?q={{search_term_string}}",
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumbs(*steps: tuple[str, str]) -> Described:
    """The way from home to the page: title and address of each step."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": url}
            for position, (name, url) in enumerate(steps, 1)
        ],
    }


def article(entry: Entry, view: EntryView, url: str, image: str, site: Site) -> Described:
    """The face of an entry that a page shows."""
    return {
        "@type": "Article",
        "headline": view.title,
        "description": view.summary,
        "inLanguage": view.language,
        "datePublished": entry.dated.isoformat(),
        "dateModified": max(entry.updated_at, entry.dated).isoformat(),
        "mainEntityOfPage": url,
        "image": image,
        "publisher": {"@id": f"{site.url}/#publisher"},
        **({"author": {"@type": "Person", "name": view.author}} if view.author else {}),
        **({"isBasedOn": view.original_url} if view.original_url else {}),
    }
