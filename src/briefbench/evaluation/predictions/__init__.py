"""Predictions: strict reading of every format, matched by id, and the file that stores them.

Nothing is dropped, filled in or guessed. The first fault ends the reading with one line that names row and id.
"""

from briefbench.evaluation.predictions.columns import shown
from briefbench.evaluation.predictions.reading import read_predictions
from briefbench.evaluation.predictions.record import Predictions, write_predictions

__all__ = ["Predictions", "read_predictions", "shown", "write_predictions"]
