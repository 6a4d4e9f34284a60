"""The network: one encoder, and for each task a head over the mean and a learnt pooling of its tokens.

Two more outputs a token point at the first and the last token of the phrase that names the source; both point at the
first token of all, which stands for no word, where nobody is named.
"""

from typing import Any

import torch
from torch import nn

from briefbench.schema import TASKS

_NEVER = -1e4


class Network(nn.Module):
    """An encoder with a classifier a task and a pointer to the source's phrase."""

    def __init__(self, encoder: nn.Module, width: int, dropout: float) -> None:
        """Put new heads on an encoder whose tokens are ``width`` numbers each."""
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.attention = nn.Linear(width, len(TASKS))
        self.heads = nn.ModuleList(nn.Linear(2 * width, len(task)) for task in TASKS)
        self.pointer = nn.Linear(width, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Return the logits of each task, ``(bullets, labels)``, and of start and end, ``(bullets, tokens, 2)``.

        Args:
            ids: token ids, ``(bullets, tokens)``.
            mask: 1 for a token, 0 for what fills the row up.
        """
        tokens = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        present = mask.unsqueeze(2).float()
        mean = (tokens * present).sum(1) / present.sum(1)
        looks = torch.softmax(self.attention(tokens) + (1 - present) * _NEVER, dim=1)
        pooled = torch.einsum("btw,btk->bkw", tokens, looks)
        logits = [head(self.dropout(torch.cat([mean, pooled[:, k]], 1))) for k, head in enumerate(self.heads)]
        return logits, self.pointer(self.dropout(tokens)) + (1 - present) * _NEVER


def groups(network: Network, encoder_rate: float, head_rate: float, decay: float) -> list[dict[str, Any]]:
    """Return the parameters to train as an optimizer takes them; the table of word vectors stays as it is."""
    for part in network.encoder.get_submodule("embeddings").parameters():
        part.requires_grad_(requires_grad=False)
    inner = [part for part in network.encoder.parameters() if part.requires_grad]
    outer = [part for name, part in network.named_parameters() if not name.startswith("encoder.")]
    return [
        {"params": inner, "lr": encoder_rate, "weight_decay": decay},
        {"params": outer, "lr": head_rate, "weight_decay": decay},
    ]
