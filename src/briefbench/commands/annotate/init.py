"""``briefbench annotate init`` and ``invite``: an annotator's project, and an account to annotate in it."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from briefbench.commands.annotate.options import add_names, add_server_options
from briefbench.project import Project

if TYPE_CHECKING:
    from briefbench.annotation.studio.workspace import Account
    from briefbench.commands.annotate.connect import Connection


def add_step(steps: Any) -> None:
    """Add the steps to the verb."""
    init: argparse.ArgumentParser = steps.add_parser("init", help="make a project for each annotator")
    add_names(init, "+")
    add_server_options(init, "init")
    init.add_argument(
        "--kind", choices=("human", "model"), default="human", help="what the annotators are (default human)"
    )
    init.add_argument("--model", default="", metavar="TEXT", help="which language model, for --kind model")
    init.add_argument(
        "--instructions", default="annotation/guidelines.md", metavar="TEXT", help="what they go by, and its version"
    )
    init.add_argument("--uncounted", action="store_true", help="their votes do not count toward the gold")
    init.set_defaults(run=run_init)
    invite: argparse.ArgumentParser = steps.add_parser("invite", help="make annotators' accounts, which can log in")
    add_names(invite, "+")
    add_server_options(invite, "invite")
    invite.add_argument(
        "--email", metavar="ADDRESS", help="of a single annotator; by default NAME@briefbench.localhost"
    )
    invite.add_argument("--renew", action="store_true", help="give accounts that exist a new token")
    invite.set_defaults(run=run_invite)


def run_init(options: argparse.Namespace) -> int:
    """Make the projects that are missing, bring the others up to date, and say in annotators.csv who annotates."""
    from briefbench.annotation.studio.projects import open_desk, vote_settings
    from briefbench.annotation.studio.workspace import check_name
    from briefbench.annotation.votes import Annotator
    from briefbench.commands.annotate.connect import connected

    names = [check_name(name) for name in options.names]
    with connected(options) as link:
        settings = vote_settings(link.project.annotation / "guidelines.md")
        for name in names:
            who = Annotator(name, options.kind, options.model, options.instructions, not options.uncounted, "")
            _enrol(link.project, who)
            desk, new = open_desk(link.studio, name, **settings)
            state = "made" if new else "is there already:"
            print(f"{name}: project {desk.project.id} {state} {link.studio.url}/projects/{desk.project.id}")
            if desk.account is None:
                print(f"next: briefbench annotate invite {name}")
    return 0


def run_invite(options: argparse.Namespace) -> int:
    """Make the accounts that are missing, keep their passwords privately, and print them once."""
    from briefbench.annotation.studio.projects import desks_of, link_account
    from briefbench.commands.annotate.connect import connected
    from briefbench.errors import StudioError

    if options.email and len(options.names) > 1:
        raise StudioError("--email names the account of one annotator; invite them one by one")
    with connected(options) as link:
        for name in dict.fromkeys(options.names):
            own = desks_of(link.studio, name)
            members = {desk.account.email for desk in own if desk.account}
            if members and name not in link.workspace.accounts():
                raise StudioError(f"{name} has the account {', '.join(members)}, whose password is not known here")
            account = _account(link, name, options.email, renew=options.renew)
            for desk in own:
                if desk.account is None:
                    link_account(link.studio, desk, account.email)
                print(f"{name}: {link.studio.url}/projects/{desk.project.id}  log in as {account.email}")
        print(
            f"passwords are kept in {link.workspace.folder / 'accounts.json'}, which only you can read", file=sys.stderr
        )
    return 0


def _account(link: "Connection", name: str, email: str | None, *, renew: bool) -> "Account":
    """Return an annotator's account: the one there is, else a new one with a generated password, kept privately.

    The password is kept before the server has the account: whatever breaks off, the next invitation can log in.
    """
    import secrets

    from briefbench.annotation.studio.accounts import log_in, sign_up
    from briefbench.annotation.studio.workspace import Account, check_email

    known = {user.email for user in link.studio.users()}
    kept = link.workspace.accounts().get(name)
    new = kept is None or (email is not None and kept.email not in known)
    if kept is None or new:
        address = check_email(email or f"{name}@briefbench.localhost").lower()  # as the server keeps it
        kept = Account(address, secrets.token_urlsafe(12), "")
        if address not in known:  # else the server refuses it
            link.workspace.keep_account(name, kept)
    if new or kept.email not in known:
        token = sign_up(link.studio.url, link.studio.invite_path(), kept.email, kept.password)
    elif renew or not kept.token:
        token = log_in(link.studio.url, kept.email, kept.password)
    else:
        return kept
    if new or not kept.token:
        print(f"{name}: new account {kept.email}, password {kept.password}")
    account = Account(kept.email, kept.password, token)
    link.workspace.keep_account(name, account)
    return account


def _enrol(project: Project, who: Any) -> None:
    """Add an annotator to annotators.csv if nothing is said there yet; a new project gets an empty adjudication.csv."""
    from briefbench.annotation.votes import encode_adjudications, encode_annotators, read_annotators
    from briefbench.files import write_all

    path, decisions = project.annotation / "annotators.csv", project.annotation / "adjudication.csv"
    known = read_annotators(path) if path.exists() else {}
    if who.name not in known:
        files = {path: encode_annotators([*known.values(), who])}
        write_all(files if decisions.exists() else files | {decisions: encode_adjudications([])})
        print(f"{who.name}: added to {path} as {who.kind}; complete the row where it says too little")
