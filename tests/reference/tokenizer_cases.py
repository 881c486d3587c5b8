"""The checkpoint folders that `tokenizer_classes.py` asks about. In most of them one file contradicts
another on purpose."""

from tokenizers import AddedToken, normalizers

from tokenizer_parts import (
    BERT_SPECIAL, DEBERTA_SPECIAL, ROBERTA_SPECIAL, albert_json, bert_json, bert_normalizer, byte_level,
    byte_level_json, camembert_json, charsmap, deberta_v2_json, herbert_json, metaspace, sentencepiece_model,
    trained, unigram, vocab_txt, wordpiece, xlm_roberta_json,
)  # fmt: skip

CASES = []
FILES = {
    "json": "tokenizer.json", "config": "tokenizer_config.json", "vocab": "vocab.txt", "model": "config.json",
    "added": "added_tokens.json", "special": "special_tokens_map.json", "pairs": "vocab.json", "merges": "merges.txt",
}  # fmt: skip


def case(name, shows, model_type, **files):
    """A folder by its name, what it shows, and its files by the names in `FILES` or by their own."""
    files = {FILES.get(short, short): content for short, content in files.items()}
    CASES.append((name, shows, {"config.json": {"model_type": model_type}} | files))


def added(content, **other):
    flags = {"lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": False}
    return {"content": content} | flags | other


def named(name, **other):
    return {"tokenizer_class": name} | other


def bert(**other):
    return named("BertTokenizer", **other)


def fast(**other):
    return named("PreTrainedTokenizerFast", **other)


LOWER, CASED = bert_normalizer(True), bert_normalizer(False)
LIST, SIZE = vocab_txt(wordpiece()), len(wordpiece())
ADDED = [
    AddedToken("[NAME]", normalized=False),
    AddedToken("<URL>", lstrip=True, rstrip=True, normalized=False),
    AddedToken("ham", single_word=True, normalized=True),
]

# Which class is taken, and whether it takes the file as it stands.
case("bert-cased-config", "the file lower-cases, do_lower_case is false", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False))
case("bert-uncased-config", "the file keeps capitals, do_lower_case is true", "bert",
     json=bert_json(CASED), config=bert(do_lower_case=True))
case("bert-silent-config", "the file keeps capitals, the configuration names the class alone", "bert",
     json=bert_json(CASED), config=bert())
case("bert-no-config", "the file keeps capitals, there is no tokenizer_config.json", "bert", json=bert_json(CASED))
case("bert-fast-class", "PreTrainedTokenizerFast: the configuration contradicts the file in vain", "bert",
     json=bert_json(CASED), config=fast(do_lower_case=True, strip_accents=True, tokenize_chinese_chars=False))
case("bert-backend-class", "TokenizersBackend: the same", "bert",
     json=bert_json(LOWER), config=named("TokenizersBackend", do_lower_case=False))
case("bert-tokenizer-fast", "BertTokenizerFast is BertTokenizer", "bert",
     json=bert_json(LOWER), config=named("BertTokenizerFast", do_lower_case=False))
case("bert-unknown-class", "a class that transformers does not have", "bert",
     json=bert_json(CASED), config=named("NoSuchTokenizer", do_lower_case=True))
case("bert-unknown-model", "a model type that transformers does not have, no class", "no-such-model",
     json=bert_json(CASED), config={"do_lower_case": True})
case("bert-unknown-model-bert-class", "a model type that transformers does not have, BertTokenizer", "no-such-model",
     json=bert_json(CASED), config=bert())
case("bert-class-in-model-config", "config.json names the class, tokenizer_config.json none", "bert",
     model={"model_type": "bert"} | fast(), json=bert_json(CASED), config={"do_lower_case": True})
case("distilbert", "DistilBertTokenizer rebuilds as BertTokenizer does", "distilbert",
     json=bert_json(CASED), config=named("DistilBertTokenizer"))
case("electra", "ElectraTokenizer is BertTokenizer", "electra",
     json=bert_json(LOWER), config=named("ElectraTokenizerFast", do_lower_case=False))
