"""What all pictures share: their style, and SVG that has the same bytes for the same figures on every run."""

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, GREY, INK = "#1f6fb4", "#9a9a9a", "#222222"
# Text stays text. The background is opaque, so that the pictures can be read on a dark page too.
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "briefbench",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "white",
}


def svg(figure: "Figure") -> bytes:
    """Return a figure that was drawn under `STYLE` as SVG, without a date."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.BytesIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(stream, metadata={"Date": None, "Creator": "BriefBench"})
    return stream.getvalue()


def new_figure(width: float, height: float, title: str) -> "Figure":
    """Return an empty figure, in inches, with its title at the left."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    return figure
