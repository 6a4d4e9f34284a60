"""The Label Studio labelling config, rendered from the label table: three choices, other types, the source span."""

import xml.etree.ElementTree as ET
from html import escape

from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED, Label, Task

#: The names of the config's controls, beside one for each task: the text, the phrase that names the source, and the
#: other source types; and the one label of the phrase.
TEXT, SPAN, OTHERS = "text", "source_span", "other_source_types"
SPAN_LABEL = "source"

#: The hot key of the phrase, and those of every task's labels in their order; another source type has that of the
#: source type, with shift. No key stands twice, and none is Label Studio's own, such as `u`, which leaves a phrase.
SPAN_KEY = "m"
KEYS = {"topic": "1234567890qw", "stance": "asdf", "source_type": "ertyiopgjkl"}

# Label Studio would show all in one size, the text too. Its own colours keep the page readable in its dark theme. The
# text stays in sight. A label's definition stands below it, cut off after some lines; the pointer on it shows all. A
# drag marks only in the text: one that began beside the page and ended in the text froze the browser.
_STYLE = """
body { user-select: none; }
.briefbench h4 { margin: 0; font-size: 15px; line-height: 20px; }
.briefbench .bb-top { position: sticky; top: 0; z-index: 3; background: var(--color-neutral-background);
  border-bottom: 1px solid var(--color-neutral-border); margin: -1em -1em 0; padding: 10px 1em; }
.briefbench .bb-top h4 { font-size: 13px; font-weight: 400; color: var(--color-neutral-content-subtler); }
.briefbench .lsf-richtext__container { font-size: 20px; line-height: 29px; user-select: text;
  margin: -6px -14px; padding: 6px 14px; }
.briefbench .lsf-richtext__line { padding: 0; }
.briefbench .bb-ask .lsf-richtext__container { font-size: 15px; line-height: 21px; margin: 0; padding: 4px 0; }
.briefbench .bb-span { display: flex; align-items: center; gap: 10px; margin-top: 6px; }
.briefbench .lsf-labels { margin: 0; }
.briefbench .lsf-label { margin: 0; }
.briefbench .bb-ask { margin-top: 12px; }
.briefbench .lsf-choices { display: grid; gap: 5px 14px; margin: 5px 0 0; }
.briefbench .bb-2 .lsf-choices { grid-template-columns: repeat(2, 1fr); }
.briefbench .bb-4 .lsf-choices { grid-template-columns: repeat(4, 1fr); }
.briefbench .lsf-choice { line-height: 18px; }
.briefbench .lsf-choice__checkbox { padding: 0; }
.briefbench .lsf-choice label span:not([class]) span:not([class]) { display: grid; grid-template-columns: auto 1fr; }
.briefbench .lsf-choice label span:not([class]) span:not([class]) span { display: contents; }
.briefbench .lsf-choice .lsf-hint { font-size: 12px; top: 0; line-height: 18px; margin-right: 5px; grid-row: 1;
  color: var(--color-neutral-content-subtler); }
.briefbench .lsf-choice small { grid-column: 1 / -1; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 2; overflow: hidden; font-size: 12px; line-height: 15px; font-weight: 400;
  color: var(--color-neutral-content-subtler); }
.briefbench .bb-2 .lsf-choice small { -webkit-line-clamp: 5; }
"""

_MARK = f"press {SPAN_KEY}, then drag over the phrase that names the main source; none if {UNATTRIBUTED}"
_FEW = 4


def render_config() -> str:
    """Return the config as XML: values are those of the label table, its definitions and exclusions are hints."""
    view, top = page()
    row = ET.SubElement(top, "View", className="bb-span")
    spans = ET.SubElement(row, "Labels", name=SPAN, toName=TEXT, maxUsages="1")
    ET.SubElement(spans, "Label", value=SPAN_LABEL, hotkey=SPAN_KEY, maxUsages="1")
    ET.SubElement(row, "Header", value=_MARK, size="5")
    for task in TASKS:
        _choices(view, task.name, task)
    _choices(view, OTHERS, SOURCE_TYPE)
    return to_text(view)


def page() -> tuple[ET.Element, ET.Element]:
    """Return the element of a page, and that of its top, which stays in sight: heading, date and text of a bullet."""
    view = ET.Element("View", className="briefbench")
    ET.SubElement(view, "Style").text = _STYLE
    top = ET.SubElement(view, "View", className="bb-top")
    ET.SubElement(top, "Header", value="$section, $date", size="5")
    ET.SubElement(top, "Text", name=TEXT, value="$text", granularity="word")
    return view, top


def ask(view: ET.Element, question: str, columns: int) -> ET.Element:
    """Add a question to a page and return the element for its answers."""
    block = ET.SubElement(view, "View", className=f"bb-ask bb-{columns}")
    ET.SubElement(block, "Header", value=question, size="5")
    return block


def to_text(view: ET.Element) -> str:
    """Return a page as indented XML."""
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _choices(view: ET.Element, name: str, task: Task) -> None:
    """Add a task's labels, one of which is to be chosen; or the other source types, any number of them."""
    others = name == OTHERS
    title = "Which other source types does the bullet report?" if others else task.question
    block = ask(view, title, 2 if len(task) <= _FEW else 4)
    choices = ET.SubElement(
        block,
        "Choices",
        name=name,
        toName=TEXT,
        choice="multiple" if others else "single-radio",
        required="false" if others else "true",
    )
    for label, key in zip(task.labels, KEYS[task.name], strict=True):
        if not others:
            ET.SubElement(choices, "Choice", value=label.name, hint=hint(label), html=described(label), hotkey=key)
        elif label.name != UNATTRIBUTED:
            ET.SubElement(choices, "Choice", value=label.name, hint=hint(label), hotkey=f"shift+{key}")


def hint(label: Label) -> str:
    """Return a label's definition and exclusions, without their marks of emphasis and code: shown on the pointer."""
    text = label.definition + (f". Not: {label.excludes}" if label.excludes else "")
    return text.replace("`", "").replace("*", "")


def described(label: Label) -> str:
    """Return a label with its definition as HTML."""
    return f"<b>{escape(label.name)}</b><small>{escape(hint(label))}</small>"
