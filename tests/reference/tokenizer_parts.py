"""Tiny tokenizers from one small text, as the files that a checkpoint holds: word lists, merges, pieces
with scores, `tokenizer.json` of each kind, and SentencePiece's own file."""

import base64
import io
import json
import math
import struct
import zlib
from collections import Counter

from sentencepiece import SentencePieceTrainer
from sentencepiece.sentencepiece_model_pb2 import ModelProto
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

TEXT = """Anna Müller lives in Köln , near the bank of the Rhine .
She wrote to the bank in Köln and to Anna in Bern .
The bank wrote to her : send the résumé to the office in Zürich .
Anna sent the résumé , the office in Zürich read the résumé .
Tom lives in Bern , Tom likes the lake , she likes the Rhine .
In Bern the lake is near , in Köln the Rhine is near .
The names of the lakes : Zürich , Bern , Thun . Names are names .
Tokyo is 東京 , 東京 is Tokyo . Send the names to Tokyo .
The office reads , the bank writes , Anna lives and likes and sends .
muller koln resume anna bern tom zurich rhine name url quote"""

# A map of characters as SentencePiece compiles it, made with its own trainer (0.2.3) from seven rules:
# U+FB01 to fi, U+FF21 to A, U+2026 to three dots, and U+00A0, tab, line feed and U+200B to a blank.
CHARSMAP = base64.b64encode(
    zlib.decompress(
        base64.b64decode(
            "eNol0wXMV1UYB+DzfQMGjEnDQLoZ8AlIhzRKdymdgnSD0i3SqXR3Src0DEkBg44RI8Sk4fnD3Z77e7f33LuznfeE"
            "WCGEDCHEixdC/Ngh8gyen9YrQ3QYmzyEaOUQvdWquOoFenFkAgsT8gGJSURSkuCzkIyUpCAVu05Ehw9lavwipCE9"
            "6cj4fgshM5nIShayk42c5CAXSzeEkEfm5iNiyEdePiY/BSlAYQpRlCIUpxglKUEpPqEMpSlHWSpQnk+pSCU+owqV"
            "qUZValCdWtSkDrWpR10aUJ9GNOQLPqcJjWlGU1rQnFa0pA2taUdb2vMlX9GBTnSkC53pRld60J1e9KQPvelHX76m"
            "PwP4hkEMZEjk0BnGUEYwnFGMZAyjGcu3jOM7JjCeSUxkCpOZxlRmMJ3vmcksfmAOs5nHXBYwn0UsZAmLWRY5b1aw"
            "nFWsZE2IzGMI61iLkQjr+ZGNbGYTW9nCdraxkx3sjswje9nDT+zjAPs5xEGOcJhjHI30tkWF4/JnTnCKk5zhNOc4"
            "y3l+4SIX+I1f+YPfucwlrnKF61zjJje4zS3u8DhuVLgn70Z6u6LCffmQB5Eej3jCn/zNX/zLP/zPfzzjKS94zite"
            "8obX7+5eTEyMW9C2fXgL4IaLSw=="
        )
    )
).decode()

BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
DEBERTA_SPECIAL = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"]


def bert_normalizer(lowercase, strip_accents=None):
    options = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": strip_accents}
    return normalizers.BertNormalizer(lowercase=lowercase, **options)


def charsmap():
    return normalizers.Precompiled(base64.b64decode(CHARSMAP))


def numbered(pieces):
    return {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}


# Vocabularies. The trainers of the package tokenizers number pieces of equal count at random, so these
# are counted here.


def counted(pre_tokenizer, normalizer=None):
    """How often each word of the text occurs."""
    words = Counter()
    for line in TEXT.splitlines():
        line = normalizer.normalize_str(line) if normalizer else line
        words.update(word for word, _ in pre_tokenizer.pre_tokenize_str(line))
    return words


