"""The text that the tiny tokenizers learn from, and the lists of words that they then split."""

SENTENCES = [
    "Anna Berg sailed from Oslo to the port of Hamburg in 2024.",
    "In Hamburg the harbour was closed, said the captain of the ship.",
    "The ship waited in the harbour for three days; its crew went ashore.",
    "Zürich and São Paulo are cities, not harbours!",
    "Her brother José works at the café near the station.",
    "The station in Zürich opened at 7:30, and the café at 8.",
    "Is the naïve reader of the report at fault? Anna does not think so.",
    "\"We do not sail today,\" the captain said, \"nor tomorrow.\"",
    "The report of the port was printed on 12 pages (and 3 maps).",
    "Berg & Sons, a company of Bergen, owns the ships and the cranes.",
    "Ships, cranes and captains: the harbours of the north are busy.",
    "A reader in Bergen asked: what is a 'port of call'?",
    "They sailed on, waiting for the wind and for better days.",
    "Paul's brother is the captain's friend; he was in Paris in 1999.",
    "The crew reads the reports, the captain signs them.",
    "From Paris they went to 東京 by aeroplane, and from 東京 to 大阪 by rail.",
    "The opening of the northern station was reported in the newspapers.",
    "Émile and Zoë waited near the crane, which was being painted.",
    "Painters, printers and sailors met at Anna's café in Oslo.",
    "Three friends opened a company; two of them sold it in 2001.",
]

# Each list is a sentence whose words are given: what stands between them is for the tokenizer to guess.
WORD_LISTS = [
    ["Anna", "Berg", "sailed", "to", "Hamburg", "in", "2024", "."],
    ["ANNA", "sailed", "TO", "oslo", "OSLO", "Oslo", "oSlO"],
    ["José", "at", "the", "Café", "in", "ZÜRICH", ",", "naïve", "e\u0301mile", "São", "Paulo"],
    ["(", "in", "3,14", "or", "1999", "?", ")", "U.S.", "re-open", "don't", "captain's", "...", "\"", "A&B"],
    ["東京", "大阪駅", "ships", "🙂", "Ωmega", "ﬁsh", "Ａ１", "½", "…"],
    # Words that may leave no piece at all: an empty one, blanks, a zero-width space, a soft hyphen,
    # a control character, a no-break space, a variation selector.
    ["sailed", "", "to", " ", "Oslo", "\u200b", "and", "\u00ad", "Paris", "\x07", "in", "\u00a0", "rail", "\ufe0f"],
    [" in", "the ", " port ", "of  call", "new\tline", "two words"],
    ["▁", "▁ship", "Ġship", "##ship", "``", "''", "_", "\\"],
    # Special tokens written as words.
    ["<s>", "in", "</s>", "<mask>", "<pad>", "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "<unk>"],
    ["internationalisation", "harbourmasters", "x" * 12],
    ["Oslo"],
    ["", "Oslo"],
    [],
]
