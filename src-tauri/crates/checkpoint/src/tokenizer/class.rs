//! Which class of transformers 5 opens a checkpoint's tokenizer.

use super::Refusal;

/// How a tokenizer comes to be out of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// BERT's word pieces.
    Bert,
    /// The file as it stands, with BERT's special pieces around a sequence.
    ConvBert,
    /// BERT's word pieces with the special pieces of RoBERTa.
    Mpnet,
    /// Byte-pair encoding of BERT's words.
    Herbert,
    /// Byte-level byte-pair encoding.
    Roberta,
    /// The same with BERT's special pieces.
    Deberta,
    /// SentencePiece's unigrams, as are those that follow.
    XlmRoberta,
    /// With pieces of its own that nothing uses.
    Camembert,
    /// With lower-casing.
    Albert,
    /// Without SentencePiece's own normalisation.
    DebertaV2,
    /// `tokenizer.json` says everything.
    AsItStands,
}

impl Class {
    /// Whether all of `tokenizer.json` counts, and nothing is built anew.
    pub(super) fn keeps_file(self) -> bool {
        matches!(self, Self::AsItStands | Self::ConvBert)
    }
}

/// A class, and what the checkpoint calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub class: Class,
    /// The name in transformers, without `Fast`; `None` where nothing names a class that there is.
    pub name: Option<String>,
    /// Whether the checkpoint names a class, even one that does not exist.
    pub named: bool,
}

/// The classes by their names in transformers 5. `FNetTokenizer` and `ConvBertTokenizer` build nothing of
/// their own there.
const CLASSES: &[(&str, Class)] = &[
    ("BertTokenizer", Class::Bert),
    ("DistilBertTokenizer", Class::Bert),
    ("ElectraTokenizer", Class::Bert),
    ("MobileBertTokenizer", Class::Bert),
    ("SqueezeBertTokenizer", Class::Bert),
    ("LayoutLMTokenizer", Class::Bert),
    ("LxmertTokenizer", Class::Bert),
    ("ConvBertTokenizer", Class::ConvBert),
    ("MPNetTokenizer", Class::Mpnet),
    ("HerbertTokenizer", Class::Herbert),
    ("RobertaTokenizer", Class::Roberta),
    ("LongformerTokenizer", Class::Roberta),
    ("BartTokenizer", Class::Roberta),
    ("LEDTokenizer", Class::Roberta),
    ("DebertaTokenizer", Class::Deberta),
    ("XLMRobertaTokenizer", Class::XlmRoberta),
    ("CamembertTokenizer", Class::Camembert),
    ("AlbertTokenizer", Class::Albert),
    ("DebertaV2Tokenizer", Class::DebertaV2),
    ("FNetTokenizer", Class::AsItStands),
];

/// Classes that need more than the crate `tokenizers`, and what.
const FOREIGN: &[(&str, &str)] = &[
    (
        "BertJapaneseTokenizer",
        "splits text into words with MeCab, Sudachi or Juman++",
    ),
    ("RoFormerTokenizer", "splits text into words with Jieba"),
    (
        "FunnelTokenizer",
        "gives the piece that opens a text a type of its own, the third, which models of other families do not have",
    ),
    ("BertweetTokenizer", PYTHON),
    ("PhobertTokenizer", PYTHON),
    ("FlaubertTokenizer", PYTHON),
    ("XLMTokenizer", PYTHON),
    ("CanineTokenizer", PYTHON),
    ("BartphoTokenizer", PYTHON),
    ("EsmTokenizer", PYTHON),
    ("ProphetNetTokenizer", PYTHON),
    ("RoCBertTokenizer", PYTHON),
    ("TapasTokenizer", PYTHON),
];

const PYTHON: &str = "is written in Python";

/// Classes of transformers 5 that build a tokenizer anew, in ways that are not known here.
const OTHERS: &[&str] = &[
    "BarthezTokenizer",
    "BigBirdTokenizer",
    "BlenderbotTokenizer",
    "CLIPTokenizer",
    "EsmcTokenizer",
    "GPT2Tokenizer",
    "GPTNeoXTokenizer",
    "GemmaTokenizer",
    "LayoutLMv2Tokenizer",
    "LayoutLMv3Tokenizer",
    "LayoutXLMTokenizer",
    "LlamaTokenizer",
    "LukeTokenizer",
    "MBart50Tokenizer",
    "MBartTokenizer",
    "MarkupLMTokenizer",
    "MvpTokenizer",
    "NllbTokenizer",
    "PegasusTokenizer",
    "Qwen2Tokenizer",
    "ReformerTokenizer",
    "RemBertTokenizer",
    "SplinterTokenizer",
    "T5Tokenizer",
    "UdopTokenizer",
    "XGLMTokenizer",
    "XLNetTokenizer",
];

