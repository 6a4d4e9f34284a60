"""The Label Studio labelling config, rendered from the label table: three choices, other types, the source span."""

import xml.etree.ElementTree as ET

from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED, Task

#: The names of the config's controls, beside one for each task: the text, the phrase that names the source, and the
#: other source types; and the one label of the phrase.
TEXT, SPAN, OTHERS = "text", "source_span", "other_source_types"
SPAN_LABEL = "source"

#: The hot key of the phrase, and those of every task's labels in their order. No key stands twice.
SPAN_KEY = "m"
KEYS = {"topic": "1234567890qw", "stance": "asdf", "source_type": "ertyuiopjkl"}


def render_config() -> str:
    """Return the config as XML: values are those of the label table, its definitions and exclusions are hints."""
    view = ET.Element("View")
    ET.SubElement(view, "Header", value="$section, $date", size="5")
    spans = ET.SubElement(view, "Labels", name=SPAN, toName=TEXT, maxUsages="1")
    ET.SubElement(spans, "Label", value=SPAN_LABEL, hotkey=SPAN_KEY, maxUsages="1")
    ET.SubElement(view, "Text", name=TEXT, value="$text", granularity="word")
    for task in TASKS:
        _choices(view, task.name, task, "single", required=True)
    _choices(view, OTHERS, SOURCE_TYPE, "multiple", required=False)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _choices(view: ET.Element, name: str, task: Task, choice: str, *, required: bool) -> None:
    title = task.question if required else "Which other source types does the bullet report?"
    ET.SubElement(view, "Header", value=title, size="5")
    choices = ET.SubElement(
        view,
        "Choices",
        name=name,
        toName=TEXT,
        choice=choice,
        required="true" if required else "false",
        showInline="true",
    )
    for label, key in zip(task.labels, KEYS[task.name], strict=True):
        if required or label.name != UNATTRIBUTED:
            excludes = f". Not: {label.excludes}" if label.excludes else ""
            one = ET.SubElement(choices, "Choice", value=label.name, hint=label.definition + excludes)
            if required:
                one.set("hotkey", key)
