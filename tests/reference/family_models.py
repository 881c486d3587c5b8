"""The tiny model of each family: what its config says beyond the sizes that all share."""

import torch
from transformers import AutoConfig, AutoModelForTokenClassification

import family_tokenizers as tokenizers
from tiny_models import label_names, randomise

# The longest row is longer than DeBERTa's exact buckets and ModernBERT's window reach.
# Row 2 holds one token, row 3 nothing but padding.
LENGTHS = [24, 6, 1, 0, 13]

SIZES = dict(
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=64,
    max_position_embeddings=tokenizers.POSITIONS,
)
# An epsilon that shows, so that one that is not read from the config shows too.
EPSILON = dict(layer_norm_eps=1e-3)
DISTILBERT = dict(
    dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=tokenizers.POSITIONS, sinusoidal_pos_embds=False
)
ALBERT = SIZES | EPSILON | dict(embedding_size=16, num_hidden_layers=3)

# Folder: model type, tokenizer, config, the endings of names whose parameters softmax cancels.
FAMILIES = {
    "roberta": ("roberta", tokenizers.roberta, SIZES | EPSILON | dict(type_vocab_size=1), ["key.bias"]),
    "xlm-roberta": ("xlm-roberta", tokenizers.xlm_roberta, SIZES | EPSILON | dict(type_vocab_size=1), ["key.bias"]),
    "camembert": ("camembert", tokenizers.camembert, SIZES | EPSILON | dict(type_vocab_size=1), ["key.bias"]),
    "distilbert": ("distilbert", tokenizers.bert_cased, DISTILBERT, ["k_lin.bias"]),
    "electra": ("electra", tokenizers.bert_uncased, SIZES | EPSILON | dict(embedding_size=16), ["key.bias"]),
    "albert": ("albert", tokenizers.albert, ALBERT, ["key.bias"]),
    "albert-groups": (
        "albert",
        tokenizers.albert,
        ALBERT | dict(num_hidden_groups=2, inner_group_num=2, hidden_act="gelu"),
        ["key.bias"],
    ),
    "mpnet": ("mpnet", tokenizers.mpnet, SIZES | EPSILON, ["k.bias"]),
}


def config(model_type, tokenizer, changes):
    special = {key: getattr(tokenizer, key) for key in ("pad_token_id", "bos_token_id", "eos_token_id")}
    config = AutoConfig.for_model(model_type, **label_names(), vocab_size=len(tokenizer), **special, **changes)
    # Eager attention adds a finite number to masked scores, so that a row of padding stays finite.
    config._attn_implementation = "eager"
    return config


def build(config):
    return wide(AutoModelForTokenClassification.from_config(config))


def wide(model):
    """Narrower than the tiny BERTs, whose depth is 2: with each layer of wide ones the tokens of a row
    grow more alike, until attention makes no difference."""
    return randomise(model, seed=12, matrix_std=0.2, bias_std=0.1)


def batch(config, tokenizer):
    """Rows of random pieces between the special tokens, and labels for some of the pieces."""
    rng = torch.Generator().manual_seed(7)
    special = set(tokenizer.all_special_ids)
    ordinary = torch.tensor([i for i in range(len(tokenizer)) if i not in special])
    ids = torch.full((len(LENGTHS), max(LENGTHS)), tokenizer.pad_token_id)
    types, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = ordinary[torch.randint(len(ordinary), (length,), generator=rng)]
        ids[row, :1] = tokenizer.cls_token_id if length else tokenizer.pad_token_id
        if length > 1:
            ids[row, length - 1] = tokenizer.sep_token_id
            drawn = torch.randint(-2, 5, (length - 2,), generator=rng)
            labels[row, 1 : length - 1] = torch.where(drawn < 0, -100, drawn)
            if getattr(config, "type_vocab_size", 0) > 1:
                types[row, length // 2 : length] = 1
    mask = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}, labels