def wordpiece(special=BERT_SPECIAL):
    """A cased word list: characters, their continuations, words of the text, and some endings."""
    words = counted(pre_tokenizers.BertPreTokenizer(), bert_normalizer(False))
    characters = sorted(set("".join(words)))
    longer = sorted(word for word in words if len(word) > 1)
    endings = ["##ing", "##er", "##es", "##ler", "re", "mu"]
    return numbered(special + characters + [f"##{c}" for c in characters if c.isalpha()] + longer + endings)


def vocab_txt(vocab):
    return "".join(f"{piece}\n" for piece in sorted(vocab, key=vocab.get))


def merged(words, count):
    """The first merges of byte-pair encoding over words, each a tuple of symbols. Of pairs that are
    equally frequent the first in the alphabet is taken."""
    merges = []
    while len(merges) < count:
        pairs = Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        joined = {}
        for word, times in words.items():
            out = []
            for symbol in word:
                if out and (out[-1], symbol) == best:
                    out[-1] += symbol
                else:
                    out.append(symbol)
            joined[tuple(out)] = joined.get(tuple(out), 0) + times
        words = joined
    return merges


def byte_level(special):
    """Vocabulary and merges of a byte-level BPE."""
    words = counted(pre_tokenizers.ByteLevel(add_prefix_space=False))
    merges = merged({tuple(word): times for word, times in words.items()}, 60)
    pieces = special + sorted(pre_tokenizers.ByteLevel.alphabet()) + [a + b for a, b in merges]
    return numbered(pieces), merges


def unigram(first, last=()):
    """Pieces with scores: words, their first four characters, and characters."""
    counts = Counter()
    for line in TEXT.splitlines():
        for word in line.split():
            marked = "▁" + word
            counts[marked] += 1
            counts.update(marked)
            counts[marked[:5]] += len(marked) > 5
    total = sum(counts.values())
    pieces = [(piece, round(math.log(count / total), 4)) for piece, count in sorted(counts.items()) if count]
    pieces.sort(key=lambda pair: -pair[1])
    return [(name, 0.0) for name in first] + pieces + [(name, 0.0) for name in last]


# `tokenizer.json`, each kind as it was published with models of that kind.


def finished(fast, special, added=()):
    """Adds the special pieces and more. The mask takes the blank before it along, but not BERT's."""
    words = isinstance(fast.model, models.WordPiece)
    for name in special:
        fast.add_special_tokens([AddedToken(name, lstrip="mask" in name.lower() and not words, normalized=False)])
    fast.add_tokens(list(added))
    return json.loads(fast.to_str())


def around(fast, opening, closing):
    return processors.TemplateProcessing(
        single=f"{opening} $A {closing}",
        pair=f"{opening} $A {closing} $B:1 {closing}:1",
        special_tokens=[(name, fast.token_to_id(name)) for name in (opening, closing)],
    )


def bert_json(normalizer, added=()):
    fast = Tokenizer(models.WordPiece(wordpiece(), unk_token="[UNK]"))
    fast.normalizer = normalizer
    fast.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    fast.decoder = decoders.WordPiece()
    fast.post_processor = around(fast, "[CLS]", "[SEP]")
    return finished(fast, BERT_SPECIAL, added)


def byte_level_json(special, add_prefix_space, added=()):
    vocab, merges = byte_level(special)
    fast = Tokenizer(models.BPE(vocab, merges))
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    fast.decoder = decoders.ByteLevel()
    if special == ROBERTA_SPECIAL:
        ends = [(name, fast.token_to_id(name)) for name in ("</s>", "<s>")]
        fast.post_processor = processors.RobertaProcessing(*ends, trim_offsets=True, add_prefix_space=add_prefix_space)
    else:
        fast.post_processor = around(fast, "[CLS]", "[SEP]")
    return finished(fast, special, added)


def herbert_json():
    """BPE on words, the last piece of each marked. It lower-cases, which HerBERT's class does not."""
    words = counted(pre_tokenizers.BertPreTokenizer(), bert_normalizer(False))
    symbols = {(*word[:-1], word[-1] + "</w>"): times for word, times in words.items()}
    merges = merged(symbols, 80)
    alphabet = sorted({symbol for word in symbols for symbol in word})
    vocab = numbered(ROBERTA_SPECIAL + alphabet + [a + b for a, b in merges])
    fast = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", end_of_word_suffix="</w>"))
    fast.normalizer = bert_normalizer(True)
    fast.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    fast.post_processor = processors.BertProcessing(("</s>", 2), ("<s>", 0))
    fast.decoder = decoders.BPEDecoder()
    return finished(fast, ROBERTA_SPECIAL)


