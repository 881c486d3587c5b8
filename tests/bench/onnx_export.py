"""Exports a fine-tuned model to ONNX, as it is and with dynamically quantised int8 weights.

    onnx_export.py MODEL FOLDER        writes FOLDER/f32.onnx and FOLDER/int8.onnx

The exported graph is compared with the model before anything is written about its speed.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForTokenClassification

INPUTS = ["input_ids", "attention_mask"]


class Logits(torch.nn.Module):
    """Fixes the order of the inputs, and has one tensor as its output."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def difference(path, model, ids, mask):
    """The largest difference of a logit at a real position."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    with torch.no_grad():
        expected = model(ids, mask).numpy()
    found = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    return float(np.abs(found - expected)[mask.numpy().astype(bool)].max())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    model = Logits(AutoModelForTokenClassification.from_pretrained(sys.argv[1], attn_implementation="eager"))
    model.eval()
    torch.manual_seed(42)
    ids = torch.randint(5, 90, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    plain, small = folder / "f32.onnx", folder / "int8.onnx"
    torch.onnx.export(
        model,
        (ids, mask),
        str(plain),
        input_names=INPUTS,
        output_names=["logits"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in [*INPUTS, "logits"]},
        opset_version=17,
        # The newer exporter needs packages that nothing else here does.
        dynamo=False,
    )
    # Another shape as well: what was traced must not have kept the first.
    for batch in [(ids, mask), (ids[:, :11].repeat(3, 1), mask[:, :11].repeat(3, 1))]:
        found = difference(plain, model, *batch)
        if found > 1e-3:
            sys.exit(f"error: the exported graph differs from the model by {found}")
    quantize_dynamic(str(plain), str(small), weight_type=QuantType.QInt8)
    print(f"f32 as the model to {found:.1e}, int8 to {difference(small, model, ids, mask):.1e}")


if __name__ == "__main__":
    main()
