"""Makes adapters of tiny models, as PEFT writes them, with the weights that PEFT merges them to.

    tiny_adapters.py [OUT_FOLDER]      (default: the encoder crate's tests/fixtures/adapters)

A folder holds what `save_pretrained` writes, and `merged.safetensors`: the weights of the encoder after
`merge_and_unload` that differ from those of the base model, by their names in a checkpoint. `cases.json`
names the folders of the base models.
"""

import torch
from safetensors.torch import save_file
from transformers import AutoModelForTokenClassification
from transformers.core_model_loading import revert_weight_conversion

from fixture_files import ENCODER
from tiny_peft import adapted, make_all

BERT, MODERN = "tiny/bert-token-classification", "families/modernbert"
# What is particular about each: (base, settings).
CASES = {
    "plain": (BERT, {"target_modules": ["query", "value"]}),
    "every-linear": (BERT, {"target_modules": ["query", "key", "value", "dense"], "use_rslora": True, "lora_alpha": 4}),
    "alpha-pattern": (
        BERT,
        {
            "target_modules": ["query", "dense"],
            "rank_pattern": {"query": 2},
            "alpha_pattern": {"query": 6, "layer.1.output.dense": 16},
        },
    ),
    "dora": (BERT, {"target_modules": ["key", "dense"], "use_dora": True}),
    "biases": (BERT, {"target_modules": ["query"], "bias": "all"}),
    "lora-bias": (BERT, {"target_modules": ["query"], "lora_bias": True}),
    "embeddings": (BERT, {"target_modules": ["word_embeddings", "query"]}),
    "dora-embeddings": (BERT, {"target_modules": ["word_embeddings"], "use_dora": True}),
    "trained-whole": (BERT, {"target_modules": ["query"], "modules_to_save": ["classifier", "LayerNorm"]}),
    "joint": (MODERN, {"target_modules": ["Wqkv", "Wo", "Wi"]}),
}


def make(folder, base, settings):
    model = AutoModelForTokenClassification.from_pretrained(ENCODER / base)
    before = saved(model)
    model = adapted(model, folder, **settings)
    after = saved(model.merge_and_unload())
    changed = {name: value for name, value in after.items() if not torch.equal(value, before[name])}
    encoder = {name: value for name, value in changed.items() if not name.startswith("classifier.")}
    assert encoder
    save_file(encoder, folder / "merged.safetensors")


def saved(model):
    """The weights by their names in a checkpoint."""
    weights = revert_weight_conversion(model, model.state_dict())
    return {name: value.detach().clone().contiguous() for name, value in weights.items()}


if __name__ == "__main__":
    make_all("adapters", CASES, make)
