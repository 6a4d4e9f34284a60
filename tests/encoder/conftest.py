"""An encoder of one layer with random weights, made in a moment, and bullets whose words give their labels away."""

from pathlib import Path

import numpy as np
import pytest

from briefbench.baselines.base import Examples
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, UNATTRIBUTED

WORDS = ("infantry trench river", "sanctions bank ministers", "singers choir festival", "reactor cooling water")
_OTHER = "[PAD] [UNK] [CLS] [SEP] [MASK] today the spokesman said near . , alder birch cedar"


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a BERT with one layer of 32 numbers, and its tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = dict.fromkeys([*_OTHER.split(), *" ".join(WORDS).split()])
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    folder = tmp_path_factory.mktemp("encoder") / "tiny"
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    torch.manual_seed(1)
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(words), initializer_range=0.5, **shape)).save_pretrained(folder)
    assert (Path(folder) / "model.safetensors").is_file()
    return str(folder)


def make(codes: list[int]) -> Examples:
    """Return examples with these codes in every task; where somebody speaks, the second and third word is the span."""
    silent = SOURCE_TYPE.codes[UNATTRIBUTED]
    texts = [f"{WORDS[code % len(WORDS)]} , the spokesman said near alder ." for code in codes]
    starts = [text.index("the spokesman") for text in texts]
    spans = [(-1, -1) if code == silent else (at, at + 13) for code, at in zip(codes, starts, strict=True)]
    return Examples(
        bullet_ids=[f"b{i}" for i in range(len(codes))],
        texts=texts,
        fields={},
        labels={task: np.array(codes, dtype=np.int64) for task in TASK_NAMES},
        spans=np.array(spans, dtype=np.int64),
    )


@pytest.fixture(scope="session")
def train() -> Examples:
    """Sixty-four bullets of four labels."""
    return make([0, 1, 2, 3] * 16)


@pytest.fixture(scope="session")
def validation() -> Examples:
    """Eight bullets of the same labels."""
    return make([3, 2, 1, 0] * 2)
