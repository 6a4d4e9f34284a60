"""Temperature scaling: one number a task that makes probabilities as bold as they deserve, without changing a label.

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks" (2017), section 4.2.
"""

import numpy as np
from numpy.typing import NDArray

# Below this a probability counts as this, so that one sure mistake does not decide the temperature.
_FLOOR = 1e-12
_RANGE = (0.05, 20.0)


def scale(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return ``softmax(log p / temperature)`` of probabilities ``(bullets, labels)``; rows sum to 1."""
    return softmax(np.log(np.maximum(probabilities, _FLOOR)) / temperature)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities that logits ``(bullets, labels)`` stand for; rows sum to 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    table: NDArray[np.float64] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return table


def fit_temperature(probabilities: NDArray[np.float64], gold: NDArray[np.int64]) -> float:
    """Return the temperature of the least cross-entropy against gold codes ``(bullets,)``, between 0.05 and 20."""
    from scipy.optimize import minimize_scalar

    def cross_entropy(log_temperature: float) -> float:
        scaled = scale(probabilities, float(np.exp(log_temperature)))
        return -float(np.log(np.maximum(scaled[np.arange(len(gold)), gold], _FLOOR)).mean())

    found = minimize_scalar(cross_entropy, bounds=(np.log(_RANGE[0]), np.log(_RANGE[1])), method="bounded")
    return float(np.exp(found.x))
