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
    """Make the projects that are missing, and say in annotators.csv who the annotators are."""
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
    from briefbench.annotation.studio.accounts import log_in
    from briefbench.annotation.studio.projects import desks_of, link_account
    from briefbench.annotation.studio.workspace import Account
    from briefbench.commands.annotate.connect import connected
    from briefbench.errors import StudioError

    if options.email and len(options.names) > 1:
        raise StudioError("--email names the account of one annotator; invite them one by one")
    with connected(options) as link:
        for name in dict.fromkeys(options.names):
            own = desks_of(link.studio, name)
            kept = link.workspace.accounts().get(name)
            members = {desk.account.email for desk in own if desk.account}
            if members and kept is None:
                raise StudioError(f"{name} has the account {', '.join(members)}, whose password is not known here")
            if kept is None:
                kept = _sign_up(link, name, options.email)
            elif options.renew:
                token = log_in(link.studio.url, kept.email, kept.password)
                link.workspace.keep_account(name, Account(kept.email, kept.password, token))
            for desk in own:
                if desk.account is None:
                    link_account(link.studio, desk, kept.email)
                print(f"{name}: {link.studio.url}/projects/{desk.project.id}  log in as {kept.email}")
        print(
            f"passwords are kept in {link.workspace.folder / 'accounts.json'}, which only you can read", file=sys.stderr
        )
    return 0


def _sign_up(link: "Connection", name: str, email: str | None) -> "Account":
    """Make an account with a generated password, keep it privately, and print it once."""
    import secrets

    from briefbench.annotation.studio.accounts import sign_up
    from briefbench.annotation.studio.workspace import Account, check_email

    email = check_email(email or f"{name.lower()}@briefbench.localhost")
    password = secrets.token_urlsafe(12)
    account = Account(email, password, sign_up(link.studio.url, link.studio.invite_path(), email, password))
    link.workspace.keep_account(name, account)
    print(f"{name}: new account {email}, password {password}")
    return account


def _enrol(project: Project, who: Any) -> None:
    """Add an annotator to annotators.csv if nothing is said there yet."""
    from briefbench.annotation.votes import encode_annotators, read_annotators
    from briefbench.files import write_bytes

    path = project.annotation / "annotators.csv"
    known = read_annotators(path) if path.exists() else {}
    if who.name not in known:
        write_bytes(path, encode_annotators([*known.values(), who]))
        print(f"{who.name}: added to {path} as {who.kind}; complete the row where it says too little")
