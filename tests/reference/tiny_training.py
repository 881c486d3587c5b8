"""Makes the gradients and ten optimiser steps of the tiny token-classification model, as PyTorch computes them.

    tiny_training.py [MODEL_FOLDER]    (default: tiny/bert-token-classification; writes into it)

`gradients.safetensors` holds the loss and every parameter's gradient at the stored weights;
`training.json` and `training_clip6.json` the course of ten steps on the same batch, for two bounds of
the gradient norm. Dropout is off throughout.
"""

import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoModelForTokenClassification, get_linear_schedule_with_warmup
from transformers.core_model_loading import revert_weight_conversion

from fixture_files import ENCODER, floats, versions, write_json
from tiny_models import batch, call

LR, WEIGHT_DECAY, WARMUP, STEPS = 1e-3, 0.01, 3, 10
# With the first every step is clipped, with the second some are.
COURSES = {"training.json": 1.0, "training_clip6.json": 6.0}
# Continuation pieces, special tokens and padding are not scored; the rows of one token and of padding not at all.
LABELS = [
    [-100, 0, 1, -100, 2, 0, 3, 4, -100],
    [-100, 3, -100, 0, 1, -100, -100, -100, -100],
    [-100] * 9,
    [-100] * 9,
    [-100, 4, -100, -100, -100, -100, -100, -100, -100],
]


def load(folder):
    return AutoModelForTokenClassification.from_pretrained(folder, attn_implementation="eager").eval()


def groups(model):
    """No weight decay on vectors, which are biases and normalisations, as BERT was trained."""
    plain = [p for p in model.parameters() if p.dim() < 2]
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    return [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}]


def gradients(folder, inputs):
    model = load(folder)
    loss = call(model, inputs).loss
    loss.backward()
    found = {name: parameter.grad.contiguous() for name, parameter in model.named_parameters()}
    # As the checkpoint names and joins the parameters, which for some families is not as the code does.
    found = {name: tensor.contiguous() for name, tensor in revert_weight_conversion(model, found).items()}
    with safe_open(folder / "model.safetensors", "pt") as stored:
        assert set(found) == set(stored.keys())
    save_file(found | {"loss": loss.detach().reshape(1)}, folder / "gradients.safetensors")


def training(folder, inputs, max_norm):
    model = load(folder)
    optimizer = torch.optim.AdamW(groups(model), lr=LR, betas=(0.9, 0.999), eps=1e-8)
    scheduler = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    steps = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = call(model, inputs).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        lr = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
        steps.append({"step": step, "lr": lr, "loss": floats(loss), "grad_norm": floats(norm)})
    with torch.no_grad():
        after = call(model, inputs)
    return {
        "note": "AdamW; the first step has learning rate 0 (warm-up counts from step 0), the gradient norm is "
        "taken before clipping, and clipping scales by max_norm / (norm + 1e-6) where that is below 1",
        "versions": versions("torch", "transformers"),
        "lr": LR,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": WEIGHT_DECAY,
        "no_weight_decay": "vectors",
        "max_grad_norm": max_norm,
        "warmup_steps": WARMUP,
        **{key: value.tolist() for key, value in inputs.items()},
        "steps": steps,
        "loss_after": floats(after.loss),
        "logits_after": floats(after.logits),
    }


def write_courses(folder, inputs, courses):
    """The gradients and the courses of training, into the model's folder."""
    gradients(folder, inputs)
    for name, max_norm in courses.items():
        course = training(folder, inputs, max_norm)
        clipped = sum(step["grad_norm"] > max_norm for step in course["steps"])
        assert clipped > 0, "clipping was never put to use"
        write_json(folder / name, course)
    return clipped


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ENCODER / "tiny/bert-token-classification"
    inputs = batch() | {"labels": torch.tensor(LABELS)}
    clipped = write_courses(folder, inputs, COURSES)
    assert clipped < STEPS, "the last course should leave some steps as they are"


if __name__ == "__main__":
    main()