case("convbert", "ConvBertTokenizer has no constructor of its own: the file is used as it stands", "convbert",
     json=bert_json(CASED), config=named("ConvBertTokenizer"))
case("modernbert", "a model type whose named class is not believed", "modernbert", json=bert_json(CASED), config=bert())
case("roformer-refused", "RoFormerTokenizer needs rjieba", "roformer",
     json=bert_json(LOWER), config=named("RoFormerTokenizer"))

# The settings of BertTokenizer.
case("bert-accents-kept", "strip_accents is false, lower-casing is on", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=True, strip_accents=False))
case("bert-accents-stripped", "strip_accents is true, lower-casing is off", "bert",
     json=bert_json(CASED), config=bert(do_lower_case=False, strip_accents=True))
case("bert-accents-null", "strip_accents is null, the file strips them", "bert",
     json=bert_json(bert_normalizer(False, strip_accents=True)), config=bert(do_lower_case=False, strip_accents=None))
case("bert-chinese-off", "tokenize_chinese_chars is false", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False, tokenize_chinese_chars=False))
case("bert-never-split", "never_split and do_basic_tokenize change nothing", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False, never_split=["U.S.", "Müller-Köln"], do_basic_tokenize=False))
other = bert_json(normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]))
other["pre_tokenizer"] = {"type": "WhitespaceSplit"}
other["model"] |= {"max_input_chars_per_word": 4}
other["truncation"] = {"direction": "Right", "max_length": 5, "strategy": "LongestFirst", "stride": 0}
other["padding"] = {
    "strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": None,
    "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]",
}  # fmt: skip
other["post_processor"]["single"] = [{"Sequence": {"id": "A", "type_id": 0}}]
case("bert-other-parts", "every part of the file differs from what BertTokenizer builds", "bert",
     json=other, config=bert(do_lower_case=False))
case("bert-other-parts-fast", "the same file as it stands", "bert", json=other, config=fast())
case("bert-unigram-file", "a Unigram file, no configuration: BertTokenizer takes its pieces for word pieces", "bert",
     json=xlm_roberta_json(metaspace()))
case("bert-renamed", "special pieces with names of their own", "bert",
     vocab=vocab_txt(wordpiece(["<pad>", "<unk>", "<s>", "</s>", "<mask>"])),
     config=bert(do_lower_case=False, pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>",
                 mask_token="<mask>"))
case("special-missing", "special pieces with names of their own that nothing tells: BERT's are appended", "bert",
     vocab=vocab_txt(wordpiece(["<pad>", "[UNK]", "<s>", "</s>", "<mask>"])))
case("special-missing-fast", "a special piece that the file does not have is appended", "bert",
     json=bert_json(LOWER, ADDED[:1]), config=fast(mask_token="<mask>", cls_token="[CLS]"))

# Word lists alone.
case("vocab-alone", "vocab.txt and nothing else", "bert", vocab=LIST)
case("vocab-cased", "vocab.txt, do_lower_case is false", "bert",
     vocab=LIST, config=bert(do_lower_case=False, model_max_length=40))
case("vocab-max-len", "the length under its old name", "bert", vocab=LIST, config={"do_lower_case": False, "max_len": 40})
case("vocab-fast-class", "vocab.txt cannot be opened as PreTrainedTokenizerFast", "bert", vocab=LIST, config=fast())
case("mpnet-vocab", "MPNetTokenizer from vocab.txt", "mpnet",
     vocab=vocab_txt(wordpiece(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])), config=named("MPNetTokenizer"))

# Added tokens, by each way in.
case("added-tokens-json", "vocab.txt and added_tokens.json", "bert",
     vocab=LIST, added={"<URL>": SIZE + 1, "[NAME]": SIZE}, config=bert())
case("added-tokens-json-special", "special_tokens_map.json makes them special", "bert",
     vocab=LIST, added={"[NAME]": SIZE, "<URL>": SIZE + 1}, config=bert(),
     special={"extra_special_tokens": ["[NAME]"], "mask_token": added("[MASK]", lstrip=True)})
