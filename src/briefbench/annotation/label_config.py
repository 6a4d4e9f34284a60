"""The Label Studio labelling config, rendered from the label table: three choices, other types, the source span."""

import xml.etree.ElementTree as ET

from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED, Task

#: The name of the span label that marks the phrase which names the source.
SPAN_LABEL = "source"


def render_config() -> str:
    """Return the config as XML: values are those of the label table, its definitions and exclusions are hints."""
    view = ET.Element("View")
    ET.SubElement(view, "Header", value="$section, $date", size="5")
    spans = ET.SubElement(view, "Labels", name="source_span", toName="text")
    ET.SubElement(spans, "Label", value=SPAN_LABEL, hotkey="m")
    ET.SubElement(view, "Text", name="text", value="$text", granularity="word")
    for task in TASKS:
        _choices(view, task.name, task, "single", required=True)
    _choices(view, "other_source_types", SOURCE_TYPE, "multiple", required=False)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _choices(view: ET.Element, name: str, task: Task, choice: str, *, required: bool) -> None:
    title = task.question if required else "Which other source types does the bullet report?"
    ET.SubElement(view, "Header", value=title, size="5")
    choices = ET.SubElement(
        view,
        "Choices",
        name=name,
        toName="text",
        choice=choice,
        required="true" if required else "false",
        showInline="true",
    )
    for label in task.labels:
        if required or label.name != UNATTRIBUTED:
            excludes = f". Not: {label.excludes}" if label.excludes else ""
            ET.SubElement(choices, "Choice", value=label.name, hint=label.definition + excludes)
