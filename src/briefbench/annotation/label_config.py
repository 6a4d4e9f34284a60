"""The Label Studio labelling config, rendered from the label table: three choices, other source types, the source span."""

from xml.etree import ElementTree

from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED, Task

#: The name of the span label that marks the phrase which names the source.
SPAN_LABEL = "source"


def render_config() -> str:
    """Return the config as XML: names and values are those of the label table, definitions stand as hints."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="$section, $date", size="5")
    spans = ElementTree.SubElement(view, "Labels", name="source_span", toName="text")
    ElementTree.SubElement(spans, "Label", value=SPAN_LABEL, hotkey="m")
    ElementTree.SubElement(view, "Text", name="text", value="$text", granularity="word")
    for task in TASKS:
        _choices(view, task.name, task, "single", required=True)
    _choices(view, "other_source_types", SOURCE_TYPE, "multiple", required=False)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _choices(view: ElementTree.Element, name: str, task: Task, choice: str, *, required: bool) -> None:
    title = task.question if required else "Which other source types does the bullet report?"
    ElementTree.SubElement(view, "Header", value=title, size="5")
    choices = ElementTree.SubElement(
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
            ElementTree.SubElement(choices, "Choice", value=label.name, hint=label.definition)
