"""Makes the logits and the gradients of tiny models with a LoRA adapter, as PEFT computes them.

    tiny_lora.py [OUT_FOLDER]      (default: the encoder crate's tests/fixtures/lora)

A folder holds the adapter as `save_pretrained` writes it, `gradients.safetensors` with the loss and the gradient of
each trained parameter under the same names, and `reference.json` with the batch, which is that of the base model's
`training.json`, and the logits. `cases.json` names the base models. Dropout is off.
"""

import json

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoModelForTokenClassification

from fixture_files import ENCODER, floats, write_json
from tiny_models import call
from tiny_peft import adapted, make_all

ALL_OF_BERT = ["query", "key", "value", "dense"]
# DeBERTa's keys and queries are those of positions too; ALBERT's layers are one.
CASES = {
    "bert-query-value": ("tiny/bert-token-classification", ["query", "value"]),
    "bert-all": ("tiny/bert-token-classification", ALL_OF_BERT),
    "deberta-v2-all": ("families/deberta-v2", ["query_proj", "key_proj", "value_proj", "dense"]),
    "albert-all": ("families/albert", ["query", "key", "value", "dense", "ffn", "ffn_output"]),
}
BATCH = ("input_ids", "attention_mask", "token_type_ids", "labels")


def make(folder, base, targets):
    model = AutoModelForTokenClassification.from_pretrained(ENCODER / base, attn_implementation="eager")
    model = adapted(model, folder, target_modules=targets)
    training = json.loads((ENCODER / base / "training.json").read_text())
    batch = {key: training[key] for key in BATCH}
    found = call(model.eval().base_model.model, {key: torch.tensor(value) for key, value in batch.items()})
    found.loss.backward()
    gradients = {
        name.replace(".modules_to_save.default.", ".").replace(".default.", "."): parameter.grad.contiguous()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    with safe_open(folder / "adapter_model.safetensors", "pt") as stored:
        assert set(gradients) == set(stored.keys())
    save_file(gradients | {"loss": found.loss.detach().reshape(1)}, folder / "gradients.safetensors")
    write_json(folder / "reference.json", batch | {"logits": floats(found.logits)})


if __name__ == "__main__":
    make_all("lora", CASES, make)
