"""The light model's arrays for its file, and the model from them, with everything checked that could be wrong."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.light.columns import Columns
from briefbench.baselines.light.features import GROUPS
from briefbench.baselines.light.model import WIDTH, LightSystem
from briefbench.schema import TASK_NAMES


def tensors(system: LightSystem) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return keys, worth and weights by group, the weights in half precision, which is how they were fitted."""
    arrays: dict[str, NDArray[Any]] = {"intercepts": system.intercepts}
    for group in GROUPS:
        arrays[f"{group}.keys"] = system.columns[group].keys
        arrays[f"{group}.idf"] = system.columns[group].idf
        arrays[f"{group}.weights"] = system.weights[group].astype(np.float16)
    return arrays, {"temperatures": dict(system.temperatures), "chosen": dict(system.chosen)}


def restored(arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> LightSystem:
    """Return the model of the arrays that `tensors` gave.

    Raises:
        KeyError: something is missing.
        ValueError: an array has another type or shape, keys are not in rising order, or a number is not finite.
    """
    columns, weights = {}, {}
    for group in GROUPS:
        keys = _checked(arrays, f"{group}.keys", np.uint64, (None,))
        if (keys[1:] <= keys[:-1]).any():
            raise ValueError(f"{group}.keys are not in rising order")
        columns[group] = Columns(keys, _checked(arrays, f"{group}.idf", np.float32, (len(keys),)))
        weights[group] = _checked(arrays, f"{group}.weights", np.float16, (len(keys), WIDTH)).astype(np.float32)
    intercepts = _checked(arrays, "intercepts", np.float32, (WIDTH,), infinite=True)
    temperatures = {task: float(settings["temperatures"][task]) for task in TASK_NAMES}
    if not all(0 < temperature < np.inf for temperature in temperatures.values()):
        raise ValueError("a temperature is not a positive number")
    chosen = {task: dict(settings["chosen"][task]) for task in TASK_NAMES}
    return LightSystem(columns, weights, intercepts, temperatures, chosen)


def _checked(
    arrays: Mapping[str, NDArray[Any]],
    name: str,
    kind: type[np.generic],
    shape: tuple[int | None, ...],
    *,
    infinite: bool = False,
) -> NDArray[Any]:
    array = arrays[name]
    fits = array.ndim == len(shape) and all(want in (None, have) for want, have in zip(shape, array.shape, strict=True))
    if array.dtype != kind or not fits:
        raise ValueError(f"{name} has type {array.dtype} and shape {array.shape}")
    if np.isnan(array).any() or (np.isinf(array).any() and not infinite):
        raise ValueError(f"{name} holds a number that is not finite")
    return array
