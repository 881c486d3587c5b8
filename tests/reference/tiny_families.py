"""Makes a tiny random checkpoint of each family of encoders, with the values PyTorch computes for it.

    tiny_families.py [OUT_FOLDER]      (default: the encoder crate's tests/fixtures/families)

A folder holds the model and the tokenizer as transformers saves them, `reference.json` with inputs,
hidden states, logits and the pieces of given words, the gradients, and a course of training.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import RobertaForMaskedLM, RobertaModel

import family_tokenizers as tokenizers
from family_models import FAMILIES, HUB_FORMS, assert_shows, batch, build, config, wide
from family_text import WORD_LISTS
from fixture_files import ENCODER
from tiny_models import assert_sensitive, contiguous, outputs, write_reference
from tiny_training import load, write_courses


def start(out, name, make_tokenizer):
    folder = out / name
    folder.mkdir(parents=True)
    return folder, tokenizers.save(make_tokenizer(), folder)


def finish(folder, model, tokenizer, inputs, note):
    tokenized = {"tokenized": [tokenizers.split(tokenizer, words) for words in WORD_LISTS]}
    # A byte-level tokenizer sees no space before a given word unless it is told to add one.
    spaced = tokenizers.with_prefix_space(folder)
    with_space = [tokenizers.split(spaced, words) for words in WORD_LISTS]
    if with_space != tokenized["tokenized"]:
        tokenized["tokenized_with_prefix_space"] = with_space
    write_reference(folder, model, note, inputs, **tokenized)


def family(out, name):
    model_type, make_tokenizer, changes, cancelled = FAMILIES[name]
    folder, tokenizer = start(out, name, make_tokenizer)
    model = build(config(model_type, tokenizer, changes))
    inputs, labels = batch(model.config, tokenizer)
    assert_sensitive(model, inputs, cancelled)
    assert_shows(model, inputs)
    model.save_pretrained(folder)
    if name in HUB_FORMS:
        to_hub_form(folder, HUB_FORMS[name], model, inputs)
    finish(folder, model, tokenizer, inputs, f"{type(model).__name__}, safetensors, f32")
    write_courses(folder, inputs | {"labels": labels}, {"training.json": 1.0})


def to_hub_form(folder, change, model, inputs):
    """Rewrites the config, and checks that transformers reads the same model from it."""
    path = folder / "config.json"
    path.write_text(json.dumps(change(json.loads(path.read_text())), indent=2, sort_keys=True) + "\n")
    for key, value in outputs(load(folder), inputs).items():
        assert torch.equal(value, outputs(model, inputs)[key]), f"another {key} with the config as on the Hub"


def other_forms(out):
    """RoBERTa as a pickle, without prefix and head but with a pooler, and with the head of a masked language model."""
    model_type, make_tokenizer, changes, cancelled = FAMILIES["roberta"]

    def form(name, make_model, note, save=lambda model, folder: model.save_pretrained(folder)):
        folder, tokenizer = start(out, name, make_tokenizer)
        model = make_model(config(model_type, tokenizer, changes))
        inputs, _ = batch(model.config, tokenizer)
        assert_sensitive(model, inputs, cancelled)
        save(model, folder)
        finish(folder, model, tokenizer, inputs, note)

    def pickled(model, folder):
        model.config.architectures = [type(model).__name__]
        model.config.save_pretrained(folder)
        torch.save(contiguous(model.state_dict()), folder / "pytorch_model.bin")

    form("roberta-bin", build, "RobertaForTokenClassification, pytorch_model.bin", pickled)
    form("roberta-no-prefix", lambda c: wide(RobertaModel(c)), "RobertaModel: no prefix, a pooler, no head")
    form("roberta-masked-lm", lambda c: wide(RobertaForMaskedLM(c)), "RobertaForMaskedLM: `lm_head.*`, no pooler")


def main():
    torch.manual_seed(0)
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ENCODER / "families"
    shutil.rmtree(out, ignore_errors=True)
    for name in FAMILIES:
        family(out, name)
    other_forms(out)


if __name__ == "__main__":
    main()