case("added-tokens-json-old-special", "additional_special_tokens of special_tokens_map.json makes none special", "bert",
     vocab=LIST, added={"[NAME]": SIZE, "<URL>": SIZE + 1}, config=bert(),
     special={"additional_special_tokens": ["[NAME]", "[DATE]"]})
case("added-tokens-json-hole", "added_tokens.json leaves ids out: they are counted on all the same", "bert",
     vocab=LIST, added={"[NAME]": SIZE + 3, "<URL>": SIZE + 7}, config=bert(do_lower_case=False))
case("added-decoder", "vocab.txt and added_tokens_decoder", "bert", vocab=LIST, config=bert(added_tokens_decoder={
    str(SIZE + 1): added("<URL>", lstrip=True, rstrip=True), str(SIZE): added("[NAME]"),
    str(SIZE + 2): added("ham", single_word=True, normalized=True)}))
case("added-decoder-hides-files", "added_tokens_decoder, be it empty, keeps the two other files out", "bert",
     vocab=LIST, added={"[NAME]": SIZE}, special={"additional_special_tokens": ["<URL>"]},
     config=bert(do_lower_case=False, added_tokens_decoder={}))
case("added-in-file", "the file's own added tokens, no decoder in the configuration", "bert",
     json=bert_json(LOWER, ADDED), config=bert(do_lower_case=False))
case("added-in-file-fast", "the same as it stands", "bert", json=bert_json(CASED, ADDED), config=fast())
case("added-in-file-normalized", "added tokens of the file that are normalised, lower-casing on", "bert",
     json=bert_json(LOWER, [AddedToken(name, normalized=True) for name in ("[NAME]", "<URL>", "Ham")]), config=bert())
case("added-decoder-empty", "an empty decoder in the configuration drops the file's added tokens", "bert",
     json=bert_json(LOWER, ADDED), config=bert(do_lower_case=False, added_tokens_decoder={}))
case("added-decoder-part", "a decoder without [NAME] drops it, and <URL> gets its id", "bert",
     json=bert_json(LOWER, ADDED), config=bert(do_lower_case=False, added_tokens_decoder={str(SIZE + 1): added("<URL>")}))
case("added-decoder-part-fast", "as it stands: the decoder changes <URL> and adds one, the rest stays", "bert",
     json=bert_json(CASED, ADDED),
     config=fast(added_tokens_decoder={str(SIZE + 1): added("<URL>"), str(SIZE + 3): added("Anna")}))
case("added-files-fast", "as it stands, with added_tokens.json and special_tokens_map.json beside it", "bert",
     json=bert_json(CASED, ADDED), config=fast(), added={"[NAME]": SIZE, "hams": SIZE + 3},
     special={"additional_special_tokens": ["<url>"], "cls_token": "[CLS]"})
holed = bert_json(LOWER, ADDED)
for token in holed["added_tokens"][len(BERT_SPECIAL):]:
    token["id"] += 10
case("added-in-file-hole-fast", "the file's added tokens leave ids out: they are counted on all the same", "bert",
     json=holed, config=fast())
case("added-in-file-hole", "the same, rebuilt", "bert", json=holed, config=bert(do_lower_case=False))
case("additional-special", "additional_special_tokens in the configuration", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False, additional_special_tokens=["[NAME]", "<URL>"]))
case("extra-special", "extra_special_tokens in the configuration hides additional_special_tokens", "bert",
     json=bert_json(LOWER),
     config=bert(do_lower_case=False, extra_special_tokens=["[NAME]"], additional_special_tokens=["<URL>"]))
case("extra-special-named", "extra_special_tokens by name, and a key that ends in _token", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False, extra_special_tokens={"name_token": "[NAME]"}, url_token="<URL>"))
case("special-map-wins", "special_tokens_map.json wins for cls_token, not for additional_special_tokens", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False, additional_special_tokens=["[NAME]"], cls_token="[CLS]"),
     special={"additional_special_tokens": ["<URL>"], "cls_token": "[MASK]"})
