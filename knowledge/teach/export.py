"""Write the network down for ONNX Runtime, in one byte a weight."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from knowledge.teach.network import Encoder

_SHOWN = [0, 10, 20, 2]  # any short text


class _One(nn.Module):
    def __init__(self, network: Encoder) -> None:
        super().__init__()
        self.network = network

    def forward(self, pieces: Tensor) -> Tensor:
        return self.network.one(pieces)


def export(network: Encoder, file: Path) -> None:
    """The graph from the pieces of one text to its vector."""
    network.eval()
    with TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            _One(network),
            (torch.tensor(_SHOWN),),
            plain,
            input_names=["pieces"],
            output_names=["vector"],
            dynamic_axes={"pieces": {0: "length"}},
            dynamo=False,
        )
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        # seven bits: on processors without VNNI the sums of eight overflow
        quantize_dynamic(
            ready, file, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
