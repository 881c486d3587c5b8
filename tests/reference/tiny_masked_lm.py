"""Makes a tiny random checkpoint of each family with its masked-language head, and ten optimiser steps of it.

    tiny_masked_lm.py [OUT_FOLDER]     (default: the tagger crate's tests/fixtures/masked_lm)

A folder holds the model and the tokenizer as transformers saves them, and `training.json`: rows of word pieces
without padding, some of them masked, the labels, and the course of ten steps of AdamW. Dropout is off.
"""

import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForMaskedLM, get_linear_schedule_with_warmup

import family_tokenizers as tokenizers
from family_models import EPSILON, FAMILIES, SIZES, wide
from fixture_files import TAGGER, floats, versions, write_json
from tiny_models import call
from tiny_training import LR, STEPS, WARMUP, WEIGHT_DECAY, groups

WITHOUT_HEAD = ("electra", "eurobert", "jina_embeddings_v3")
LENGTHS = [24, 6, 13, 3]


def models():
    """Folder: model type, tokenizer, config."""
    bert = SIZES | EPSILON | dict(type_vocab_size=2, hidden_act="relu")
    yield "bert", "bert", tokenizers.bert_uncased, bert
    for name, (model_type, make_tokenizer, changes, _) in FAMILIES.items():
        if name not in WITHOUT_HEAD:
            yield name, model_type, make_tokenizer, changes
    model_type, make_tokenizer, changes, _ = FAMILIES["deberta-v2"]
    yield "deberta-v2-new-head", model_type, make_tokenizer, changes | dict(legacy=False)


def config(model_type, tokenizer, changes):
    special = {key: getattr(tokenizer, key) for key in ("pad_token_id", "bos_token_id", "eos_token_id")}
    if model_type == "modernbert":
        first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
        special |= dict(bos_token_id=first, cls_token_id=first, eos_token_id=last, sep_token_id=last)
    made = AutoConfig.for_model(model_type, vocab_size=len(tokenizer), **special, **changes)
    made._attn_implementation = "eager"
    return made


def rows(tokenizer):
    """Rows of random pieces, a third of them to be predicted: masked, replaced or as they were."""
    rng = torch.Generator().manual_seed(11)
    special = set(tokenizer.all_special_ids)
    first, *_, last = tokenizer("Oslo")["input_ids"]
    ordinary = torch.tensor([i for i in range(len(tokenizer)) if i not in special])

    def draw(count):
        return ordinary[torch.randint(len(ordinary), (count,), generator=rng)]

    for length in LENGTHS:
        ids = torch.cat([torch.tensor([first]), draw(length - 2), torch.tensor([last])])
        chosen = torch.rand(length, generator=rng) < 1 / 3
        chosen[1], chosen[[0, -1]] = True, False
        labels = torch.where(chosen, ids, -100)
        chance = torch.rand(length, generator=rng)
        ids = torch.where(chosen & (chance < 0.6), tokenizer.mask_token_id, ids)
        ids = torch.where(chosen & (chance > 0.8), draw(length), ids)
        yield ids, labels


def padded(tokenizer, drawn):
    width = max(len(ids) for ids, _ in drawn)

    def fill(values, value):
        return torch.stack([torch.nn.functional.pad(row, (0, width - len(row)), value=value) for row in values])

    ids, labels = zip(*drawn)
    mask = fill([torch.ones_like(row) for row in ids], 0)
    return {"input_ids": fill(ids, tokenizer.pad_token_id), "attention_mask": mask, "labels": fill(labels, -100)}


def course(model, inputs):
    optimizer = torch.optim.AdamW(groups(model), lr=LR, betas=(0.9, 0.999), eps=1e-8)
    scheduler = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = call(model, inputs).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        lr = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
        yield {"step": step, "lr": lr, "loss": floats(loss), "grad_norm": floats(norm)}


def main():
    torch.manual_seed(0)
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else TAGGER / "masked_lm"
    shutil.rmtree(out, ignore_errors=True)
    for name, model_type, make_tokenizer, changes in models():
        folder = out / name
        folder.mkdir(parents=True)
        tokenizer = tokenizers.save(make_tokenizer(), folder)
        model = wide(AutoModelForMaskedLM.from_config(config(model_type, tokenizer, changes)))
        model.save_pretrained(folder)
        model = AutoModelForMaskedLM.from_pretrained(folder, attn_implementation="eager").eval()
        drawn = list(rows(tokenizer))
        inputs = padded(tokenizer, drawn)
        steps = list(course(model, inputs))
        with torch.no_grad():
            after = call(model, inputs).loss
        assert any(step["grad_norm"] > 1 for step in steps)
        write_json(
            folder / "training.json",
            {
                "note": f"{type(model).__name__}; AdamW as in tiny_training.py, gradients clipped to a norm of 1",
                "versions": versions("torch", "transformers"),
                "weight_decay": WEIGHT_DECAY,
                "rows": [{"ids": ids.tolist(), "labels": labels.tolist()} for ids, labels in drawn],
                "steps": steps,
                "loss_after": floats(after),
            },
        )


if __name__ == "__main__":
    main()
