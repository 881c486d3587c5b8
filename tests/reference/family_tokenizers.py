"""Trains tiny tokenizers of each kind: byte-level BPE, Unigram behind Metaspace, WordPiece."""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AlbertTokenizer,
    AutoTokenizer,
    BertTokenizer,
    CamembertTokenizer,
    DebertaV2Tokenizer,
    MPNetTokenizer,
    RobertaTokenizer,
    TokenizersBackend,
    XLMRobertaTokenizer,
)

from family_charsmap import CHARSMAP
from family_text import SENTENCES, WORD_LISTS

POSITIONS = 40


def learnt(backend, trainer):
    backend.train_from_iterator(SENTENCES, trainer)
    return json.loads(backend.to_str())["model"]


def byte_level_bpe(first, last, pre_tokenizer=None):
    """Vocabulary and merges: the tokens `first`, the 256 bytes, what was learnt, the tokens `last`."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizer or pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    model = learnt(backend, trainers.BpeTrainer(vocab_size=256 + 96, initial_alphabet=alphabet, show_progress=False))
    pieces = [*first, *sorted(model["vocab"], key=model["vocab"].get), *last]
    return {piece: i for i, piece in enumerate(pieces)}, [tuple(m) for m in model["merges"]]


def word_piece(first, last=(), lowercase=True):
    """A vocabulary: the tokens `first`, letters and learnt pieces, the tokens `last`. The pieces are those
    of a BPE, because the trainer of WordPiece learns others each time."""
    backend = Tokenizer(models.BPE())
    backend.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    learnt(backend, trainers.BpeTrainer(vocab_size=150, show_progress=False))
    pieces = set()
    for sentence in SENTENCES:
        for word, _ in backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(sentence)):
            for way in (backend.encode(word).tokens, word):
                pieces.update(piece if i == 0 else f"##{piece}" for i, piece in enumerate(way))
    return {piece: i for i, piece in enumerate([*first, *sorted(pieces), *last])}


def unigram(first, last=(), normalizer=None):
    """Pieces and their scores: the tokens `first`, what was learnt, the tokens `last`. Rounded and
    sorted, because the trainer adds its sums in another order each time."""
    backend = Tokenizer(models.Unigram())
    backend.normalizer = normalizer
    backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trainer = trainers.UnigramTrainer(vocab_size=180, show_progress=False, unk_token="<unk>", special_tokens=["<unk>"])
    pieces = [(piece, round(score, 2)) for piece, score in learnt(backend, trainer)["vocab"] if piece != "<unk>"]
    pieces.sort(key=lambda entry: (-entry[1], entry[0]))
    return [*((token, 0.0) for token in first), *pieces, *((token, 0.0) for token in last)]


def roberta():
    vocabulary, merges = byte_level_bpe(["<s>", "<pad>", "</s>", "<unk>"], ["<mask>"])
    mask = AddedToken("<mask>", lstrip=True, normalized=False, special=True)
    return RobertaTokenizer(vocab=vocabulary, merges=merges, mask_token=mask, model_max_length=POSITIONS - 2)


def xlm_roberta():
    normalizer = normalizers.Precompiled(CHARSMAP)
    pieces = unigram(["<s>", "<pad>", "</s>", "<unk>"], ["<mask>"], normalizer)
    return XLMRobertaTokenizer(vocab=pieces, _spm_precompiled_charsmap=CHARSMAP, model_max_length=POSITIONS - 2)


def camembert():
    first = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>"]
    pieces = unigram(first, ["<mask>"], normalizers.Precompiled(CHARSMAP))
    return CamembertTokenizer(vocab=pieces, _spm_precompiled_charsmap=CHARSMAP, model_max_length=POSITIONS - 2)


def albert():
    normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Precompiled(CHARSMAP)]
    )
    pieces = unigram(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], normalizer=normalizer)
    mask = AddedToken("[MASK]", lstrip=True, special=True)
    return AlbertTokenizer(
        vocab=pieces, mask_token=mask, _spm_precompiled_charsmap=CHARSMAP, model_max_length=POSITIONS
    )


BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def bert_uncased():
    return BertTokenizer(vocab=word_piece(BERT), model_max_length=POSITIONS)


def bert_cased():
    vocabulary = word_piece(BERT, lowercase=False)
    return BertTokenizer(vocab=vocabulary, do_lower_case=False, model_max_length=POSITIONS)


def mpnet():
    vocabulary = word_piece(["<s>", "<pad>", "</s>", "<unk>", "[UNK]"], ["<mask>"])
    return MPNetTokenizer(vocab=vocabulary, model_max_length=POSITIONS - 2)


def deberta():
    normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Strip(left=False)])
    pieces = unigram(["[PAD]", "[CLS]", "[SEP]", "[UNK]"], ["[MASK]"], normalizer)
    return DebertaV2Tokenizer(vocab=pieces, model_max_length=POSITIONS)


def modernbert():
    """The special tokens are no part of the BPE but added behind it."""
    backend = Tokenizer(models.BPE(*byte_level_bpe(["<|padding|>"], ["<|endoftext|>"])))
    backend.normalizer = normalizers.NFC()
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]", AddedToken("[MASK]", lstrip=True)])
    backend.post_processor = between(backend, "[CLS]", "[SEP]")
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "cls", "sep", "pad", "mask")}
    return TokenizersBackend(tokenizer_object=backend, model_max_length=POSITIONS, **names)


# What a BPE may join, in the manner of Llama 3: a word with the blank before it, up to three digits.
WORDS_AND_DIGITS = r" ?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+"


def eurobert():
    """The token that ends a text is also the one that pads."""
    rules = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS_AND_DIGITS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend = Tokenizer(models.BPE(*byte_level_bpe([], [], rules), ignore_merges=True))
    backend.pre_tokenizer = rules
    backend.decoder = decoders.ByteLevel()
    begin, end, mask = "<|begin_of_text|>", "<|end_of_text|>", "<|mask|>"
    backend.add_special_tokens([begin, end, mask])
    backend.post_processor = between(backend, begin, end)
    return TokenizersBackend(
        tokenizer_object=backend,
        model_max_length=POSITIONS,
        bos_token=begin,
        eos_token=end,
        pad_token=end,
        mask_token=mask,
        model_input_names=["input_ids", "attention_mask"],
    )


def between(backend, first, last):
    ids = [(token, backend.token_to_id(token)) for token in (first, last)]
    return processors.TemplateProcessing(
        single=f"{first}:0 $A:0 {last}:0", pair=f"{first}:0 $A:0 {last}:0 $B:1 {last}:1", special_tokens=ids
    )


def save(tokenizer, folder):
    """Saves it, and checks that what opens the folder splits as the one that was saved."""
    tokenizer.save_pretrained(folder)
    opened = AutoTokenizer.from_pretrained(folder)
    for words in WORD_LISTS:
        assert split(opened, words) == split(tokenizer, words), f"{folder.name} splits {words} differently"
    return opened


def with_prefix_space(folder):
    """The tokenizer of a folder, told to add a space before each word. A class that takes `tokenizer.json`
    as it is does not listen to the argument, so its byte-level step is replaced."""
    opened = AutoTokenizer.from_pretrained(folder, add_prefix_space=True)
    if isinstance(opened.backend_tokenizer.pre_tokenizer, pre_tokenizers.ByteLevel):
        opened.backend_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return opened


def split(tokenizer, words):
    encoded = tokenizer(words, is_split_into_words=True)
    return {"words": words, "ids": encoded["input_ids"], "word_ids": encoded.word_ids()}
