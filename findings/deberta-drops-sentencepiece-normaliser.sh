#!/bin/sh
# Expected: DebertaV2Tokenizer normalises a text with the table that is compiled into spm.model, as
#   SentencePiece did when the model was trained: "ofﬁce" (with the ligature U+FB01) is the piece "▁office".
# Happens: the table is read and thrown away; NFC takes its place. Ligatures, full-width letters and the
#   one-character ellipsis, which no piece covers, become [UNK]. No warning.
# Since: transformers 5.0.0, still in 5.23.0. 4.57.3 gives SentencePiece's own pieces. The new class documents an argument
#   `precompiled_charsmap`, but has none and swallows `_spm_precompiled_charsmap`, which is what arrives; T5,
#   XLM-RoBERTa, ALBERT and CamemBERT apply it. A folder with a tokenizer.json behaves the same.
# Looked up: trackers of transformers and tokenizers. transformers #44255 gave T5, XLM-RoBERTa and others the
#   table back in 5.x, without DeBERTa; #15529 (2022) says that deberta-v2-xlarge was trained with the rules
#   nmt_nfkc. Issues about DebertaV2Tokenizer of version 5 and its normaliser: none found.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HF_HUB_OFFLINE=1

for version in 5.23.0 4.57.3; do
    python3 -m venv "$version"
    "$version/bin/pip" install -q --no-compile "transformers==$version" sentencepiece==0.2.1 protobuf==6.33.2 || exit 2
done

cat > train.py <<'PY'
import json
import sentencepiece

with open("corpus.txt", "w") as corpus:
    for subject in ("the office", "a fine office", "the final offer", "nine of us", "the fifth floor"):
        for rest in ("is open from nine to five", "is for all of us", "has a fine office", "is the first offer"):
            corpus.write(f"{subject} {rest}...\n" * 10)
sentencepiece.SentencePieceTrainer.train(
    input="corpus.txt", model_prefix="spm", vocab_size=60, hard_vocab_limit=False, minloglevel=2,
    normalization_rule_name="nmt_nfkc", user_defined_symbols=["[MASK]"],
    pad_id=0, bos_id=1, eos_id=2, unk_id=3,
    pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]",
)
json.dump({"model_type": "deberta-v2"}, open("config.json", "w"))
json.dump({"tokenizer_class": "DebertaV2Tokenizer"}, open("tokenizer_config.json", "w"))
PY
mkdir folder
(cd folder && ../5.23.0/bin/python ../train.py)

cat > probe.py <<'PY'
import sentencepiece
import transformers
from transformers import AutoTokenizer

TEXT = "of\ufb01ce \uff46ine\u2026"
reference = sentencepiece.SentencePieceProcessor("folder/spm.model").encode(TEXT, out_type=int)
tokenizer = AutoTokenizer.from_pretrained("folder", use_fast=True)
ids = tokenizer(TEXT, add_special_tokens=False).input_ids
show = tokenizer.convert_ids_to_tokens
print(f"transformers {transformers.__version__}, {type(tokenizer).__name__}")
print("  SentencePiece:", show(reference))
print("  transformers: ", show(ids))
print("same" if ids == reference else f"{ids.count(tokenizer.unk_token_id)} unknown")
PY
"4.57.3/bin/python" probe.py > old 2> warnings || { cat warnings; exit 2; }
"5.23.0/bin/python" probe.py > new 2> warnings || { cat warnings; exit 2; }
cat old new warnings
if [ "$(tail -n 1 old)" = same ] && [ "$(tail -n 1 new)" = "3 unknown" ]; then
    echo "As described: version 5 drops the table."
else
    echo "The behaviour has changed."
    exit 1
fi