plain = added("[NAME]", rstrip=True)
del plain["special"]
case("special-map-extra", "extra_special_tokens in both: they are joined", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False, extra_special_tokens=["<URL>"]),
     special={"extra_special_tokens": [plain]})
case("special-map-objects", "additional_special_tokens as objects, as transformers 4.30 wrote them", "bert",
     json=bert_json(LOWER), config=bert(do_lower_case=False), special={"additional_special_tokens": [plain]})


# Byte-level BPE.
def roberta(**other):
    return named("RobertaTokenizer", **other)


def roberta_json(add_prefix_space, added=()):
    return byte_level_json(ROBERTA_SPECIAL, add_prefix_space, added)


case("roberta-prefix-config", "add_prefix_space is true in the configuration, false in the file", "roberta",
     json=roberta_json(False), config=roberta(add_prefix_space=True))
case("roberta-no-prefix-config", "add_prefix_space is false in the configuration, true in the file", "roberta",
     json=roberta_json(True), config=roberta(add_prefix_space=False))
case("roberta-silent-config", "add_prefix_space is true in the file, the configuration says nothing", "roberta",
     json=roberta_json(True), config=roberta())
case("roberta-no-config", "add_prefix_space is false in the file, there is no tokenizer_config.json", "roberta",
     json=roberta_json(False, ADDED))
case("roberta-fast-prefix-config", "as it stands: add_prefix_space of the configuration changes nothing", "roberta",
     json=roberta_json(False), config=fast(add_prefix_space=True))
case("roberta-fast-prefix-file", "as it stands: add_prefix_space of the file counts", "roberta",
     json=roberta_json(True, ADDED), config=fast(add_prefix_space=False))
other = roberta_json(False)
other["normalizer"] = {"type": "Lowercase"}
other["pre_tokenizer"] |= {"use_regex": False}
other["post_processor"] |= {"trim_offsets": False}
case("roberta-other-parts", "RobertaTokenizer keeps no normaliser and no way of splitting of the file", "roberta",
     json=other, config=roberta(add_prefix_space=True))
case("roberta-mask-file", "the mask takes the blank before it by the file, not by the configuration", "roberta",
     json=roberta_json(False),
     config=roberta(add_prefix_space=True, mask_token={"__type": "AddedToken"} | added("<mask>", special=True)))
case("roberta-mask-decoder", "the same in added_tokens_decoder, which counts", "roberta", json=roberta_json(False),
     config=roberta(add_prefix_space=True, added_tokens_decoder={"4": added("<mask>", special=True)}))
pairs, merges = byte_level(ROBERTA_SPECIAL)
merges = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges)
case("roberta-vocab-merges", "vocab.json and merges.txt alone", "roberta", pairs=pairs, merges=merges)
case("roberta-vocab-merges-added", "the same with added_tokens.json, and a mask that takes the blank before it", "roberta",
     pairs=pairs, merges=merges, added={"[NAME]": len(pairs)}, config=roberta(add_prefix_space=True),
     special={"mask_token": added("<mask>", lstrip=True)})
case("deberta", "DebertaTokenizer: add_prefix_space is true in the configuration alone", "deberta",
     json=byte_level_json(DEBERTA_SPECIAL, False), config=named("DebertaTokenizer", add_prefix_space=True))
case("herbert", "HerbertTokenizer builds its own normaliser", "herbert",
     json=herbert_json(), config=named("HerbertTokenizerFast"))


# Unigram.
def xlm_roberta(**other):
    return named("XLMRobertaTokenizer", **other)


case("xlm-roberta", "as the published file has it", "xlm-roberta",
     json=xlm_roberta_json(metaspace(), added=ADDED), config=xlm_roberta())
case("xlm-roberta-no-config", "without tokenizer_config.json, Metaspace of the file never prepends", "xlm-roberta",
     json=xlm_roberta_json(metaspace("never")))
case("xlm-roberta-no-prefix", "add_prefix_space is false in the configuration", "xlm-roberta",
     json=xlm_roberta_json(metaspace()), config=xlm_roberta(add_prefix_space=False))
