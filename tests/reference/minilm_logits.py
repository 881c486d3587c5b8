"""Stores all-MiniLM-L6-v2's hidden states on real sentences, as PyTorch computes them.

    minilm_logits.py MODEL_DIR [OUT.json]    (default: the encoder crate's fixtures/minilm/reference.json)

The ids go to OUT.json, the hidden states `[batch, seq, hidden]` to `hidden.safetensors` beside it.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer

from fixture_files import ENCODER, versions, write_json

# Of unequal length, so that every row but one is padded; the last one is a single character.
SENTENCES = [
    "Marguerite Lefèvre flew from Montréal to São Paulo on 3 March, then missed her connection to Córdoba by six minutes.",
    "Ok 👍🏽 see u at the café 🥐🇫🇷!!!",
    "東京 and 北京 are capitals.",
    "The Kraftfahrzeughaftpflichtversicherung letter came back unopened.",
    "http://example.org/a?b=c&d=%20e isn't @home #really",
    "?",
]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else ENCODER / "minilm/reference.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    model = AutoModel.from_pretrained(sys.argv[1], attn_implementation="eager").eval()
    batch = tokenizer(SENTENCES, padding="longest", truncation=False, return_tensors="pt")
    with torch.no_grad():
        hidden = model(**batch).last_hidden_state
    save_file({"last_hidden_state": hidden.contiguous()}, out.parent / "hidden.safetensors")
    write_json(
        out,
        {
            "model": "all-MiniLM-L6-v2",
            "versions": versions("torch", "transformers", "tokenizers"),
            "sentences": SENTENCES,
            **{key: batch[key].tolist() for key in ("input_ids", "attention_mask", "token_type_ids")},
        },
    )
    print(f"hidden states {tuple(hidden.shape)}")


if __name__ == "__main__":
    main()
