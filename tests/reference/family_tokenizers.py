"""Trains tiny tokenizers of each kind: byte-level BPE, Unigram behind Metaspace, WordPiece."""

import json

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AlbertTokenizer,
    AutoTokenizer,
    BertTokenizer,
    CamembertTokenizer,
    MPNetTokenizer,
    RobertaTokenizer,
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


def save(tokenizer, folder):
    """Saves it, and checks that what opens the folder splits as the one that was saved."""
    tokenizer.save_pretrained(folder)
    opened = AutoTokenizer.from_pretrained(folder)
    for words in WORD_LISTS:
        assert split(opened, words) == split(tokenizer, words), f"{folder.name} splits {words} differently"
    return opened


def split(tokenizer, words):
    encoded = tokenizer(words, is_split_into_words=True)
    return {"words": words, "ids": encoded["input_ids"], "word_ids": encoded.word_ids()}
