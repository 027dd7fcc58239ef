"""The network, in PyTorch: an encoder of e5's shape with fewer layers and words."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from knowledge.teach.source import Source

SIZE, WIDE, HEADS, PLACES, PAD = 384, 1536, 12, 512, 1
_LINEAR, _NORMS = ("q", "k", "v", "ao", "fi", "fo"), ("aln", "oln")


class Layer(nn.Module):
    """Attention and two dense maps; what they add may be dropped now and then while learning."""

    def __init__(self, drop: float) -> None:
        super().__init__()
        self.q, self.k, self.v, self.ao = (nn.Linear(SIZE, SIZE) for _ in range(4))
        self.fi, self.fo = nn.Linear(SIZE, WIDE), nn.Linear(WIDE, SIZE)
        self.aln, self.oln = nn.LayerNorm(SIZE, 1e-12), nn.LayerNorm(SIZE, 1e-12)
        self.drop = nn.Dropout(drop)

    def forward(self, rows: Tensor, mask: Tensor | None) -> Tensor:
        """rows: texts × pieces × SIZE; mask: added to the attention, None for one text."""
        count, length, _ = rows.shape

        def heads(values: Tensor) -> Tensor:
            return values.view(count, length, HEADS, SIZE // HEADS).transpose(1, 2)

        near = heads(self.q(rows)) @ heads(self.k(rows)).transpose(-1, -2) / (SIZE // HEADS) ** 0.5
        seen = torch.softmax(near if mask is None else near + mask, -1) @ heads(self.v(rows))
        seen = seen.transpose(1, 2).reshape(count, length, SIZE)
        rows = self.aln(rows + self.drop(self.ao(seen)))
        return self.oln(rows + self.drop(self.fo(functional.gelu(self.fi(rows)))))


class Encoder(nn.Module):
    """Texts as numbers of pieces to vectors of length one."""

    def __init__(self, pieces: int, layers: int, drop: float = 0.0) -> None:
        super().__init__()
        self.word = nn.Embedding(pieces, SIZE, padding_idx=PAD)
        self.place = nn.Embedding(PLACES, SIZE)
        self.ln = nn.LayerNorm(SIZE, 1e-12)
        self.layers = nn.ModuleList(Layer(drop) for _ in range(layers))

    def forward(self, pieces: Tensor) -> Tensor:
        """pieces: texts × numbers, the shorter texts filled up with PAD."""
        real = pieces.ne(PAD)
        mask = torch.zeros(real.shape).masked_fill(~real, -1e9)[:, None, None]
        rows = self._hidden(pieces, mask)
        weight = real.float()[:, :, None]
        return functional.normalize((rows * weight).sum(1) / weight.sum(1), dim=-1)

    def one(self, pieces: Tensor) -> Tensor:
        """The vector of one text, which needs no filling up."""
        return functional.normalize(self._hidden(pieces[None], None)[0].mean(0), dim=-1)

    def _hidden(self, pieces: Tensor, mask: Tensor | None) -> Tensor:
        rows = self.ln(self.word(pieces) + self.place(torch.arange(pieces.shape[1])))
        for layer in self.layers:
            rows = layer(rows, mask)
        return rows


def filled(network: Encoder, source: Source, kept: Sequence[int], layers: Sequence[int]) -> Encoder:
    """The network with e5's weights: of some pieces, and of some of its layers."""
    weights = {name: torch.from_numpy(values) for name, values in source.weights.items()}
    with torch.no_grad():
        network.word.weight.copy_(weights["emb.word"].view(-1, SIZE)[list(kept)])
        network.place.weight.copy_(weights["emb.pos"].view(-1, SIZE) + weights["emb.type"][:SIZE])
        network.ln.weight.copy_(weights["emb.ln.w"])
        network.ln.bias.copy_(weights["emb.ln.b"])
        for mine, theirs in zip(network.layers, layers, strict=True):
            for name in (*_LINEAR, *_NORMS):
                part = getattr(mine, name)
                part.weight.copy_(weights[f"l{theirs}.{name}.w"].view(part.weight.shape))
                part.bias.copy_(weights[f"l{theirs}.{name}.b"])
    network.word.weight.requires_grad_(False)  # words unseen in teaching keep their place
    return network
