"""Options that several steps share."""

import argparse

from briefbench.project import add_root_option


def add_names(
    parser: argparse.ArgumentParser, number: str, what: str = "an annotator: letters, digits, - and _"
) -> None:
    """Give a step its annotators."""
    parser.add_argument("names", nargs=number, metavar="NAME", help=what)


def add_server_options(parser: argparse.ArgumentParser, step: str) -> None:
    """Give a step the options that find the project and the server."""
    add_root_option(parser)
    parser.add_argument(
        "--url", metavar="URL", help="a Label Studio; by default LABEL_STUDIO_URL, else the last one served here"
    )
    parser.set_defaults(step=step)
