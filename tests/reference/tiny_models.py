"""Makes tiny random BERTs in every form that checkpoints come in, each with the values PyTorch computes.

    tiny_models.py [OUT_FOLDER]        (default: the encoder crate's tests/fixtures/tiny)

Every parameter is drawn wide, biases and LayerNorm too, so that a missing bias, a forgotten transpose
or a wrong epsilon moves the result by far more than the tests' tolerance; `assert_sensitive` checks
that. The one exception is the key bias: it adds the same number to all of a query's scores, which
softmax cancels.
"""

import inspect
import json
import os
import shutil
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForPreTraining, BertForTokenClassification, BertModel, BertTokenizer

from fixture_files import ENCODER, floats, versions, write_json

WORDS = "the in at ship port oslo anna berg ##s ##ing ##er ##land ##e ##n ##r . , - ! ' @ # 1 2 7".split()
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", *WORDS, "é", "日", "##a", "##o", "##t"]
LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
# Every size differs from every other that it could be confused with.
SIZES = dict(
    vocab_size=len(VOCABULARY),
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=64,
    max_position_embeddings=40,
    # Eager attention adds a finite number to masked scores, so that a row of padding stays finite.
    attn_implementation="eager",
)
LENGTHS = [9, 6, 1, 0, 3]  # row 2 holds one token, row 3 nothing but padding


def batch():
    rng = torch.Generator().manual_seed(7)
    ids = torch.zeros(len(LENGTHS), max(LENGTHS), dtype=torch.long)
    types = torch.zeros_like(ids)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = torch.randint(5, len(VOCABULARY), (length,), generator=rng)
        ids[row, :1] = VOCABULARY.index("[CLS]") if length else 0
        if length > 1:
            ids[row, length - 1] = VOCABULARY.index("[SEP]")
            types[row, length // 2 : length] = 1
    mask = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def randomise(model, seed, embedding_std=0.5, matrix_std=0.3, bias_std=0.5):
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=rng)
            if name.endswith("bias"):
                parameter.copy_(bias_std * noise)
            elif parameter.dim() == 1:  # the weight of a normalisation
                parameter.copy_(1 + 0.3 * noise)
            elif "embeddings" in name:
                parameter.copy_(embedding_std * noise)
            else:
                parameter.copy_(matrix_std * noise)
    return model.eval()


def call(model, inputs):
    """Runs the model on those of the inputs that its family knows."""
    known = inspect.signature(model.forward).parameters
    return model(**{key: value for key, value in inputs.items() if key in known})


def outputs(model, inputs=None):
    """The last hidden state, and the logits where the model has a token-classification head."""
    inputs = inputs or batch()
    with torch.no_grad():
        found = {"last_hidden_state": call(model.base_model, inputs)[0]}
        if hasattr(model, "classifier"):
            found["logits"] = call(model, inputs).logits
    assert all(torch.isfinite(t).all() for t in found.values())
    return found


def assert_sensitive(model, inputs=None, cancelled=("key.bias",)):
    """Dropping a bias or transposing a square matrix must show in the output of some token, unless the
    name ends in one of `cancelled`: then it must not show."""
    inputs = inputs or batch()
    before = outputs(model, inputs)
    last = "logits" if "logits" in before else "last_hidden_state"
    tokens = inputs["attention_mask"].bool()
    for name, parameter in model.named_parameters():
        if "pooler" in name or name.startswith(("cls.", "lm_head.")):
            continue
        kept = parameter.detach().clone()
        square = parameter.dim() == 2 and parameter.shape[0] == parameter.shape[1]
        with torch.no_grad():
            parameter.copy_(kept.T if square else torch.zeros_like(kept))
            moved = (outputs(model, inputs)[last] - before[last])[tokens].abs().max().item()
            parameter.copy_(kept)
        if name.endswith(tuple(cancelled)):
            assert moved < 1e-4, f"{name} moves the output by {moved}"
        else:
            assert moved > 1e-2, f"{name} moves the output by {moved} only"


def write_tokenizer(folder):
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    vocabulary = {token: i for i, token in enumerate(VOCABULARY)}
    BertTokenizer(vocab=vocabulary, do_lower_case=True, model_max_length=40).save_pretrained(folder)


def write_reference(folder, model, note, inputs=None, **more):
    reference = {key: value.tolist() for key, value in (inputs or batch()).items()}
    write_json(
        folder / "reference.json",
        {
            "note": note,
            "versions": versions("torch", "transformers", "safetensors"),
            "all_padding_row": 3,
            **reference,
            **{key: floats(value) for key, value in outputs(model, inputs).items()},
            **more,
        },
    )


def start(out, name):
    folder = out / name
    folder.mkdir(parents=True)
    write_tokenizer(folder)
    return folder


def config(**changes):
    return BertConfig(**(SIZES | changes))


def contiguous(state):
    return {key: value.detach().clone().contiguous() for key, value in state.items()}


