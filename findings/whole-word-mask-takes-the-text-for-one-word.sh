#!/bin/sh
# Expected: DataCollatorForLanguageModeling(whole_word_mask=True) masks whole words, some 15 % of the words of each
#   text, with any fast tokenizer; it takes the word boundaries from the tokenizer's offsets.
# Happens: a word is taken to begin where a gap lies between the offsets of two tokens. Tokenizers whose tokens
#   carry the blank before them have no gaps, so that the whole text is one word: with DeBERTa's own classes,
#   version 1 and version 3 alike, 85 % of the texts have no masked token and the others have nothing but
#   masked tokens. The share of masked tokens is 15 % all the same, so that counting does not show it, and
#   nothing warns. BERT, RoBERTa and XLM-RoBERTa are right.
# Since: seen in transformers 4.57.3 and 5.23.0; the collator got this form in 2025.
# Looked up: trackers of transformers and ModernBERT. transformers #39485 brought it; #11768 is about the collator
#   before it, which knew BERT's `##` alone, and #14418 about DeBERTa's offsets, which begin with the blank.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HF_HUB_OFFLINE=1

for version in 5.23.0 4.57.3; do
    python3 -m venv "$version"
    "$version/bin/pip" install -q --no-compile "transformers==$version" || exit 2
done

cat > make.py <<'PY'
import transformers
from tokenizers import pre_tokenizers

TEXT = "The court has heard both parties in March and gave its reasons on the same day"
pieces = [("▁", -9.0)] + [("▁" + word, -2.0) for word in dict.fromkeys(TEXT.split())]
sentence_piece = lambda special: [(token, 0.0) for token in special] + pieces
special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]", "<s>", "</s>", "<unk>", "<pad>", "<mask>"]
ids = lambda tokens: {token: i for i, token in enumerate(special + list(tokens))}
letters = sorted(pre_tokenizers.ByteLevel.alphabet())
made = {
    "BertTokenizer": dict(vocab=ids(dict.fromkeys(TEXT.lower().split()))),
    "RobertaTokenizer": dict(vocab=ids(letters), merges=[]),
    "XLMRobertaTokenizer": dict(vocab=sentence_piece(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])),
    "DebertaTokenizer": dict(vocab=ids(letters), merges=[]),
    "DebertaV2Tokenizer": dict(vocab=sentence_piece(["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"])),
}
for name, parts in made.items():
    getattr(transformers, name)(**parts).save_pretrained(name)
PY

cat > probe.py <<'PY'
import numpy as np
import transformers
from transformers import DataCollatorForLanguageModeling, PreTrainedTokenizerFast

TEXT = "The court has heard both parties in March and gave its reasons on the same day"
SPECIAL = {
    "BertTokenizer": ("[PAD]", "[MASK]"),
    "RobertaTokenizer": ("<pad>", "<mask>"),
    "XLMRobertaTokenizer": ("<pad>", "<mask>"),
    "DebertaTokenizer": ("[PAD]", "[MASK]"),
    "DebertaV2Tokenizer": ("[PAD]", "[MASK]"),
}
print(f"transformers {transformers.__version__}: a text of {len(TEXT.split())} words, masked 2,000 times")
all_or_nothing = []
for name, (pad, mask) in SPECIAL.items():
    # The file as it stands, the same in both versions.
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=f"{name}/tokenizer.json", pad_token=pad, mask_token=mask)
    row = dict(tokenizer(TEXT, return_offsets_mapping=True, return_special_tokens_mask=True))
    row["special_tokens_mask"] = [int(start == end) for start, end in row["offset_mapping"]]
    count = row["special_tokens_mask"].count(0)
    collator = DataCollatorForLanguageModeling(
        tokenizer, whole_word_mask=True, mlm_probability=0.15, mask_replace_prob=1, random_replace_prob=0, return_tensors="np"
    )
    np.random.seed(1)
    masked = (collator([dict(row) for _ in range(2000)])["labels"] != -100).sum(axis=1)
    share, none, everything = masked.mean() / count, (masked == 0).mean(), (masked == count).mean()
    print(f"  {name:<19} {count} tokens: {share:.0%} masked; of the texts {none:.0%} without any, {everything:.0%} with all")
    all_or_nothing.append(bool(none + everything == 1))
print(all_or_nothing)
PY
"5.23.0/bin/python" make.py 2> warnings || { cat warnings; exit 2; }
"4.57.3/bin/python" probe.py > old 2> warnings || { cat warnings; exit 2; }
"5.23.0/bin/python" probe.py > new 2> warnings || { cat warnings; exit 2; }
cat old new
expected='[False, False, False, True, True]'
if [ "$(tail -n 1 old)" = "$expected" ] && [ "$(tail -n 1 new)" = "$expected" ]; then
    echo "As described: with DeBERTa's tokenizers a text is masked whole or not at all."
else
    echo "This has changed."
    exit 1
fi