case("xlm-roberta-other-parts", "of a sequence of normalisers the compiled one alone is kept", "xlm-roberta",
     json=xlm_roberta_json(metaspace("first", split_words=False), normalizers.Sequence([normalizers.Lowercase(), charsmap()])),
     config=xlm_roberta())
case("xlm-roberta-unk", "the file's unknown piece is number 0, XLMRobertaTokenizer takes number 3", "xlm-roberta",
     json=xlm_roberta_json(metaspace(), first=("<unk>", "<s>", "<pad>", "</s>")), config=xlm_roberta())
for scheme in ("always", "first", "never"):
    case(f"metaspace-{scheme}", f"as it stands: prepend_scheme {scheme}, not split at blanks first", "xlm-roberta",
         json=xlm_roberta_json(metaspace(scheme, split_words=False), added=ADDED), config=fast())
case("metaspace-whole", "as it stands: prepend_scheme first, pieces may span blanks", "xlm-roberta",
     json=xlm_roberta_json(metaspace("first", split_words=False, split=False)), config=fast())
case("camembert", "CamembertTokenizer", "camembert", json=camembert_json(), config=named("CamembertTokenizer"))
case("albert-uncased-config", "the file keeps capitals and accents, the configuration says nothing", "albert",
     json=albert_json(False, keep_accents=True), config=named("AlbertTokenizer"))
case("albert-cased-config", "the file lower-cases, do_lower_case is false and keep_accents true", "albert",
     json=albert_json(True), config=named("AlbertTokenizer", do_lower_case=False, keep_accents=True))
case("deberta-v2", "DebertaV2Tokenizer builds its own normaliser: the compiled one is lost", "deberta-v2",
     json=deberta_v2_json(), config=named("DebertaV2Tokenizer", do_lower_case=False))
case("deberta-v2-lower", "do_lower_case is true in the configuration alone, split_by_punct on", "deberta-v2",
     json=deberta_v2_json(), config=named("DebertaV2Tokenizer", do_lower_case=True, split_by_punct=True))
case("deberta-v2-no-prefix", "add_prefix_space is false: prepend_scheme first", "deberta-v2",
     json=deberta_v2_json(added=ADDED), config=named("DebertaV2Tokenizer", add_prefix_space=False))
case("deberta-v2-unk", "the unknown piece is looked for by its score 0, else number 1 is taken", "deberta-v2",
     json=deberta_v2_json(unknown=-9.0), config=named("DebertaV2Tokenizer"))
case("deberta-v2-fast", "the file as it stands", "deberta-v2",
     json=deberta_v2_json(lowercase=True), config=fast(do_lower_case=False))

# SentencePiece's own file.
spm = sentencepiece_model(unigram(["<unk>", "<s>", "</s>"]))
for name, file, kind in [
    ("xlm-roberta", "sentencepiece.bpe.model", "XLMRobertaTokenizer"), ("deberta-v2", "spm.model", "DebertaV2Tokenizer"),
    ("albert", "spiece.model", "AlbertTokenizer"), ("camembert", "sentencepiece.bpe.model", "CamembertTokenizer"),
]:  # fmt: skip
    case(f"spm-{name}", f"{file} alone", name, config=named(kind), **{file: spm})
BPE_MODEL, SPM = "sentencepiece.bpe.model", "spm.model"
SYMBOLS = ["[NAME]", "<URL>"]
case("spm-xlm-roberta-nfkc", "the map of nmt_nfkc, symbols that the user defined, and no configuration", "xlm-roberta",
     **{BPE_MODEL: trained(normalization_rule_name="nmt_nfkc", user_defined_symbols=SYMBOLS)})
case("spm-xlm-roberta-renamed", "special pieces with names of their own, and added tokens", "xlm-roberta",
     config=xlm_roberta(bos_token="<go>", cls_token="<go>", mask_token="<hidden>", unk_token="[UNK]", add_prefix_space=False),
     special={"pad_token": added("<fill>")}, **{BPE_MODEL: spm})
case("spm-byte-fallback", "pieces for bytes: the class does not use them", "xlm-roberta",
     config=xlm_roberta(), **{BPE_MODEL: trained(byte_fallback=True, vocab_size=370)})
