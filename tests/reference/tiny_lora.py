"""Makes the logits and the gradients of tiny models with a LoRA adapter, as PEFT computes them.

    tiny_lora.py [OUT_FOLDER]      (default: the encoder crate's tests/fixtures/lora)

A folder holds the adapter as `save_pretrained` writes it, `gradients.safetensors` with the loss and the gradient of
each trained parameter under the same names, and `reference.json` with the batch, which is that of the base model's
`training.json`, and the logits. `cases.json` names the base models. Dropout is off.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoModelForTokenClassification

from fixture_files import ENCODER, floats, versions, write_json
from tiny_models import call

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
    torch.manual_seed(7)
    model = AutoModelForTokenClassification.from_pretrained(ENCODER / base, attn_implementation="eager")
    model = get_peft_model(model, LoraConfig(task_type=TaskType.TOKEN_CLS, r=3, lora_alpha=5, target_modules=targets))
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            # What a training would have changed: PEFT begins with changes of zero.
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.peft_config["default"].base_model_name_or_path = "acme/base"
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
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
    for file in folder.iterdir():
        file.chmod(0o644)


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ENCODER / "lora"
    shutil.rmtree(out, ignore_errors=True)
    for name, (base, targets) in CASES.items():
        make(out / name, base, targets)
    bases = {name: base for name, (base, _) in CASES.items()}
    write_json(out / "cases.json", {"versions": versions("peft", "transformers", "torch"), "bases": bases})


if __name__ == "__main__":
    main()
