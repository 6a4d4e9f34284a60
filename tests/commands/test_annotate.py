"""``briefbench annotate config``: what goes into Label Studio is what the label table says."""

import xml.etree.ElementTree as ET

import pytest

from briefbench.annotation.label_config import render_config
from briefbench.commands import main
from briefbench.schema import TASKS


def test_the_config_is_printed_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", "config"]) == 0
    captured = capsys.readouterr()
    assert captured.out == render_config()
    assert captured.err == ""


def test_the_printed_config_offers_every_label_of_every_task_once(capsys: pytest.CaptureFixture[str]) -> None:
    main(["annotate", "config"])
    view = ET.fromstring(capsys.readouterr().out)  # noqa: S314 (our own output)
    for task in TASKS:
        (choices,) = [node for node in view.iter("Choices") if node.get("name") == task.name]
        assert [choice.get("value") for choice in choices] == list(task.names)
