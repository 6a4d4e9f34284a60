"""A fine-tuned encoder's arrays and settings for its file, and the system from them; nothing is fetched or executed."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.encoder.finetune import EncoderSystem, Settings
from briefbench.schema import TASK_NAMES


def tensors(system: EncoderSystem) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the weights in half precision, to which they were rounded after training, and all settings."""
    arrays = {name: part.half().numpy() for name, part in system.network.state_dict().items()}
    settings = {
        "settings": asdict(system.settings),
        "temperatures": dict(system.temperatures),
        "config": system.network.encoder.config.to_dict(),
        "tokenizer": json.loads(system.tokenizer.backend_tokenizer.to_str()),
    }
    return arrays, settings


def restored(arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> EncoderSystem:
    """Return the system of the arrays and settings that `tensors` gave.

    Raises:
        KeyError, TypeError, ValueError: something is missing or of another kind or shape.
    """
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    from briefbench.baselines.encoder.network import Network

    known = Settings(**settings["settings"])
    config = dict(settings["config"])
    encoder = AutoModel.from_config(
        AutoConfig.for_model(config.pop("model_type"), **config), attn_implementation="eager"
    )
    network = Network(encoder, encoder.config.hidden_size, known.dropout)
    weights = {name: torch.from_numpy(np.array(array, dtype=np.float32)) for name, array in arrays.items()}
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(settings["tokenizer"])))
    temperatures = {task: float(settings["temperatures"][task]) for task in TASK_NAMES}
    return EncoderSystem(network, tokenizer, known, temperatures)
