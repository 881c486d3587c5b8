"""Ten optimiser steps of the tiny token-classification model with methods of regularisation, as PyTorch does them.

Dropout is off. The optimiser is `torch.optim.AdamW`, with a parameter group for each learning rate; a parameter
that is not trained yet has no gradient, so that its state begins with its first one. Parameters are averaged by
`torch.optim.swa_utils.AveragedModel`. The decay towards the pretrained weights is the formula of Li et al. 2018,
decoupled from the gradient. The loss of R-Drop is written by the formulas of Liang et al. 2021 with
`torch.nn.functional.kl_div`, in f64, and autograd differentiates it.
"""

import re

import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax
from torch.optim.swa_utils import AveragedModel

from fixture_files import ENCODER, TAGGER, floats, versions, write_json
from tiny_models import batch, call
from tiny_training import LABELS, load

LR, WEIGHT_DECAY, STEPS, LAYERS = 1e-3, 0.01, 10, 2
COURSES = [
    {"layer_decay": 0.7},
    {"pretrained_decay": 100.0},
    # Trained layers, from the top, in the steps from each of these on; the embeddings come with the last.
    {"unfrozen_from": [2, 5]},
    {"ema_decay": 0.999},
    {"ema_decay": 0.2},
    {"layer_decay": 0.5, "pretrained_decay": 50.0, "unfrozen_from": [1, 4], "ema_decay": 0.4},
]
WEIGHTS = [0.25, 2.0, 1.5, 4.0, 0.05]


def height(name):
    layer = re.search(r"layer\.(\d+)\.", name)
    if layer:
        return int(layer[1]) + 1
    return 0 if "embeddings" in name else LAYERS + 1


def course(settings):
    model = load(ENCODER / "tiny/bert-token-classification")
    inputs = batch() | {"labels": torch.tensor(LABELS)}
    named = dict(model.named_parameters())
    beginning = {name: p.detach().clone() for name, p in named.items()}
    pull = settings.get("pretrained_decay", 0.0)
    is_pulled = {name: pull > 0 and height(name) <= LAYERS for name in named}
    rates = {name: LR * settings.get("layer_decay", 1.0) ** (LAYERS + 1 - height(name)) for name in named}
    decays = {name: 0.0 if p.dim() < 2 or is_pulled[name] else WEIGHT_DECAY for name, p in named.items()}
    groups = [{"params": [p], "lr": rates[name], "weight_decay": decays[name]} for name, p in named.items()]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-8)
    averaged = None
    if decay := settings.get("ema_decay"):

        def average(old, new, count):
            # The step, from 1; the first one sets the average.
            step = count + 1
            kept = min(decay, (1 + step) / (10 + step))
            return kept * old + (1 - kept) * new

        averaged = AveragedModel(model, avg_fn=average)
    steps = []
    for step in range(STEPS):
        if from_steps := settings.get("unfrozen_from"):
            frozen = LAYERS - sum(step >= at for at in from_steps)
            for name, parameter in named.items():
                parameter.requires_grad_(frozen == 0 or height(name) > frozen)
        optimizer.zero_grad()
        loss = call(model, inputs).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        with torch.no_grad():
            for name, parameter in named.items():
                if is_pulled[name] and parameter.grad is not None:
                    parameter -= rates[name] * pull * (parameter - beginning[name])
        optimizer.step()
        expected = {"loss": floats(loss), "grad_norm": floats(norm)}
        if averaged:
            averaged.update_parameters(model)
            averaged.eval()
            with torch.no_grad():
                expected["average_loss"] = floats(call(averaged.module, inputs).loss)
        steps.append(expected)
    return {"settings": settings, "steps": steps}


def r_drop(logits, others, targets, weights, alpha):
    log_p, log_q = log_softmax(logits, 1), log_softmax(others, 1)
    both = [kl_div(a, b, log_target=True, reduction="none").sum(1) for a, b in [(log_p, log_q), (log_q, log_p)]]
    of_targets = weights[targets]
    losses = [cross_entropy(x, targets, weight=weights) for x in (logits, others)]
    return sum(losses) / 2 + alpha * (sum(both) / 2 * of_targets).sum() / of_targets.sum()


def r_drop_cases():
    torch.manual_seed(11)
    logits = 3 * torch.randn(9, len(WEIGHTS))
    others = logits + torch.randn(logits.shape)
    # Certain both times, of the same and of different tags.
    logits[0] = others[0] = torch.tensor([30.0, -30, 0, -30, -30])
    logits[1], others[1] = torch.tensor([30.0, -30, 0, -30, -30]), torch.tensor([-30.0, 30, 0, -30, -30])
    targets = torch.randint(0, len(WEIGHTS), (9,))
    cases = []
    for alpha in [0.5, 4.0]:
        for weights in [None, WEIGHTS]:
            leaf = torch.cat([logits, others]).double().requires_grad_()
            by_tag = torch.tensor(weights or [1.0] * len(WEIGHTS)).double()
            value = r_drop(leaf[:9], leaf[9:], targets, by_tag, alpha)
            value.backward()
            cases.append({"r_drop": alpha, "weights": weights, "loss": floats(value), "gradient": floats(leaf.grad)})
    return {"logits": floats(torch.cat([logits, others])), "targets": targets.tolist(), "cases": cases}


def main():
    inputs = batch() | {"labels": torch.tensor(LABELS)}
    write_json(
        TAGGER / "regularisation.json",
        {
            "versions": versions("torch", "transformers"),
            "lr": LR,
            **{key: value.tolist() for key, value in inputs.items()},
            "courses": [course(settings) for settings in COURSES],
            "r_drop": r_drop_cases(),
        },
    )


if __name__ == "__main__":
    main()