def old_names(state):
    """LayerNorm's parameters as the first BERT checkpoints spelled them."""
    return OrderedDict(
        (k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"), v)
        for k, v in state.items()
    )


def label_names():
    return {"id2label": dict(enumerate(LABELS)), "label2id": {l: i for i, l in enumerate(LABELS)}}


def token_classification(**changes):
    return randomise(BertForTokenClassification(config(**label_names(), **changes)), seed=1)


def with_head(out):
    folder, model = start(out, "bert-token-classification"), token_classification()
    assert_sensitive(model)
    model.save_pretrained(folder)
    write_reference(folder, model, "BertForTokenClassification, safetensors, f32")


def halves(out):
    for name, dtype in [("bert-f16", torch.float16), ("bert-bf16", torch.bfloat16)]:
        folder, model = start(out, name), token_classification().to(dtype)
        model.save_pretrained(folder)
        note = f"weights stored as {dtype}; the expected values are computed in f32 from the stored weights"
        write_reference(folder, model.float(), note)


def sharded(out):
    folder, model = start(out, "bert-sharded"), token_classification()
    model.save_pretrained(folder, max_shard_size="30KB")
    assert len(list(folder.glob("model-*-of-*.safetensors"))) > 2
    write_reference(folder, model, "several safetensors files and an index")


def no_prefix(out):
    folder = start(out, "bert-no-prefix")
    model = randomise(BertModel(config(), add_pooling_layer=False), seed=2)
    assert_sensitive(model)
    model.config.architectures = ["BertModel"]
    model.config.save_pretrained(folder)
    state = contiguous(model.state_dict())
    state["embeddings.position_ids"] = torch.arange(40).unsqueeze(0)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    write_reference(folder, model, "no `bert.` prefix, no pooler, with I64 `embeddings.position_ids`")


def activations(out):
    gelu = outputs(randomise(BertModel(config(), add_pooling_layer=False), seed=3))
    for name, act in [("bert-gelu-new", "gelu_new"), ("bert-relu", "relu")]:
        folder = start(out, name)
        model = randomise(BertModel(config(hidden_act=act), add_pooling_layer=False), seed=3)
        differs = (outputs(model)["last_hidden_state"] - gelu["last_hidden_state"]).abs().max()
        assert differs > 4e-4, f"{act} cannot be told from gelu: {differs}"
        model.save_pretrained(folder)
        write_reference(folder, model, f"hidden_act `{act}`, safetensors without prefix")


def epsilon(out):
    # Small embeddings give the first LayerNorm a variance that 1e-5 is not small against.
    def made(eps):
        return randomise(BertModel(config(layer_norm_eps=eps), add_pooling_layer=False), 4, embedding_std=0.005)

    folder, model = start(out, "bert-eps-1e-5"), made(1e-5)
    differs = (outputs(model)["last_hidden_state"] - outputs(made(1e-12))["last_hidden_state"]).abs().max()
    assert differs > 1e-2, f"the epsilon moves the output by {differs} only"
    model.save_pretrained(folder)
    write_reference(folder, model, "layer_norm_eps 1e-5")


def legacy(out):
    """As the first PyTorch checkpoints of BERT: old names, a pickle, both pre-training heads, and a
    decoder that shares the word embeddings' storage. The 2018 files are not even zip archives."""
    model = randomise(BertForPreTraining(config()), seed=5)
    assert_sensitive(model)
    state = old_names(model.state_dict())
    # Files of that time lack the decoder's own bias: `cls.predictions.bias` is the same tensor.
    state.pop("cls.predictions.decoder.bias", None)
    state._metadata = OrderedDict(version=1)
    old_config = {
        "architectures": ["BertForPreTraining"],
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": 32,
        "initializer_range": 0.02,
        "intermediate_size": 64,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 40,
        "model_type": "bert",
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "pad_token_id": 0,
        "type_vocab_size": 2,
        "vocab_size": len(VOCABULARY),
    }
    for name, zipped in [("bert-legacy-bin", True), ("bert-legacy-2018", False)]:
        folder = start(out, name)
        (folder / "config.json").write_text(json.dumps(old_config, indent=2) + "\n")
        torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
        form = "a zip archive" if zipped else "the pickle stream of 2018"
        write_reference(folder, model, f"pytorch_model.bin as {form}: gamma/beta, pooler, pre-training heads")


def nested(out):
    """A checkpoint as Lightning writes it: the weights of a module that holds the model under `model`, in
    one entry, beside the optimiser's state and counters."""
    folder, model = start(out, "bert-lightning"), randomise(BertModel(config(), add_pooling_layer=False), seed=7)
    assert_sensitive(model)
    model.config.save_pretrained(folder)
    weights = OrderedDict((f"model.{name}", value) for name, value in contiguous(model.state_dict()).items())
    moments = {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(4, 4)}}
    checkpoint = {
        "epoch": 1,
        "global_step": 3,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": weights,
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {},
        "optimizer_states": [{"state": moments, "param_groups": [{"lr": 1e-5, "betas": (0.9, 0.999), "params": [0]}]}],
        "lr_schedulers": [],
    }
    torch.save(checkpoint, folder / "pytorch_model.bin")
    write_reference(folder, model, "a Lightning checkpoint: weights under `state_dict`, names behind `model.`")


class RunsACommand:
    """Unpickled carelessly, this leaves an empty file `OWNED` in the working folder."""

    def __reduce__(self):
        return os.system, ("touch OWNED",)


def damaged(out):
    for name, zipped in [("bert-evil-pickle", True), ("bert-evil-pickle-2018", False)]:
        folder, model = start(out, name), randomise(BertModel(config(), add_pooling_layer=False), seed=6)
        model.config.save_pretrained(folder)
        state = OrderedDict(evil=RunsACommand()) | contiguous(model.state_dict())
        torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    whole = (out / "bert-token-classification/model.safetensors").read_bytes()
    folder = start(out, "bert-truncated")
    shutil.copy(out / "bert-token-classification/config.json", folder)
    (folder / "model.safetensors").write_bytes(whole[: len(whole) * 6 // 10])


def main():
    torch.manual_seed(0)
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ENCODER / "tiny"
    shutil.rmtree(out, ignore_errors=True)
    for make in (with_head, halves, sharded, no_prefix, activations, epsilon, legacy, nested, damaged):
        make(out)


if __name__ == "__main__":
    main()
