"""What the tests of the prompting baseline share."""

from functools import partial

import pytest

from briefbench.baselines.prompting import client


@pytest.fixture(autouse=True)
def unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No certificates are read, which takes longer than a test: nothing here is encrypted."""
    monkeypatch.setattr(client.httpx2, "AsyncClient", partial(client.httpx2.AsyncClient, verify=False))
