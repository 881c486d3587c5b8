"""Writes the hidden states that transformers computes with a real checkpoint of any family.

    hidden_states.py MODEL_DIR OUT.json

Read by the encoder's test of families where TAGSMITH_HIDDEN_STATES names OUT.json and TAGSMITH_REAL_MODEL
the folder. The sentences have different lengths, the longest some 360 pieces.
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

from fixture_files import floats, versions, write_json

SENTENCES = [
    "In Oslo Anna Berg met the Norwegian minister of finance on Tuesday .",
    "short",
    "a very long text about ships and ports and the sea , " * 30,
]


def main():
    folder, out = sys.argv[1:]
    model = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    rows = [sentence.split() for sentence in SENTENCES]
    encoded = AutoTokenizer.from_pretrained(folder)(rows, is_split_into_words=True, return_tensors="pt", padding=True)
    ids, mask = encoded["input_ids"], encoded["attention_mask"]
    with torch.no_grad():
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    write_json(
        Path(out),
        {
            "versions": versions("torch", "transformers"),
            "input_ids": ids.tolist(),
            "attention_mask": mask.tolist(),
            "token_type_ids": torch.zeros_like(ids).tolist(),
            "last_hidden_state": floats(hidden),
        },
    )


if __name__ == "__main__":
    main()
