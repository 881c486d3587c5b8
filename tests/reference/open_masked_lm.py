"""Acceptance: transformers opens a pretrained folder as a masked language model, and computes the same logits.

    open_masked_lm.py FOLDER

FOLDER holds one folder for each model, as the test `a_written_model_is_read_again_and_has_the_tensors_of_transformers` leaves
them where `TAGSMITH_WRITTEN_MASKED_LM` names it: the model and `logits.json`, rows of ids with the logits at some
positions. Without `logits.json` only the keys are looked at, so the `model` of a run will do. Exits 1 when a key is
missing or unexpected, or logits differ by more than 1e-4.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM

from fixture_files import versions


def differs(folder):
    model, info = AutoModelForMaskedLM.from_pretrained(folder, output_loading_info=True)
    faults = {kind: found for kind, found in info.items() if found}
    largest = 0.0
    logits = folder / "logits.json"
    for row in json.loads(logits.read_text()) if logits.exists() else []:
        with torch.no_grad():
            theirs = model.eval()(input_ids=torch.tensor([row["ids"]])).logits[0, row["positions"]]
        ours = torch.tensor(row["logits"]).reshape(theirs.shape)
        largest = max(largest, (ours - theirs).abs().max().item())
    keys = f"keys differ: {faults}" if faults else "no key missing or unexpected"
    print(f"{folder.name}: {type(model).__name__}, {keys}, logits differ by {largest:.1e}")
    return bool(faults) or largest > 1e-4


def main():
    print(versions("torch", "transformers"))
    folder = Path(sys.argv[1])
    folders = [folder] if (folder / "config.json").exists() else sorted(path for path in folder.iterdir() if path.is_dir())
    if not folders:
        sys.exit(f"error: `{folder}` holds no model")
    # Each is looked at, whatever the others say.
    sys.exit(any([differs(one) for one in folders]))


if __name__ == "__main__":
    main()
