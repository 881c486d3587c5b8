#!/bin/sh
# Expected: `id_to_token(id)` gives the token as it was added, so that `token_to_id` of it is `id` again.
# Happens: for an added token with normalized=True it gives the *normalised* text, a string that is in no
#   vocabulary: [NAME] under a lower-casing normaliser comes back as "[name]", `token_to_id("[name]")` is None,
#   and `get_vocab()` still says [NAME]. `decode` writes "[name]", too.
# Since: tokenizers 0.23 (0.23.3 tried); 0.22.2 gives [NAME]. (transformers: `convert_ids_to_tokens` shows the same.)
# Looked up: tracker of tokenizers. Pull request #1995 brought it, to make `decode` right for added tokens
#   under a byte-level normaliser (#1392). What it does under a lower-casing one: no report found, nor in what
#   the search shows of #1995.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for version in 0.23.3 0.22.2; do
    python3 -m venv "$version"
    "$version/bin/pip" install -q --no-compile "tokenizers==$version" || exit 2
done

cat > probe.py <<'PY'
import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers

tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "to": 1}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.Lowercase()
tokenizer.add_tokens([AddedToken("[NAME]", normalized=True)])
back = tokenizer.id_to_token(2)
print(f"tokenizers {tokenizers.__version__}")
print(f"  get_vocab():          {sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])}")
print(f"  id_to_token(2):       {back}")
print(f"  token_to_id of that:  {tokenizer.token_to_id(back)}")
print(f"  decode([1, 2]):       {tokenizer.decode([1, 2])}")
print(back, tokenizer.token_to_id(back))
PY
"0.22.2/bin/python" probe.py > old || exit 2
"0.23.3/bin/python" probe.py > new || exit 2
cat old new
if [ "$(tail -n 1 old)" = "[NAME] 2" ] && [ "$(tail -n 1 new)" = "[name] None" ]; then
    echo "As described: 0.23 gives a string that is no token."
else
    echo "The behaviour has changed."
    exit 1
fi
