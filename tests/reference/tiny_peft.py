"""Tiny models with an adapter that PEFT made and wrote: shared by the scripts that compute with them."""

import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, TaskType, get_peft_model

from fixture_files import ENCODER, versions, write_json


def adapted(model, folder, **settings):
    """`model` with an adapter of rank 3, written to `folder`."""
    config = LoraConfig(task_type=TaskType.TOKEN_CLS, r=3, **({"lora_alpha": 5} | settings))
    model = get_peft_model(model, config)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            # What a training would have changed: PEFT begins with changes of zero.
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.peft_config["default"].base_model_name_or_path = "acme/base"
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    return model


def make_all(kind, cases, make):
    """Lets `make(folder, base, settings)` fill a folder for each case, and names their base models in `cases.json`."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ENCODER / kind
    shutil.rmtree(out, ignore_errors=True)
    for name, (base, settings) in cases.items():
        torch.manual_seed(7)
        make(out / name, base, settings)
        for file in (out / name).iterdir():
            file.chmod(0o644)
    bases = {name: base for name, (base, _) in cases.items()}
    write_json(out / "cases.json", {"versions": versions("peft", "transformers", "torch"), "bases": bases})
