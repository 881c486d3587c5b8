#!/bin/sh
# Expected: the Unigram model in tokenizer.json says which piece stands for unknown characters (`unk_id`), and
#   a tokenizer opened from that file uses that piece.
# Happens: XLMRobertaTokenizer always takes id 3 and AlbertTokenizer id 1, whatever the file says. With a
#   vocabulary of one's own in another order an unknown character becomes <pad>, while `unk_token_id` still
#   gives the right id: code that masks padding by its id then hides real words. No warning.
# Since: transformers 5.0.0, still in 5.23.0: its classes build the Unigram model anew, with the number written into
#   the code. 4.57.3 follows the file.
# Looked up: trackers of transformers and tokenizers. transformers #45701 is about texts that
#   version 5 splits into single characters, tokenizers #705 about a trainer that left `unk_id` empty.
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

CASES = [
    ("XLMRobertaTokenizer", "xlm-roberta", ["<s>", "</s>", "<unk>", "<pad>", "<mask>"]),
    ("AlbertTokenizer", "albert", ["<unk>", "<pad>", "[CLS]", "[SEP]", "[MASK]"]),
]
unknown = []
print(f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}")
for class_name, model_type, special in CASES:
    pieces = [(token, 0.0) for token in special] + [("\u2581", -2.0), ("a", -3.0), ("b", -3.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=special.index("<unk>")))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens(special)
    os.makedirs(class_name, exist_ok=True)
    tokenizer.save(f"{class_name}/tokenizer.json")
    json.dump({"tokenizer_class": class_name}, open(f"{class_name}/tokenizer_config.json", "w"))
    json.dump({"model_type": model_type}, open(f"{class_name}/config.json", "w"))

    opened = AutoTokenizer.from_pretrained(class_name)
    ids = opened("a z b", add_special_tokens=False).input_ids
    expected = tokenizer.encode("a z b", add_special_tokens=False).ids
    print(f"  {type(opened).__name__}, \"a z b\", unk_token_id {opened.unk_token_id}")
    print(f"    tokenizer.json by itself: {[tokenizer.id_to_token(i) for i in expected]}")
    print(f"    opened by transformers:   {opened.convert_ids_to_tokens(ids)}")
    unknown.append(opened.convert_ids_to_tokens(ids)[3])
print(unknown)
PY
"4.57.3/bin/python" probe.py > old 2> warnings || { cat warnings; exit 2; }
"5.23.0/bin/python" probe.py > new 2> warnings || { cat warnings; exit 2; }
cat old new warnings
if [ "$(tail -n 1 old)" = "['<unk>', '<unk>']" ] && [ "$(tail -n 1 new)" = "['<pad>', '<pad>']" ]; then
    echo "As described: version 5 turns an unknown character into padding."
else
    echo "The behaviour has changed."
    exit 1
fi
