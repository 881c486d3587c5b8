"""The losses of training that are not plain cross-entropy, and their gradients, as PyTorch computes them.

Weighted and smoothed cross-entropy are `torch.nn.functional.cross_entropy` itself. PyTorch has neither the
focal nor the dice loss: they are written here by the formulas of the papers, and autograd differentiates
them. All in f64. The mean is divided by the sum of the weights of the right tags, as `cross_entropy` does.
"""

import torch
from torch.nn.functional import cross_entropy, log_softmax, one_hot

from fixture_files import TAGGER, floats, versions, write_json

WEIGHTS = [0.25, 2.0, 1.5, 4.0, 0.05]


def weighted_mean(losses, targets, weights):
    of_targets = weights[targets]
    return (losses * of_targets).sum() / of_targets.sum()


def smoothed(logits, targets, weights, label_smoothing=0.0):
    return cross_entropy(logits, targets, weight=weights, label_smoothing=label_smoothing)


def focal(logits, targets, weights, focal_gamma):
    """Lin et al. 2017, equation 5: FL(p_t) = −α_t (1 − p_t)^γ ln p_t."""
    log_p = log_softmax(logits, 1)[torch.arange(len(targets)), targets]
    # −expm1(ln p) is 1 − p without cancellation.
    return weighted_mean((-torch.expm1(log_p)) ** focal_gamma * -log_p, targets, weights)


def dice(logits, targets, weights):
    """Li et al. 2020, DSC of a single example with (1 − p) p for p, γ = 1: each tag against all others."""
    p = logits.softmax(1)
    y = one_hot(targets, logits.shape[1]).double()
    x = (1 - p) * p
    coefficient = (2 * x * y + 1) / (x + y + 1)
    return weighted_mean((1 - coefficient).sum(1), targets, weights)


CASES = [
    ("cross-entropy", smoothed, {}),
    ("cross-entropy", smoothed, {"label_smoothing": 0.1}),
    ("focal", focal, {"focal_gamma": 2.0}),
    ("focal", focal, {"focal_gamma": 0.5}),
    ("dice", dice, {}),
]


def main():
    torch.manual_seed(7)
    logits = 3 * torch.randn(12, len(WEIGHTS))
    targets = torch.randint(0, len(WEIGHTS), (12,))
    # Certain and right, certain and wrong.
    logits[0] = torch.tensor([30.0, -30, 0, -30, -30])
    logits[1] = torch.tensor([-30.0, 30, -30, 0, -30])
    targets[:2] = 0
    cases = []
    for loss, function, settings in CASES:
        for weights in [None, WEIGHTS]:
            leaf = logits.double().requires_grad_()
            by_tag = torch.tensor(weights or [1.0] * len(WEIGHTS)).double()
            value = function(leaf, targets, by_tag, **settings)
            value.backward()
            cases.append({"settings": {"loss": loss, **settings}, "weights": weights,
                          "loss": floats(value), "gradient": floats(leaf.grad)})
    write_json(
        TAGGER / "losses.json",
        {"versions": versions("torch"), "logits": floats(logits), "targets": targets.tolist(), "cases": cases},
    )


if __name__ == "__main__":
    main()