case("spm-bpe", "a BPE model: its ranks are taken for a Unigram model's scores", "xlm-roberta",
     config=xlm_roberta(), **{BPE_MODEL: trained(model_type="bpe")})
case("spm-camembert-named", "the configuration's special tokens hide the model's", "camembert",
     config=named("CamembertTokenizer", additional_special_tokens=["<s>NOTUSED", "</s>NOTUSED"]),
     **{BPE_MODEL: trained(small_map=True, user_defined_symbols=SYMBOLS)})
case("spm-camembert-map", "the model's special tokens hide those of special_tokens_map.json", "camembert",
     special={"additional_special_tokens": ["<s>NOTUSED", "</s>NOTUSED"], "mask_token": "<mask>"},
     **{BPE_MODEL: trained(small_map=True, user_defined_symbols=SYMBOLS)})
OF_DEBERTA = {
    "pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3,
    "pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]",
}  # fmt: skip
case("spm-deberta-v3", "as on the Hub: the mask is appended, and the model's map dropped", "deberta-v2",
     config={"do_lower_case": False, "vocab_type": "spm"}, **{SPM: trained(small_map=True, **OF_DEBERTA)})
case("spm-deberta-v3-symbols", "symbols that the user defined, an unknown piece with a name of its own", "deberta-v2",
     config=named("DebertaV2Tokenizer", do_lower_case=True, unk_id=7, split_by_punct=True),
     **{SPM: trained(user_defined_symbols=SYMBOLS, **(OF_DEBERTA | {"unk_piece": "<unknown>"}))})
of_deberta = trained(**OF_DEBERTA)
case("spm-deberta-v3-added", "added_tokens.json and a special_tokens_map.json beside it", "deberta-v2",
     added={"[MASK]": 80}, special={"mask_token": added("[MASK]", lstrip=True)}, **{SPM: of_deberta})
case("spm-other-name", "tokenizer.model, the name that every class takes", "deberta-v2",
     config=named("DebertaV2Tokenizer"), **{"tokenizer.model": of_deberta})
case("spm-fast-class", "the same as PreTrainedTokenizerFast: no pieces around a sequence", "deberta-v2",
     config=fast(), **{"tokenizer.model": of_deberta})
case("spm-albert-mask", "a mask that takes the blank before it, and that the model has as well", "albert",
     config=named("AlbertTokenizer", mask_token=added("[MASK]", lstrip=True, special=True) | {"__type": "AddedToken"}),
     **{"spiece.model": trained(small_map=True, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
                                control_symbols=["[CLS]", "[SEP]"], user_defined_symbols=["[MASK]", *SYMBOLS])})

# Special tokens in a text that are read as text.
case("split-special", "split_special_tokens: special tokens in a text are cut like words", "bert",
     vocab=LIST, config=bert(split_special_tokens=True, extra_special_tokens=["[NAME]"]), added={"<URL>": SIZE})
case("split-special-fast", "the same as it stands", "bert",
     json=bert_json(CASED, ADDED), config=fast(split_special_tokens=True))

# Classes that this crate cannot be.
japanese = named("BertJapaneseTokenizer", subword_tokenizer_type="wordpiece")
case("japanese-mecab", "BertJapaneseTokenizer needs a package that brings MeCab", "bert", vocab=LIST,
     config=japanese | {"word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "unidic_lite"}})
case("japanese-basic", "BertJapaneseTokenizer without MeCab is written in Python: no words, no offsets", "bert",
     vocab=LIST, config=japanese | {"word_tokenizer_type": "basic"})
codes = {"vocab.txt": "an 9\nna@@ 8\n", "bpe.codes": "a n</w> 9\n"}
case("bertweet", "BertweetTokenizer is written in Python; the class stands in config.json", "roberta",
     model={"model_type": "roberta"} | named("BertweetTokenizer"), **codes)
case("phobert", "PhobertTokenizer is written in Python", "roberta", config=named("PhobertTokenizer"), **codes)
case("nothing", "no file of a tokenizer: a vocabulary of five pieces", "bert")
