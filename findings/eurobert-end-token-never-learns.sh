#!/bin/sh
# Expected: fine-tuning EuroBERT trains the embedding of its end token like that of any other token that is read.
# Happens: EuroBertConfig gives the pad token and the end token one id (128001), and EuroBertModel hands the pad
#   token's id to torch.nn.Embedding as `padding_idx`. PyTorch never gives that row a gradient: the end token's
#   embedding is as frozen as padding, without a word. With a pad token of its own the same model trains it.
#   (Weight decay does reach the row, so that it shrinks while nothing trains it.)
# Since: EuroBERT came to transformers in version 5 (5.23.0 tried).
# Looked up: trackers of transformers, and others by "pad token is eos token, padding_idx, gradient". There is much on
#   generation models whose *loss* skips an end token used as padding; on an embedding that cannot learn: nothing.
# Needs 2 GB of disk for PyTorch, and on Linux `cc` and `readelf` (see tests/reference/stub_cuda.py).
set -eu
reference=$(cd "$(dirname "$0")/../tests/reference" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HF_HUB_OFFLINE=1

python3 -m venv venv
venv/bin/pip install -q --no-compile --no-deps -r "$reference/requirements.txt" || exit 2
venv/bin/python "$reference/stub_cuda.py" || exit 2

cat > probe.py <<'PY'
import torch
import transformers
from transformers import EuroBertConfig, EuroBertForTokenClassification

default = EuroBertConfig()
print(f"transformers {transformers.__version__}, torch {torch.__version__}")
print(f"  EuroBertConfig(): pad_token_id {default.pad_token_id}, eos_token_id {default.eos_token_id}")

START, END, SPARE, MASK = 8, 9, 10, 11
frozen = [default.pad_token_id == default.eos_token_id]
for pad in (END, SPARE):
    torch.manual_seed(0)
    model = EuroBertForTokenClassification(EuroBertConfig(
        vocab_size=12, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_labels=3, bos_token_id=START, eos_token_id=END, pad_token_id=pad, mask_token_id=MASK,
    ))
    ids = torch.tensor([[START, 1, 2, 3, END]])
    labels = torch.tensor([[-100, 0, 1, 2, -100]])
    model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss.backward()
    norms = model.model.embed_tokens.weight.grad.norm(dim=1)
    print(f"  pad token {'= end token' if pad == END else 'of its own'}:"
          f" gradient norm of the start token {norms[START]:.4f}, of the end token {norms[END]:.4f}")
    frozen.append(norms[END].item() == 0)
print(frozen)
PY
venv/bin/python probe.py > seen 2> warnings || { cat warnings; exit 2; }
cat seen
if [ "$(tail -n 1 seen)" = "[True, True, False]" ]; then
    echo "As described: the end token gets no gradient."
else
    echo "The behaviour has changed."
    exit 1
fi
