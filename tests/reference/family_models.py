"""The tiny model of each family: what its config says beyond the sizes that all share."""

import copy

import torch
from transformers import AutoConfig, AutoModelForTokenClassification

import family_tokenizers as tokenizers
from tiny_models import label_names, outputs, randomise


def theta(value):
    """The settings of rotary positions with this base."""
    return dict(rope_type="default", rope_theta=value)


# The longest row exceeds DeBERTa's exact buckets and ModernBERT's window.
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
DISTILBERT = dict(dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=tokenizers.POSITIONS)
ALBERT = SIZES | EPSILON | dict(embedding_size=16, num_hidden_layers=3)
DEBERTA = SIZES | EPSILON | dict(
    relative_attention=True,
    position_buckets=8,
    max_relative_positions=-1,
    pos_att_type="p2c|c2p",
    share_att_key=True,
    norm_rel_ebd="layer_norm",
    position_biased_input=False,
    type_vocab_size=0,
)
MODERNBERT = SIZES | dict(
    num_hidden_layers=4, intermediate_size=40, norm_eps=1e-3, global_attn_every_n_layers=3, local_attention=8
)

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
    # Keys have their bias in position-to-content scores too, which softmax does not cancel.
    "deberta-v2": ("deberta-v2", tokenizers.deberta, DEBERTA, []),
    "deberta-v2-conv": (
        "deberta-v2",
        tokenizers.deberta,
        DEBERTA
        | dict(
            max_relative_positions=16,
            share_att_key=False,
            position_biased_input=True,
            type_vocab_size=2,
            conv_kernel_size=3,
            conv_act="gelu",
            embedding_size=16,
        ),
        ["pos_key_proj.bias"],
    ),
    "modernbert": ("modernbert", tokenizers.modernbert, MODERNBERT, []),
    "modernbert-biases": (
        "modernbert",
        tokenizers.modernbert,
        MODERNBERT
        | dict.fromkeys(["attention_bias", "mlp_bias", "norm_bias", "classifier_bias"], True)
        | dict(classifier_activation="silu", global_attn_every_n_layers=2, local_attention=5),
        [],
    ),
    # Rotation by position keeps the bias of keys from being cancelled.
    "nomic_bert": ("nomic_bert", tokenizers.bert_uncased, SIZES | EPSILON, []),
    "eurobert": (
        "eurobert",
        tokenizers.eurobert,
        SIZES | dict(num_key_value_heads=2, rms_norm_eps=1e-3, rope_parameters=theta(2.5e5)),
        [],
    ),
    "jina_embeddings_v3": (
        "jina_embeddings_v3",
        tokenizers.xlm_roberta,
        SIZES | EPSILON | dict(num_attention_heads=2),
        [],
    ),
}

# Configs as the checkpoints on the Hub have them, where those differ from what transformers 5 writes.
HUB_FORMS = {
    "deberta-v2-conv": lambda config: config | dict(pos_att_type="p2c|c2p"),
    # `layer_norm_eps` is there but means nothing: `norm_eps` counts.
    "modernbert-biases": lambda config: {
        key: value for key, value in config.items() if key not in ("layer_types", "rope_parameters")
    }
    | dict(global_attn_every_n_layers=2, global_rope_theta=1.6e5, local_rope_theta=1e4, layer_norm_eps=1e-5),
}

# Changes of a config that must show in the output: a reader that overlooks the key is found out.
SHOWS = [
    dict(layer_norm_eps=1e-5),
    dict(norm_eps=1e-5),
    dict(rms_norm_eps=1e-5),
    dict(hidden_act="relu"),
    dict(activation="relu"),
    dict(hidden_activation="relu"),
    dict(classifier_activation="relu"),
    dict(conv_act="tanh"),
    dict(local_attention=10),
    dict(layer_types=["full_attention"] * 4),
    dict(rope_parameters=dict(full_attention=theta(1e4), sliding_attention=theta(1e4))),
    dict(rope_parameters=dict(full_attention=theta(1.6e5), sliding_attention=theta(1.6e5))),
    dict(rope_parameters=theta(1e4)),
    dict(position_buckets=-1, max_relative_positions=8),
    dict(max_relative_positions=30),
    dict(norm_rel_ebd="none"),
    dict(pos_att_type=["p2c"]),
    dict(pos_att_type=["c2p"]),
]


def config(model_type, tokenizer, changes):
    special = {key: getattr(tokenizer, key) for key in ("pad_token_id", "bos_token_id", "eos_token_id")}
    if model_type == "modernbert":
        first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
        special |= dict(bos_token_id=first, cls_token_id=first, eos_token_id=last, sep_token_id=last)
    if model_type == "eurobert":
        special |= dict(mask_token_id=tokenizer.mask_token_id)
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


def assert_shows(model, inputs):
    """Every change of SHOWS that concerns this family moves the output of some token."""
    before, tokens = outputs(model, inputs)["logits"], inputs["attention_mask"].bool()
    for change in SHOWS:
        if all(concerns(getattr(model.config, key, None), value) for key, value in change.items()):
            other = copy.deepcopy(model.config)
            for key, value in change.items():
                setattr(other, key, value)
            changed = AutoModelForTokenClassification.from_config(other).eval()
            changed.load_state_dict(model.state_dict(), strict=False)
            moved = (outputs(changed, inputs)["logits"] - before)[tokens].abs().max().item()
            assert moved > 1e-3, f"{change} moves the output by {moved} only"


def concerns(old, new):
    same_keys = not isinstance(new, dict) or isinstance(old, dict) and set(old) == set(new)
    return old is not None and old != new and same_keys


def batch(config, tokenizer):
    """Rows of random pieces between the special tokens, and labels for some of the pieces."""
    rng = torch.Generator().manual_seed(7)
    special = set(tokenizer.all_special_ids)
    first, *_, last = tokenizer("Oslo")["input_ids"]
    ordinary = torch.tensor([i for i in range(len(tokenizer)) if i not in special])
    ids = torch.full((len(LENGTHS), max(LENGTHS)), tokenizer.pad_token_id)
    types, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = ordinary[torch.randint(len(ordinary), (length,), generator=rng)]
        ids[row, : min(length, 1)] = first
        if length > 1:
            ids[row, length - 1] = last
            drawn = torch.randint(-2, 5, (length - 2,), generator=rng)
            labels[row, 1 : length - 1] = torch.where(drawn < 0, -100, drawn)
            if getattr(config, "type_vocab_size", 0) > 1:
                types[row, length // 2 : length] = 1
    mask = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}, labels
