"""How the fast tokenizer of transformers cuts tricky words: ids, and the word of each id.

    tokenizer_words.py MODEL_DIR [OUT.json]    (default: the tagger crate's fixtures/alignment.json)

Two tokenizers: `starter` is MODEL_DIR (all-MiniLM-L6-v2), `tiny` the vocabulary of the tiny models, so
that the tests say something without the starter too. `word_ids` has null for [CLS] and [SEP]; a word
that is absent from it gave no piece at all.
"""

import sys
from pathlib import Path

from transformers import AutoTokenizer

from fixture_files import ENCODER, TAGGER, versions, write_json

CASES = [
    # plain, and the edges of a list
    ["London"], ["the", "port", "in", "oslo"], [], [""], ["", "", ""], ["", "London", ""], [" "], ["a", " ", "b"],
    # several words in one, and blanks around a word
    ["New York", "City"], [" padded ", "word"], ["tab\tinside"], ["line\nbreak"], ["a  b", "c"],
    # punctuation inside and alone
    ["isn't", "it"], ["O'Brien's"], ["don", "'", "t"], ["U.S.A."], ["3.14", "1,000,000", "$5"], ["e-mail", "—", "–", "…"],
    ["!!!", "?!", "..."], ["#NER", "@user_name", "a_b_c"], ["https://example.org/a?b=c#d"], ["x=1;y=2"], ["(", "[", "{", "}"],
    ["``", "''", "«", "»", "“quoted”"], ["C++", "C#", ".NET"], ["AT&T", "R&D"], ["~", "^", "|", "\\", "`"],
    # long words, and one past the limit of 100 characters that WordPiece answers with [UNK]
    ["Kraftfahrzeughaftpflichtversicherung"], ["pneumonoultramicroscopicsilicovolcanoconiosis"], ["a" * 99], ["a" * 100], ["a" * 101, "b"],
    ["Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "station"],
    # case and accents, composed and decomposed
    ["RÉSUMÉ", "résumé", "re\u0301sume\u0301"], ["Ångström", "A\u030angstro\u0308m"], ["İstanbul", "ıstanbul"], ["straße", "STRASSE"],
    ["ﬁre", "Ｆｕｌｌ", "½", "²"], ["\u0301"], ["naïve", "cafe\u0301s"], ["Øre", "łódź", "đ"],
    # characters that the normaliser removes or turns into blanks
    ["\u200e"], ["a", "\u200e", "b"], ["\ufe0f", "x"], ["☀\ufe0f"], ["a\u200bb"], ["\u00a0"], ["a\u00a0b"], ["\u3000"], ["\u00ad", "soft\u00adhyphen"],
    ["\u0000x"], ["\ufffd", "y"], ["\u2028"], ["\x7f"], ["\ufeff", "BOM\ufeff"], ["a\u0085b"],
    # scripts, and signs made of several code points
    ["東京", "都"], ["東京都に住む"], ["カタカナ", "ひらがな"], ["서울"], ["Москва", "Київ"], ["القاهرة", "תל־אביב"], ["नमस्ते", "ไทย"],
    ["😀", "x"], ["👍🏽"], ["👩‍👩‍👧‍👦", "family"], ["🇸🇮"], ["ok👍ok"], ["𝔘𝔫𝔦"], ["𠀀", "a"],
    # what looks like a special token
    ["[CLS]", "x"], ["[MASK]"], ["[SEP]", "[PAD]", "[UNK]"], ["[cls]"], ["a[SEP]b"], ["##ing"],
    # a sentence with everything in it
    ["Dr", ".", "Müller", "(", "\u200e", "Köln", ")", "isn't", "@home", "🙂", "", "2031-04-01", "…"],
    # digits and what the tiny vocabulary knows
    ["2", "12", "ships", "shipping", "porter", "Osloer", "ANNA", "berg-land", "q2", "é", "日"],
]


def cases(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.is_fast
    found = []
    for words in CASES:
        encoded = tokenizer(words, is_split_into_words=True, truncation=False, verbose=False)
        ids, word_ids = encoded["input_ids"], encoded.word_ids()
        found.append({"words": words, "input_ids": ids, "word_ids": word_ids})
    return found


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else TAGGER / "alignment.json"
    found = {"starter": cases(sys.argv[1]), "tiny": cases(ENCODER / "tiny/bert-token-classification")}
    write_json(out, {"versions": versions("transformers", "tokenizers")} | found)
    without = sum(len(set(range(len(c["words"]))) - set(c["word_ids"])) for c in found["starter"])
    print(f"{len(CASES)} cases, {without} words of the starter's give no piece")


if __name__ == "__main__":
    main()
