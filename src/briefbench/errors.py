"""The errors a user can cause. Each carries one line: what is wrong, where, and what to do."""


class BriefbenchError(Exception):
    """Base of every error that the command line prints as one line instead of a traceback, and its exit status."""

    status = 1


class InputError(BriefbenchError):
    """A file given by the user cannot be read as what it should be."""


class RowError(InputError):
    """A row of a table cannot be labelled, and such rows are not set aside."""

    status = 2


class LabellingError(BriefbenchError):
    """The workers that label a table cannot be had, or die again and again."""


class RecordError(BriefbenchError):
    """A bullet, vote or adjudication breaks the rules of its record."""


class GoldError(BriefbenchError):
    """The votes and adjudications do not determine one gold label for every bullet."""


class LeakageError(BriefbenchError):
    """A split protocol breaks what it promises."""


class ReleaseError(BriefbenchError):
    """A release is missing, incomplete or differs from its sources."""


class ChecksumError(ReleaseError):
    """A released file does not have the bytes that its checksum names."""


class PredictionError(BriefbenchError):
    """A prediction file is refused."""


class UnknownNameError(BriefbenchError):
    """A task, split, config or baseline of that name does not exist."""


class VerificationError(BriefbenchError):
    """A stored result is not what its predictions score."""


class SubmissionError(BriefbenchError):
    """A submission breaks the rules of the leaderboard."""


class StudioError(BriefbenchError):
    """Label Studio does not answer, refuses a request, or holds what the workflow cannot accept."""


class EndpointError(BriefbenchError):
    """A language model's endpoint does not answer, refuses a request, or gives what is no answer."""


class MissingExtraError(BriefbenchError):
    """Something that is wanted needs packages that the plain installation does not bring."""

    def __init__(self, extra: str, what: str) -> None:
        """Say which ``extra`` of the package brings ``what`` is missing."""
        super().__init__(f"{what} is not installed; run pip install 'briefbench[{extra}]'")
