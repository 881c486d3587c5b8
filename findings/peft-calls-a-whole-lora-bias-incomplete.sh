#!/bin/sh
# Expected: saving a LoRA adapter that was made with `lora_bias=True` says nothing: its files are complete, and
#   open again with the same outputs.
# Happens: PEFT warns that "LoRA tensor(s) have invalid shape" and "are therefore incomplete", because shards
#   were not gathered, and names the biases. A bias has one dimension; the check takes whatever is called lora_A
#   or lora_B for a matrix. Without `lora_bias` it is silent.
# Since: the check came with pull request #3251 (merged August 2026); 0.19.1 is silent, 0.21.2 warns.
# Looked up: the tracker of PEFT. In #3251 DoRA's and AdaLoRA's vectors are named as what must not be reported,
#   and `lora_bias` is not; nothing found of it since.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HF_HUB_OFFLINE=1

for version in 0.19.1 0.21.2; do
    TAGSMITH_REFERENCE_VENV=$work/$version "$here/../tests/reference/setup" > log 2>&1 || { cat log; exit 2; }
    "$version/bin/pip" install -q --no-compile --no-deps "peft==$version" || exit 2
done

cat > probe.py <<'PY'
import warnings

import peft
import torch
from peft import LoraConfig, PeftModel, get_peft_model


def model():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(4, 3))


x = torch.ones(2, 4)
print(f"peft {peft.__version__}, torch {torch.__version__}")
seen = []
for lora_bias in (False, True):
    trained = get_peft_model(model(), LoraConfig(r=2, target_modules=["0"], lora_bias=lora_bias))
    for name, parameter in trained.named_parameters():
        if "lora_" in name:
            parameter.data += 0.5
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trained.save_pretrained("adapter")
    said = [str(w.message) for w in caught if "invalid shape" in str(w.message)]
    again = PeftModel.from_pretrained(model(), "adapter")
    same = torch.equal(trained(x), again(x))
    print(f"  lora_bias={lora_bias}: opens with the same outputs: {same}; warned: {said}")
    seen.append((same, bool(said)))
print(seen)
PY
"0.19.1/bin/python" probe.py > old 2> errors || { cat errors; exit 2; }
"0.21.2/bin/python" probe.py > new 2> errors || { cat errors; exit 2; }
cat old new
if [ "$(tail -n 1 old)" = "[(True, False), (True, False)]" ] &&
    [ "$(tail -n 1 new)" = "[(True, False), (True, True)]" ]; then
    echo "As described: a complete adapter with biases is called incomplete."
else
    echo "The behaviour has changed."
    exit 1
fi
