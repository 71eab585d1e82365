"""What the subscription page tells people before they consent, in every language of the site."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from publisher.delivery.policy import Provider
from publisher.i18n import catalogue, country_name
from publisher.model import Classification, Language, MailingList, Site, text_in
from subscribers.consent import Abroad, ConsentPolicy, ConsentText, Texts


def terms_of(
    site: Site, lists: Iterable[MailingList], policy: ConsentPolicy, providers: Sequence[Provider]
) -> Mapping[Language, ConsentText]:
    """
    The configured texts, else the house's own; with the firms that send the letters.

    Promotion is asked about only where a list may be advertising, or where the
    configuration has a text for it.
    """
    is_asked = policy.advertising is not None or any(one.classification is Classification.ADVERTISING for one in lists)
    terms = {language: _terms(site, language, policy, is_asked=is_asked) for language in site.languages}
    return {language: replace(one, carriers=_carriers(providers, language)) for language, one in terms.items()}


def _terms(site: Site, language: Language, policy: ConsentPolicy, *, is_asked: bool) -> ConsentText:
    _ = catalogue(language).gettext
    name = text_in(site.name, language)
    return ConsentText(
        purpose=_chosen(policy.purpose, language, _("To send you the letters of %(site)s that you choose.", site=name)),
        items=_chosen(
            policy.items,
            language,
            _("Your e-mail address and the languages you read. Nothing else is needed, and nothing else is asked for."),
        ),
        retention=_chosen(
            policy.retention,
            language,
            _(
                "Until you unsubscribe. After that we keep only the record that you agreed and unsubscribed,"
                " and a code made from your address that tells us not to write to you again."
            ),
        ),
        refusal=_chosen(
            policy.refusal,
            language,
            _("You may refuse. We then cannot send you the letters; there are no other consequences."),
        ),
        advertising=_advertising(policy.advertising, language, _("I would also like to receive advertising by e-mail."))
        if is_asked
        else "",
        abroad=_abroad(policy.abroad, language),
    )


def _carriers(providers: Sequence[Provider], language: Language) -> str:
    named = (f"{one.name} ({country_name(one.country, language)})" for one in providers)
    firms = ", ".join(dict.fromkeys(named))
    return catalogue(language).gettext("Sending the letters: %(firms)s.", firms=firms) if firms else ""


def _chosen(texts: Texts | None, language: Language, otherwise: str) -> str:
    """A configured text; one that was left out for this language is empty, and `check` says so."""
    return otherwise if texts is None else texts.get(language, "")


def _advertising(texts: Texts | None, language: Language, otherwise: str) -> str:
    return (texts and text_in(texts, language)) or otherwise


def _abroad(abroad: Abroad, language: Language) -> str:
    if not abroad.firm:
        return ""
    return catalogue(language).gettext(
        "Your address is also kept abroad. By whom: %(firm)s. Country: %(country)s. What for: %(purpose)s."
        " How long: %(period)s. You may refuse; then we cannot send you the letters.",
        firm=abroad.firm,
        country=text_in(abroad.country, language),
        purpose=text_in(abroad.purpose, language),
        period=text_in(abroad.period, language),
    )
