"""The labelling config: what annotators click is exactly what the reader accepts, and the committed file is current."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from briefbench.annotation.label_config import KEYS, OTHERS, SPAN_LABEL, hint, render_config
from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED
from tests_support import ROOT

#: Label Studio's own hot keys on a page with a text, in the form of a config, from the editor's key map of 1.23.2.
OWN_KEYS = {
    *("ctrl+enter", "ctrl+space", "ctrl+backspace", "ctrl+z", "ctrl+shift+z", "ctrl+h", "ctrl+d"),
    *("alt+r", "alt+h", "alt+l", "alt+m", "alt+.", "enter", "escape", "backspace", "delete", "u"),
    *("shift+up", "shift+down", "shift+left", "shift+right", "shift+."),
}


def root() -> ET.Element:
    return ET.fromstring(render_config())  # noqa: S314 (our own text)


def test_the_committed_config_is_the_rendered_one() -> None:
    assert (ROOT / "annotation" / "label_config.xml").read_bytes() == render_config().encode("utf-8")


def test_every_task_offers_its_labels_in_order_with_their_definitions() -> None:
    for task in TASKS:
        (choices,) = root().findall(f".//Choices[@name='{task.name}']")
        assert [c.get("value") for c in choices] == list(task.names)
        for choice, label in zip(choices, task.labels, strict=True):
            shown = choice.get("hint") or ""
            assert shown == hint(label)
            for said in (label.definition, label.excludes):
                assert said.replace("`", "").replace("*", "") in shown
            assert (". Not: " in shown) == bool(label.excludes)
            assert "".join(texts(choice.get("html") or "")) == label.name + shown
        assert (choices.get("choice"), choices.get("required")) == ("single-radio", "true")


def test_other_types_are_optional_and_never_unattributed() -> None:
    (choices,) = root().findall(".//Choices[@name='other_source_types']")
    assert [c.get("value") for c in choices] == [name for name in SOURCE_TYPE.names if name != UNATTRIBUTED]
    assert (choices.get("choice"), choices.get("required")) == ("multiple", "false")


def test_every_answer_has_a_hot_key_no_key_stands_twice_and_none_is_label_studios_own() -> None:
    answers = list(root().iter("Choice")) + list(root().iter("Label"))
    keys = [str(answer.get("hotkey")) for answer in answers]
    assert len(set(keys)) == len(keys) == sum(map(len, TASKS)) + len(SOURCE_TYPE) - 1 + 1
    assert not OWN_KEYS & set(keys)


def test_another_source_type_has_the_key_of_the_source_type_with_shift() -> None:
    (choices,) = root().findall(f".//Choices[@name='{OTHERS}']")
    keys = dict(zip(SOURCE_TYPE.names, KEYS[SOURCE_TYPE.name], strict=True))
    assert [c.get("hotkey") for c in choices] == [f"shift+{keys[str(c.get('value'))]}" for c in choices]


def test_styles_hold_nothing_that_label_studio_would_escape() -> None:
    (style,) = root().iter("Style")
    assert not set("<>&") & set(style.text or "")


def test_names_are_unique_and_every_control_points_at_the_text() -> None:
    controls = [element for element in root().iter() if element.get("name")]
    names = [str(element.get("name")) for element in controls]
    assert sorted(names) == sorted(["source_span", "text", "other_source_types", *(task.name for task in TASKS)])
    assert {e.get("toName") for e in controls if e.tag != "Text"} == {"text"}
    (span,) = root().findall(".//Labels/Label")
    assert span.get("value") == SPAN_LABEL


def texts(html: str) -> list[str]:
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(html)
    parser.close()
    return found


def test_markup_in_definitions_survives_the_xml() -> None:
    hints = [choice.get("hint") or "" for choice in root().iter("Choice")]
    assert any('"sources"' in hint for hint in hints)
