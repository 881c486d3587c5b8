#!/bin/sh
# Expected: AutoTokenizer.from_pretrained(folder, add_prefix_space=True), as the example script for token
#   classification calls it for GPT-2 and RoBERTa, makes a byte-level tokenizer put a space before each word of a
#   text given as words: "in" becomes the piece "Ġin" that pre-training saw.
# Happens: for a tokenizer.json that is taken as it stands (tokenizer_class PreTrainedTokenizerFast, as ModernBERT
#   has) the argument has no effect, while the attribute `add_prefix_space` says True. No warning. For
#   RobertaTokenizer of the same version, on the same file, it works.
# Since: transformers 5.0.0, still in 5.23.0. 4.57.3 honours it where the pre-tokenizer is a single ByteLevel step:
#   pull request #35593 (January 2025), made for ModernBERT.
# Looked up: trackers of transformers and ModernBERT. transformers #37883 and #38564 are about ModernBERT *without*
#   the argument; in ModernBERT #149 its authors point people at the argument (November 2025). That version 5 has
#   lost it again: nothing found.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HF_HUB_OFFLINE=1

for version in 5.23.0 4.57.3; do
    python3 -m venv "$version"
    "$version/bin/pip" install -q --no-compile "transformers==$version" || exit 2
done

cat > probe.py <<'PY'
import json
import os

import tokenizers
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
vocabulary = {piece: id for id, piece in enumerate(alphabet + ["in", "\u0120in"])}
tokenizer = Tokenizer(models.BPE(vocabulary, [("i", "n"), ("\u0120", "in")]))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)

seen = []
print(f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}")
for class_name, model_type in (("PreTrainedTokenizerFast", "modernbert"), ("RobertaTokenizer", "roberta")):
    os.makedirs(class_name, exist_ok=True)
    tokenizer.save(f"{class_name}/tokenizer.json")
    json.dump({"tokenizer_class": class_name}, open(f"{class_name}/tokenizer_config.json", "w"))
    json.dump({"model_type": model_type}, open(f"{class_name}/config.json", "w"))
    opened = AutoTokenizer.from_pretrained(class_name, add_prefix_space=True)
    tokens = opened(["in", "in"], is_split_into_words=True, add_special_tokens=False).tokens()
    print(f"  {type(opened).__name__}: add_prefix_space is {opened.add_prefix_space}, pieces {tokens}")
    seen.append("\u0120in" in tokens)
print(seen)
PY
"4.57.3/bin/python" probe.py > old 2> warnings || { cat warnings; exit 2; }
"5.23.0/bin/python" probe.py > new 2> warnings || { cat warnings; exit 2; }
cat old new warnings
if [ "$(tail -n 1 old)" = "[True, True]" ] && [ "$(tail -n 1 new)" = "[False, True]" ]; then
    echo "As described: version 5 ignores the argument where the file is taken as it stands."
else
    echo "The behaviour has changed."
    exit 1
fi
