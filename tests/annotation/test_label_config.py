"""The labelling config: what annotators click is exactly what the reader accepts, and the committed file is current."""

import xml.etree.ElementTree as ET

from briefbench.annotation.label_config import SPAN_LABEL, render_config
from briefbench.schema import SOURCE_TYPE, TASKS
from tests_support import ROOT


def root() -> ET.Element:
    return ET.fromstring(render_config())  # noqa: S314 (our own text)


def test_the_committed_config_is_the_rendered_one() -> None:
    assert (ROOT / "annotation" / "label_config.xml").read_bytes() == render_config().encode("utf-8")


def test_every_task_offers_its_labels_in_order_with_their_definitions() -> None:
    for task in TASKS:
        (choices,) = root().findall(f".//Choices[@name='{task.name}']")
        assert [c.get("value") for c in choices] == list(task.names)
        for choice, label in zip(choices, task.labels, strict=True):
            hint = choice.get("hint") or ""
            assert hint.startswith(label.definition)
            assert (f"Not: {label.excludes}" in hint) == bool(label.excludes)
        assert (choices.get("choice"), choices.get("required")) == ("single", "true")


def test_other_types_are_optional_and_never_unattributed() -> None:
    (choices,) = root().findall(".//Choices[@name='other_source_types']")
    assert [c.get("value") for c in choices] == [name for name in SOURCE_TYPE.names if name != "unattributed"]
    assert (choices.get("choice"), choices.get("required")) == ("multiple", "false")


def test_names_are_unique_and_every_control_points_at_the_text() -> None:
    controls = [element for element in root().iter() if element.get("name")]
    names = [str(element.get("name")) for element in controls]
    assert sorted(names) == sorted(["source_span", "text", "other_source_types", *(task.name for task in TASKS)])
    assert {e.get("toName") for e in controls if e.tag != "Text"} == {"text"}
    (span,) = root().findall(".//Labels/Label")
    assert span.get("value") == SPAN_LABEL


def test_markup_in_definitions_survives_the_xml() -> None:
    hints = [choice.get("hint") or "" for choice in root().iter("Choice")]
    assert any('"sources"' in hint for hint in hints)