def unigram_json(vocab, unk_id, normalizer, pre_tokenizer, ends, added=()):
    fast = Tokenizer(models.Unigram(vocab, unk_id=unk_id, byte_fallback=False))
    fast.normalizer = normalizer
    fast.pre_tokenizer = pre_tokenizer
    fast.decoder = decoders.Metaspace()
    fast.post_processor = around(fast, *ends)
    return finished(fast, [name for name, _ in vocab if name[0] in "<["], added)


def metaspace(scheme="always", split_words=True, split=True):
    marked = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    return pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), marked]) if split_words else marked


def xlm_roberta_json(pre_tokenizer, normalizer=None, first=("<s>", "<pad>", "</s>", "<unk>"), added=()):
    vocab = unigram(first, ["<mask>"])
    return unigram_json(vocab, first.index("<unk>"), normalizer or charsmap(), pre_tokenizer, ("<s>", "</s>"), added)


def camembert_json():
    first = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>"]
    return unigram_json(unigram(first, ["<mask>"]), 3, charsmap(), metaspace(), ("<s>", "</s>"))


def albert_json(lowercase, keep_accents=False):
    steps = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    steps += [] if keep_accents else [normalizers.NFKD(), normalizers.StripAccents()]
    steps += [normalizers.Lowercase()] if lowercase else []
    steps += [charsmap(), normalizers.Replace(Regex(" {2,}"), " ")]
    vocab = unigram(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"])
    return unigram_json(vocab, 1, normalizers.Sequence(steps), metaspace(), ("[CLS]", "[SEP]"))


def deberta_v2_json(lowercase=False, unknown=0.0, added=()):
    steps = [normalizers.Lowercase()] if lowercase else []
    steps += [normalizers.Strip(), charsmap(), normalizers.Replace(Regex(" {2,}"), " ")]
    vocab = unigram(["[PAD]", "[CLS]", "[SEP]", "[UNK]"], ["[MASK]"])
    vocab[3] = ("[UNK]", unknown)
    marked = metaspace(split_words=False)
    return unigram_json(vocab, 3, normalizers.Sequence(steps), marked, ("[CLS]", "[SEP]"), added)


def sentencepiece_model(pieces):
    """SentencePiece's `ModelProto`: pieces with their kinds, the model type Unigram, and no rules."""

    def varint(value):
        return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)

    def field(number, content):
        return varint(number << 3 | 2) + varint(len(content)) + content

    def piece(text, score):
        kind = {"<unk>": 2, "<s>": 3, "</s>": 3}.get(text, 1)
        return field(1, text.encode()) + varint(2 << 3 | 5) + struct.pack("<f", score) + varint(3 << 3) + varint(kind)

    listed = b"".join(field(1, piece(*pair)) for pair in pieces)
    return listed + field(2, varint(3 << 3) + varint(1)) + field(3, field(1, b"identity"))


def trained(small_map=False, **options):
    """A model that SentencePiece's own trainer makes of the text. `small_map` gives it the map of characters
    above, which is smaller than any that the trainer brings along."""
    out = io.BytesIO()
    usual = {"model_type": "unigram", "vocab_size": 130, "normalization_rule_name": "identity"}
    fixed = {"hard_vocab_limit": False, "character_coverage": 1.0, "num_threads": 1, "minloglevel": 2}
    lines = iter(TEXT.splitlines())
    SentencePieceTrainer.train(sentence_iterator=lines, model_writer=out, **(usual | fixed | options))
    if not small_map:
        return out.getvalue()
    model = ModelProto.FromString(out.getvalue())
    model.normalizer_spec.precompiled_charsmap = base64.b64decode(CHARSMAP)
    return model.SerializeToString(deterministic=True)
