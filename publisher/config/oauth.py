"""`oauth`: signing in to an SMTP server with a token (XOAUTH2)."""

from pathlib import Path

from publisher.config import values
from publisher.config.reading import Section
from publisher.config.secrets import read_secret
from publisher.delivery.policy import OAuth

# Google: developers.google.com/identity/protocols/oauth2. Microsoft: learn.microsoft.com, "Authenticate an IMAP, POP
# or SMTP connection using OAuth". Not tried against the real ones.
_TOKEN_URLS = {
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
}
_SCOPES = {"microsoft": "https://outlook.office.com/SMTP.Send offline_access"}
_KEYS = (
    *("provider", "token_url", "client_id", "client_secret", "client_secret_file"),
    *("refresh_token", "refresh_token_file"),
)


def read_oauth(section: Section, folder: Path) -> OAuth | None:
    """`oauth` of an SMTP profile; None where nothing of it is given."""
    is_given = any(map(section.has, _KEYS))
    provider = section.value("provider", values.one_of(*_TOKEN_URLS), "")
    tenant = section.value("tenant", values.host, "common")
    token_url = section.value("token_url", values.web_url, _TOKEN_URLS.get(provider, "").replace("{tenant}", tenant))
    client_secret = read_secret(section, "client_secret", folder)
    account = OAuth(
        token_url=token_url,
        client_id=section.value("client_id", values.line, ""),
        client_secret=client_secret,
        refresh_token=read_secret(section, "refresh_token", folder),
        scope=_SCOPES.get(provider, ""),
    )
    if not is_given:
        return None
    if not token_url and not (section.has("provider") or section.has("token_url")):
        section.wrong("provider", "is missing; expected google or microsoft, or another's token_url")
    if not account.client_id:
        section.wrong("client_id", "is missing; expected the id that the provider gave to this house")
    if not account.refresh_token and not section.has("refresh_token_file"):
        section.wrong("refresh_token_file", "is missing; expected the file with the refresh token")
    return account
