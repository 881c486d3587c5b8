"""Acceptance: PEFT opens the adapter of a run by `tagsmith train --lora-rank`, and it gives the logits of the merged model.

    open_in_peft.py RUN_DIR [RUN_DIR…]

Compares `adapter/` over its base model with `model/` in transformers, on random ids. Exits 1 where a key is missing or
unexpected, or a logit differs by more than 1e-4.
"""

import json
import sys
import warnings
from pathlib import Path

import torch
from peft import PeftModel
from peft.utils import get_peft_model_state_dict
from safetensors import safe_open
from transformers import AutoModelForTokenClassification

from tiny_models import call

TOLERANCE = 1e-4


def compare(run):
    merged = AutoModelForTokenClassification.from_pretrained(run / "model").eval()
    labels = merged.config.id2label
    settings = json.loads((run / "adapter/adapter_config.json").read_text())
    base = AutoModelForTokenClassification.from_pretrained(
        settings["base_model_name_or_path"], num_labels=len(labels), id2label=labels, ignore_mismatched_sizes=True
    )
    with warnings.catch_warnings():
        # PEFT warns of keys that are missing.
        warnings.simplefilter("error", UserWarning)
        adapted = PeftModel.from_pretrained(base, run / "adapter").eval()
    with safe_open(run / "adapter/adapter_model.safetensors", "pt") as stored:
        assert set(stored.keys()) == set(get_peft_model_state_dict(adapted)), "other keys than PEFT's"
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(5, min(merged.config.vocab_size, 30_000), (3, 20), generator=generator)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids)}
    with torch.no_grad():
        found, expected = call(adapted.base_model.model, inputs).logits, call(merged, inputs).logits
    return (found - expected).abs().max().item()


def main():
    differences = {run: compare(Path(run)) for run in sys.argv[1:]}
    for run, difference in differences.items():
        print(f"{run}: logits differ by {difference:.1e}")
    sys.exit(not differences or max(differences.values()) > TOLERANCE)


if __name__ == "__main__":
    main()
