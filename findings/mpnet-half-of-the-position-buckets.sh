#!/bin/sh
# Expected: MPNetConfig(relative_attention_num_buckets=64) spreads relative positions over 64 buckets ("the number
#   of buckets to use for each attention layer"), as the setting of the same name does in T5.
# Happens: the setting only sizes the table. Positions are always put into 32 buckets, a number that is written
#   into MPNetEncoder; the other 32 rows are saved with the model and are never read or trained. No warning.
# Since: at least transformers 4.57.3 (its code has the same fixed number) and still in 5.23.0.
# Looked up: trackers of transformers and of projects that carry MPNet over; nothing about this setting found, nor
#   in what the search shows of the pull requests that brought the model, #8804 and #8971.
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
from transformers import MPNetConfig, MPNetModel, T5Config, T5EncoderModel

print(f"transformers {transformers.__version__}, torch {torch.__version__}")
# 500 places in a row: every distance that a bucket can stand for occurs.
ids = torch.arange(500).remainder(9).add(3).unsqueeze(0)


def rows_with_gradient(model, table):
    model.eval()
    model(input_ids=ids).last_hidden_state.pow(3).sum().backward()
    return int((table.weight.grad.abs().sum(dim=1) > 0).sum())


used = []
for buckets in (32, 64):
    torch.manual_seed(0)
    mpnet = MPNetModel(MPNetConfig(
        vocab_size=12, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=600, relative_attention_num_buckets=buckets,
    ))
    t5 = T5EncoderModel(T5Config(
        vocab_size=12, d_model=16, d_kv=8, d_ff=24, num_layers=2, num_heads=2,
        relative_attention_num_buckets=buckets,
    ))
    for name, model, table in (
        ("MPNet", mpnet, mpnet.encoder.relative_attention_bias),
        ("T5", t5, t5.encoder.block[0].layer[0].SelfAttention.relative_attention_bias),
    ):
        used.append(rows_with_gradient(model, table))
        print(f"  {name}, relative_attention_num_buckets={buckets}:"
              f" {table.num_embeddings} rows, {used[-1]} of them used")
print(used)
PY
venv/bin/python probe.py > seen 2> warnings || { cat warnings; exit 2; }
cat seen
# One row of each table stands for "at distance 0, but to the right" and is never used.
if [ "$(tail -n 1 seen)" = "[31, 31, 31, 63]" ]; then
    echo "As described: MPNet uses 32 buckets whatever the setting says."
else
    echo "The behaviour has changed."
    exit 1
fi
