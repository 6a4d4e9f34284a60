"""Accounts on a server: made and logged into as a browser does it, for want of another way."""

import httpx2
import msgspec

from briefbench.annotation.studio.client import connection, fault, sent
from briefbench.annotation.studio.records import Token
from briefbench.errors import StudioError


def sign_up(url: str, path: str, email: str, password: str) -> str:
    """Make an account on the page of an invitation, as a browser does, and return an access token for it.

    Raises:
        StudioError: the account exists, the server refuses the email or the password, or does not answer.
    """
    with connection(url, {"Referer": url}) as client:
        answer = _fill_in(client, path, email, password)
        if answer.status_code != httpx2.codes.FOUND:
            raise StudioError(f"Label Studio made no account for {email}: {_form_errors(answer.text)}")
        return _new_token(client, url)


def log_in(url: str, email: str, password: str) -> str:
    """Log in as a browser does and return an access token, in place of the account's earlier one.

    Raises:
        StudioError: the server refuses the account, or does not answer.
    """
    with connection(url, {"Referer": url}) as client:
        if _fill_in(client, "/user/login/", email, password).status_code != httpx2.codes.FOUND:
            raise StudioError(f"Label Studio at {url} does not let {email} in; is the password that of this server?")
        return _new_token(client, url)


def _fill_in(client: httpx2.Client, path: str, email: str, password: str) -> httpx2.Response:
    """Open the page of a form, fill it in, and return the answer, which leads on where the form was accepted."""
    sent(client, "GET", path)
    form = {"email": email, "password": password, "csrfmiddlewaretoken": client.cookies.get("csrftoken") or ""}
    return sent(client, "POST", path, data=form)


def _form_errors(page: str) -> str:
    """Return what a form's page says against what was filled in."""
    from lxml import html

    said = html.fromstring(page).xpath('//*[contains(@class, "error")]//li/text()')
    return "; ".join(" ".join(str(one).split()) for one in said) or "no reason given"


def _new_token(client: httpx2.Client, url: str) -> str:
    """Return a new access token of the account that is logged in; an older one is revoked, since it is shown once."""
    headers = {"X-CSRFToken": client.cookies.get("csrftoken") or ""}
    known = sent(client, "GET", "/api/token/")
    for old in msgspec.json.decode(known.content, type=list[Token]) if known.is_success else []:
        sent(client, "POST", "/api/token/blacklist/", json={"refresh": old.token}, headers=headers)
    answer = sent(client, "POST", "/api/token/", headers=headers)
    if not answer.is_success:
        raise StudioError(fault(answer, "POST", "/api/token/", url))
    return msgspec.json.decode(answer.content, type=Token).token