/// The class of each `model_type` whose checkpoint names none.
const MODEL_TYPES: &[(&str, &[&str])] = &[
    (
        "BertTokenizer",
        &[
            "bert",
            "distilbert",
            "electra",
            "ernie",
            "nomic_bert",
            "megatron-bert",
            "mobilebert",
            "squeezebert",
            "layoutlm",
            "convbert",
        ],
    ),
    (
        "RobertaTokenizer",
        &[
            "roberta",
            "roberta-prelayernorm",
            "longformer",
            "lilt",
            "ibert",
            "mra",
            "data2vec-text",
        ],
    ),
    (
        "XLMRobertaTokenizer",
        &["xlm-roberta", "xmod", "gte", "jina_embeddings_v3"],
    ),
    ("AlbertTokenizer", &["albert", "yoso"]),
    ("CamembertTokenizer", &["camembert"]),
    ("DebertaTokenizer", &["deberta"]),
    ("DebertaV2Tokenizer", &["deberta-v2"]),
    ("MPNetTokenizer", &["mpnet"]),
    ("FNetTokenizer", &["fnet"]),
    ("FunnelTokenizer", &["funnel"]),
    ("LukeTokenizer", &["luke"]),
    ("RemBertTokenizer", &["rembert"]),
    ("BigBirdTokenizer", &["big_bird"]),
    ("XLNetTokenizer", &["xlnet"]),
    ("RoFormerTokenizer", &["roformer"]),
    ("FlaubertTokenizer", &["flaubert"]),
    ("XLMTokenizer", &["xlm"]),
    ("CanineTokenizer", &["canine"]),
];

/// Model types whose file counts as it stands, whatever class the checkpoint names.
const AS_IT_STANDS: &[&str] = &[
    "modernbert",
    "modernbert-decoder",
    "nystromformer",
    "xlm-roberta-xl",
    "bigbird_pegasus",
];

/// The class for a `model_type`, and the class that the checkpoint names. `own_code`: it brings code of its
/// own (`auto_map`), which is never run.
pub(super) fn choose(
    model_type: Option<&str>,
    named: Option<&str>,
    own_code: bool,
) -> Result<Choice, Refusal> {
    let as_it_stands = Choice {
        class: Class::AsItStands,
        name: None,
        named: named.is_some(),
    };
    if model_type.is_some_and(|model| AS_IT_STANDS.contains(&model)) {
        return Ok(as_it_stands);
    }
    let usual = model_type.and_then(|model| {
        let mut all = MODEL_TYPES.iter();
        all.find(|(_, models)| models.contains(&model))
            .map(|(class, _)| *class)
    });
    let named = named.map(|name| name.strip_suffix("Fast").unwrap_or(name));
    let name = match named.or(usual) {
        Some(name) => name,
        None if own_code => return Err(own_code_alone("no class")),
        None => return Ok(as_it_stands),
    };
    if let Some((_, class)) = CLASSES.iter().find(|(known, _)| *known == name) {
        return Ok(Choice {
            class: *class,
            name: Some(name.to_owned()),
            ..as_it_stands
        });
    }
    if let Some((_, why)) = FOREIGN.iter().find(|(known, _)| *known == name) {
        return Err(Refusal::new(
            format!("the tokenizer's class `{name}` {why}"),
            "take another model, or one whose tokenizer is a `tokenizer.json` that needs no such class",
        ));
    }
    if OTHERS.contains(&name) {
        return Err(Refusal::new(
            format!("the tokenizer's class `{name}` builds it in a way that is not known here"),
            Refusal::AS_IT_STANDS,
        ));
    }
    let known_elsewhere = ["PreTrainedTokenizer", "TokenizersBackend", "PythonBackend"];
    match own_code && usual.is_none() && !known_elsewhere.contains(&name) {
        true => Err(own_code_alone(&format!("`{name}`"))),
        false => Ok(as_it_stands),
    }
}

fn own_code_alone(class: &str) -> Refusal {
    Refusal::new(
        format!("the tokenizer has {class} that is known, but code of its own, which is never run"),
        Refusal::AS_IT_STANDS,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(model_type: &str, named: &str, class: Class) {
        let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        let (model_type, named) = (model_type.to_owned().leak(), named.to_owned().leak());
        let found = choose(some(model_type), some(named), false).unwrap();
        assert_eq!(found.class, class, "{model_type} {named}");
    }

    /// Tried with `AutoTokenizer` of transformers 5.23.
    #[test]
    fn classes_are_those_of_transformers() {
        use Class::*;
        check("bert", "", Bert);
        check("convbert", "", Bert);
        check("convbert", "ConvBertTokenizer", ConvBert);
        check("bert", "BertTokenizerFast", Bert);
        check("bert", "RobertaTokenizerFast", Roberta);
        check("mpnet", "BertTokenizer", Bert);
        check("bert", "PreTrainedTokenizerFast", AsItStands);
        check("bert", "NoSuchTokenizer", AsItStands);
        check("bert", "RetriBertTokenizer", AsItStands);
        check("no-such-model", "", AsItStands);
        check("no-such-model", "BertTokenizer", Bert);
        check("", "BertTokenizer", Bert);
        check("", "", AsItStands);
        check("nystromformer", "AlbertTokenizer", AsItStands);
        check("xlm-roberta-xl", "XLMRobertaTokenizer", AsItStands);
        check("xmod", "", XlmRoberta);
        check("roberta", "LongformerTokenizer", Roberta);
        check("herbert", "HerbertTokenizerFast", Herbert);
    }

    #[test]
    fn code_of_a_checkpoints_own_is_not_needed_where_transformers_has_the_class() {
        let class = |named| choose(None, named, true).map(|choice| choice.class);
        assert_eq!(class(Some("BertTokenizer")).unwrap(), Class::Bert);
        assert!(class(Some("OurTokenizer")).is_err());
        assert!(class(None).is_err());
        let of_bert = choose(Some("bert"), Some("OurTokenizer"), true).unwrap();
        assert_eq!(of_bert.class, Class::AsItStands);
    }
}
