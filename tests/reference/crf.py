"""A linear-chain conditional random field over short sequences, by adding up every sequence of tags there is.

For each case: the log-likelihood of the right tags, its gradients (PyTorch's autograd) with respect to the
emissions and the transitions, the marginal probabilities, and the best sequence. Rows and columns of the
transitions are those of the tags, and then the edge of the text; a transition that IOB2 forbids is null. A
text that does not open (close) with the words has no transition before (after) them. All in f64.
"""

import itertools

import torch

from fixture_files import TAGGER, floats, versions, write_json

TAGS = ["O", "B-X", "I-X", "B-Y", "I-Y"]
EDGE = len(TAGS)
# Words, and whether the text opens and closes with them.
CASES = [(1, True, True), (1, False, False), (2, True, False), (3, False, True), (4, True, True), (5, True, True)]


def allowed(before, after):
    """IOB2: `I-` only after `B-` or `I-` of the same label."""
    if after == EDGE or not TAGS[after].startswith("I-"):
        return True
    return before != EDGE and TAGS[before] != "O" and TAGS[before][2:] == TAGS[after][2:]


def score(emissions, transitions, path, opens, closes):
    ends = [EDGE] * opens + list(path) + [EDGE] * closes
    if not all(allowed(*pair) for pair in itertools.pairwise(ends)):
        return None
    moved = sum(transitions[a, b] for a, b in itertools.pairwise(ends))
    return sum(emissions[word, tag] for word, tag in enumerate(path)) + moved


def case(words, opens, closes, transitions):
    emissions = (2 * torch.randn(words, EDGE)).double().requires_grad_()
    paths, scores = [], []
    for path in itertools.product(range(EDGE), repeat=words):
        found = score(emissions, transitions, path, opens, closes)
        if found is not None:
            paths.append(path)
            scores.append(found)
    scores = torch.stack([torch.as_tensor(one) for one in scores])
    probabilities = (scores - scores.logsumexp(0)).softmax(0)
    marginals = torch.zeros(words, EDGE).double()
    for path, probability in zip(paths, probabilities.detach()):
        for word, tag in enumerate(path):
            marginals[word, tag] += probability
    # A likely sequence, but not the best.
    right = scores.argsort(descending=True)[1].item()
    log_likelihood = scores[right] - scores.logsumexp(0)
    transitions.grad = None
    log_likelihood.backward()
    of_transitions = torch.zeros(EDGE + 1, EDGE + 1) if transitions.grad is None else transitions.grad
    return {
        "opens": opens, "closes": closes, "emissions": floats(emissions), "right": list(paths[right]),
        "log_likelihood": floats(log_likelihood), "of_emissions": floats(emissions.grad),
        "of_transitions": floats(of_transitions), "marginals": floats(marginals),
        "best": list(paths[scores.argmax().item()]), "sequences": len(paths),
        "log_partition": floats(scores.logsumexp(0)),
    }


def main():
    torch.manual_seed(11)
    transitions = torch.randn(EDGE + 1, EDGE + 1).double().requires_grad_()
    cases = [case(*shape, transitions) for shape in CASES]
    shown = [[value if allowed(a, b) else None for b, value in enumerate(row)] for a, row in enumerate(floats(transitions))]
    write_json(TAGGER / "crf.json", {"versions": versions("torch"), "tags": TAGS, "transitions": shown, "cases": cases})


if __name__ == "__main__":
    main()
