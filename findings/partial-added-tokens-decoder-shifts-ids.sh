#!/bin/sh
# Expected: a token that tokenizer.json adds keeps the id that tokenizer.json gives it. `added_tokens_decoder`
#   in tokenizer_config.json is a second list of the same tokens; one that lacks a token (say, because the
#   token was added with the tokenizers library after the folder was saved) takes nothing away.
# Happens: the token that is missing there is dropped and split into pieces, and the tokens after it move up:
#   <URL>, id 8 in both files, gets id 7, which is the embedding row of the dropped [NAME]. No warning.
# Since: transformers 5.0.0, still in 5.23.0. 4.57.3 keeps tokenizer.json's tokens and ids. It depends on the class:
#   BertTokenizer and the others that build their own tokenizer do it, PreTrainedTokenizerFast does not.
# Looked up: tracker of transformers. #47838 is about `additional_special_tokens` lost beside
#   `extra_special_tokens`, #48446 about ids of tiktoken vocabularies; neither is this.
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
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "to", "from"]
tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer()
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
tokenizer.add_special_tokens(WORDS[:5] + ["[NAME]", "<URL>"])
in_file = {token.content: id for id, token in tokenizer.get_added_tokens_decoder().items()}

results = {}
print(f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}")
for class_name in ("BertTokenizer", "PreTrainedTokenizerFast"):
    folder = class_name
    os.makedirs(folder, exist_ok=True)
    tokenizer.save(f"{folder}/tokenizer.json")
    flags = dict(lstrip=False, rstrip=False, single_word=False, normalized=False, special=True)
    listed = {str(id): {"content": token, **flags} for token, id in in_file.items() if token != "[NAME]"}
    config = {"tokenizer_class": class_name, "unk_token": "[UNK]", "added_tokens_decoder": listed}
    json.dump(config, open(f"{folder}/tokenizer_config.json", "w"))
    json.dump({"model_type": "bert"}, open(f"{folder}/config.json", "w"))

    opened = AutoTokenizer.from_pretrained(folder)
    print(f"  {type(opened).__name__}: {opened.tokenize('to [NAME] from <URL>')}")
    for token in ("[NAME]", "<URL>"):
        results[class_name, token] = opened.get_vocab().get(token)
        print(f"    {token}: id {in_file[token]} in tokenizer.json, id {results[class_name, token]} when opened")
print(list(results.values()))
PY
"4.57.3/bin/python" probe.py > old 2> warnings || { cat warnings; exit 2; }
"5.23.0/bin/python" probe.py > new 2> warnings || { cat warnings; exit 2; }
cat old new warnings
if [ "$(tail -n 1 old)" = "[7, 8, 7, 8]" ] && [ "$(tail -n 1 new)" = "[None, 7, 7, 8]" ]; then
    echo "As described: version 5 drops [NAME] and gives its id to <URL>."
else
    echo "The behaviour has changed."
    exit 1
fi
