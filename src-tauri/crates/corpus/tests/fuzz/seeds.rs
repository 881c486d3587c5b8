//! Small valid files of every kind, written by hand, and how they may be read.

use std::path::{Path, PathBuf};

use tagsmith_corpus::{
    Annotator, ColumnChoice, FormatName, LineEnds, OffsetUnit, ReadOptions, Scheme,
};

use super::mutate::{LONGEST, Random};

/// Name and content of each file: those written here, and every small one among the fixtures.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let written = WRITTEN.iter();
    let mut files: Vec<(String, Vec<u8>)> = written
        .map(|(name, text)| ((*name).into(), text.as_bytes().to_vec()))
        .collect();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    collect(&fixtures, &mut found);
    found.sort();
    for path in found {
        if let Ok(bytes) = std::fs::read(&path)
            && bytes.len() <= LONGEST
        {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((name.into_owned(), bytes));
        }
    }
    files
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect(&path, found),
            false => found.push(path),
        }
    }
}

/// Options as a person may give them, most often the default.
pub fn options(random: &mut Random) -> ReadOptions {
    let mut options = ReadOptions {
        drop_invalid: !random.one_in(4),
        keep_overlaps: random.one_in(3),
        mask_unknown: random.one_in(3),
        ..ReadOptions::default()
    };
    if !random.one_in(3) {
        return options;
    }
    if random.one_in(6) {
        options.offsets = *random.of(&[&OffsetUnit::Bytes, &OffsetUnit::Utf16]);
    }
    if random.one_in(6) {
        options.shift = *random.of(&[&1, &-1, &7, &i64::MAX, &i64::MIN]);
    }
    options.inclusive_ends = random.one_in(8);
    if random.one_in(8) {
        options.line_ends = *random.of(&[&LineEnds::Joined, &LineEnds::Doubled]);
    }
    if random.one_in(4) {
        let rules: &[&str] = &["majority", "ann", "nobody"];
        options.annotator = random.of(rules).parse::<Annotator>().unwrap_or_default();
    }
    if random.one_in(8) {
        let schemes = [
            &Scheme::Io,
            &Scheme::Iob1,
            &Scheme::Iob2,
            &Scheme::Bioes,
            &Scheme::Bilou,
            &Scheme::Bmes,
        ];
        options.scheme = Some(*random.of(&schemes));
    }
    let mut column = || {
        let columns: &[&str] = &["0", "1", "2", "-1", "-2", "NER", "Word", "99999", "-99999"];
        let choice = random.of(columns).parse::<ColumnChoice>();
        choice.ok().filter(|_| random.one_in(8))
    };
    options.tag_column = column();
    options.token_column = column();
    options.sentence_column = column();
    if random.one_in(8) {
        let names = ["O", "B-X", "I-X"].map(String::from);
        options.label_names = Some(names.to_vec());
    }
    if random.one_in(8) {
        options.format = Some(*random.of(&FormatName::ALL.each_ref()));
    }
    if random.one_in(10) {
        let names: &[&str] = &[
            "utf-8",
            "utf-16le",
            "windows-1252",
            "shift_jis",
            "gb18030",
            "nonsense",
        ];
        options.encoding = Some(random.of(names).into());
    }
    options
}

const WRITTEN: &[(&str, &str)] = &[
    (
        "conll2003.txt",
        "-DOCSTART- -X- O O\n\nAda NNP I-NP I-PER\nLovelace NNP I-NP I-PER\nsaw VBD I-VP O\nOslo NNP I-NP B-LOC\n\n-DOCSTART- -X- O O\n\nBo NNP I-NP I-PER\n. . O O\n",
    ),
    (
        "iob2.tsv",
        "the\tO\noslo\tB-LOC\n\nanna\tB-PER\nberg\tI-PER\n\n",
    ),
    (
        "bioes.conll",
        "New B-LOC\nYork E-LOC\nand O\nBo S-PER\n\nx O\n",
    ),
    ("io.conll", "Ada PER\nBo PER\nin O\nOslo LOC\n\n"),
    (
        "plus.iob2",
        "# global.columns = ID FORM NER\n# sent_id = 1\n# text = Ada sang\n1\tAda\tB-PER\n2-3\tsangda\t_\n2\tsang\tO\n3\t\tO\n\n",
    ),
    (
        "germeval.tsv",
        "#\thttp://x\t[2009]\n1\tAda\tB-PER\tO\n2\tOslo-Uni\tB-ORG\tB-LOCpart\n\n",
    ),
    (
        "spans.jsonl",
        "{\"text\": \"é Ada 😀 in Oslo\", \"entities\": [{\"start\": 2, \"end\": 5, \"label\": \"PER\"}, [11, 15, \"LOC\"]]}\n{\"text\": \"\", \"entities\": []}\n",
    ),
    (
        "doccano.jsonl",
        "{\"id\": 1, \"text\": \"Ada in Oslo\", \"label\": [[0, 3, \"PER\"], [7, 11, \"LOC\"]]}\n{\"id\": 2, \"data\": \"Bo\", \"labels\": [], \"Comments\": []}\n",
    ),
    (
        "doccano-new.jsonl",
        "{\"id\": 9, \"text\": \"Ada in Oslo\", \"entities\": [{\"id\": 4, \"label\": \"PER\", \"start_offset\": 0, \"end_offset\": 3}], \"relations\": []}\n",
    ),
    (
        "spacy.json",
        "[[\"Ada in Oslo\", {\"entities\": [[0, 3, \"PER\"], [7, 11, \"LOC\"]]}],\n [\"Bo\", {\"entities\": []}]]\n",
    ),
    (
        "prodigy.jsonl",
        "{\"text\": \"Ada in Oslo\", \"tokens\": [{\"text\": \"Ada\", \"start\": 0, \"end\": 3, \"id\": 0, \"ws\": true}, {\"text\": \"in\", \"start\": 4, \"end\": 6, \"id\": 1, \"ws\": true}, {\"text\": \"Oslo\", \"start\": 7, \"end\": 11, \"id\": 2, \"ws\": false}], \"spans\": [{\"start\": 0, \"end\": 3, \"token_start\": 0, \"token_end\": 0, \"label\": \"PER\"}], \"answer\": \"accept\"}\n{\"text\": \"no\", \"answer\": \"reject\"}\n",
    ),
    (
        "tokens.jsonl",
        "{\"id\": \"0\", \"tokens\": [\"Ada\", \"in\", \"Oslo\"], \"ner_tags\": [\"B-PER\", \"O\", \"B-LOC\"]}\n{\"tokens\": [\"é\"], \"ner_tags\": [\"O\"]}\n",
    ),
    (
        "numbers.jsonl",
        "{\"tokens\": [\"Ada\", \"sang\"], \"ner_tags\": [1, 0]}\n{\"tokens\": [\"Bo\"], \"ner_tags\": [2]}\n",
    ),
    (
        "array.json",
        "[\n  {\"text\": \"Ada\\n\\ud83d\\ude00\", \"entities\": [[0, 3, \"P\"]]},\n  {\"text\": \"b\"}\n]\n",
    ),
    (
        "label-studio.json",
        "[{\"id\": 1, \"data\": {\"text\": \"Ada in Oslo\"}, \"annotations\": [{\"id\": 2, \"was_cancelled\": false, \"result\": [{\"id\": \"a\", \"type\": \"labels\", \"from_name\": \"label\", \"to_name\": \"text\", \"value\": {\"start\": 0, \"end\": 3, \"text\": \"Ada\", \"labels\": [\"PER\"]}}]}]}]\n",
    ),
    (
        "label-studio-min.json",
        "[{\"id\": 1, \"text\": \"Ada in Oslo\", \"label\": [{\"start\": 0, \"end\": 3, \"text\": \"Ada\", \"labels\": [\"PER\"]}], \"annotator\": 1}]\n",
    ),
    (
        "windows.jsonl",
        "{\"text\": \"Ada.\\r\\nIn Oslo\\r\\nBo\", \"annotations\": [{\"label\": \"PER\", \"start_offset\": 0, \"end_offset\": 3}, {\"label\": \"LOC\", \"start_offset\": 8, \"end_offset\": 12, \"text\": \"Oslo\"}, {\"label\": 3, \"start_offset\": \"13\", \"end_offset\": 15.0}]}\n{\"text\": NaN, \"annotations\": null}\nnull\n{\"text\": \"\\ud83d\"}\n",
    ),
    (
        "pairs.jsonl",
        "[[\"Ada\", \"PER-B\"], [\"Berg\", \"PER-I\"], [\"sang\", \"o\"]]\n[[\"Bo\"], [\"PER-B\"]]\n",
    ),
    (
        "by-label.json",
        "{\"classes\": [\"PER\"], \"data\": [null, {\"text\": \"Ada in Oslo\", \"label\": {\"PER\": {\"Ada\": [[0, 2]]}}}, {}]}\n",
    ),
    (
        "azure.json",
        "{\"stringIndexType\": \"Utf16CodeUnit\", \"assets\": {\"documents\": [{\"location\": \"a.txt\", \"entities\": [{\"regionOffset\": 0, \"regionLength\": 9, \"labels\": [{\"category\": \"PER\", \"offset\": 0, \"length\": 3}]}]}]}}\n",
    ),
    (
        "annotations.csv",
        "File,Line,Begin Offset,End Offset,Type\na.txt,0,0,3,PER\n",
    ),
    (
        "rows.csv",
        "id,text,start,end,label\n1,Ada in Oslo,0,3,PER\n1,Ada in Oslo,7,11,LOC\n2,Bo,,,\n",
    ),
    (
        "odd-tags.conll",
        "Ada B_PER\nBerg I_PER\nsang o\n\nBo B_PER\n",
    ),
    (
        "snips.json",
        "{\"GetWeather\": [{\"data\": [{\"text\": \"weather in \"}, {\"text\": \"Oslo\", \"entity\": \"city\"}]}]}\n",
    ),
    (
        "kaggle.csv",
        "Sentence #,Word,POS,Tag\nSentence: 1,Ada,NNP,B-per\n,sang,VBD,O\n,\",\",\",\",O\nSentence: 2,\"a \"\"b\"\"\",NN,O\n",
    ),
    (
        "table.tsv",
        "sentence\tword\ttag\n1\tAda\tB-PER\n1\tsang\tO\n2\tBo\tB-PER\n",
    ),
    (
        "ontonotes.gold_conll",
        "#begin document (nw/x/00/x_0001); part 000\nnw/x 0 0 Ada NNP (TOP(S(NP* - - - Lee (PERSON* (ARG0* (0\nnw/x 0 1 Holt NNP *) - - - Lee *) *) 0)\nnw/x 0 2 left VBD (VP* leave 01 1 Lee * (V*) -\nnw/x 0 3 Oslo NNP (NP*)))) - - - Lee (GPE) (ARG1*) (1)\n\n#end document\n",
    ),
    (
        "few.gold_conll",
        "#begin document (a)\nAda (PER(X*\nBo *))\nin *\nOslo (LOC)\n#end document\n",
    ),
    (
        "stacked.tsv",
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|value|more\n#T_RL=webanno.custom.Rel|BT_webanno.custom.Span\n\n\n#Text=\u{e9} Ada\\t \u{1f600}\n1-1\t0-1\t\u{e9}\t_\t_\t_\t\n1-2\t2-5\tAda\tPER[1]|X[2]\t*[1]|*[2]\t1-1\t\n1-2.1\t3-5\tda\tY\\_\t*\t_\t\n1-3\t7-9\t\u{1f600}\tPER[1]\t*[1]\t_\t\n\n#Text=Oslo\n2-1\t11-15\tOslo\tPER[1]\t*[1]\t_\t\n",
    ),
    (
        "teach.jsonl",
        "{\"text\": \"Ada in Oslo\", \"_is_binary\": true, \"spans\": [{\"start\": 0, \"end\": 3, \"label\": \"PER\"}], \"answer\": \"accept\"}\n{\"text\": \"Bo\", \"_view_id\": \"ner\", \"spans\": [], \"answer\": \"accept\"}\n",
    ),
    (
        "people.json",
        "[{\"data\": {\"text\": \"\u{1f600} Ada in Oslo\"}, \"annotations\": [{\"completed_by\": 1, \"result\": [{\"to_name\": \"text\", \"value\": {\"start\": 3, \"end\": 6, \"labels\": [\"PER\"]}}]}, {\"completed_by\": {\"email\": \"b@x.org\"}, \"ground_truth\": true, \"result\": [{\"value\": {\"start\": 3, \"end\": 9, \"labels\": [\"ORG\"]}}]}, {\"was_cancelled\": true}]}]\n",
    ),
    (
        "partly.jsonl",
        "{\"text\": \"\u{e9} Ada in Oslo\", \"entities\": [[2, 5, \"PER\"]], \"unknown\": [[6, 8], [9, 13]], \"split\": \"train\"}\n{\"tokens\": [\"Bo\", \"\", \"ran\"], \"ner_tags\": [\"B-PER\", \"O\", \"O\"], \"chunk_tags\": [\"B-NP\", \"O\", \"B-VP\"], \"unknown\": [1, 2], \"split\": \"Test\"}\n",
    ),
    (
        "vertex.jsonl",
        "{\"textContent\": \"Ada in Oslo\", \"textSegmentAnnotations\": [{\"endOffset\": 3, \"displayName\": \"PER\"}], \"dataItemResourceLabels\": {\"aiplatform.googleapis.com/ml_use\": \"validation\"}}\n{\"textContent\": \"Bo\", \"textSegmentAnnotations\": []}\n",
    ),
    (
        "windows.bioc.json",
        "{\"documents\": [{\"id\": \"1\", \"infons\": {}, \"passages\": [{\"offset\": 4, \"infons\": {}, \"text\": \"Ada.\\r\\nBo \u{e9}.\\r\\nCy.\", \"annotations\": [{\"infons\": {\"type\": \"PER\"}, \"text\": \"Bo\", \"locations\": [{\"offset\": 9, \"length\": 2}]}, {\"infons\": {\"type\": \"PER\"}, \"text\": \"Cy\", \"locations\": [{\"offset\": 15, \"length\": 2}]}]}]}]}\n",
    ),
    (
        "windows.xmi",
        "<xmi:XMI xmlns:xmi=\"x\" xmlns:cas=\"http:///uima/cas.ecore\" xmlns:my=\"http:///my/types.ecore\"><my:Part sofa=\"1\" begin=\"5\" end=\"7\" value=\"PER\"/><my:Part sofa=\"1\" begin=\"10\" end=\"12\" value=\"PER\"/><cas:Sofa xmi:id=\"1\" sofaString=\"Ada.&#13;&#10;Bo \u{e9}.&#13;&#10;Cy.\"/></xmi:XMI>\n",
    ),
    (
        "doc.json",
        "{\"text\": \"Ada in Oslo\", \"ents\": [{\"start\": 0, \"end\": 3, \"label\": \"PER\"}], \"tokens\": [{\"id\": 0, \"start\": 0, \"end\": 3}, {\"id\": 1, \"start\": 4, \"end\": 6}, {\"id\": 2, \"start\": 7, \"end\": 11}], \"spans\": {\"sc\": [{\"start\": 0, \"end\": 6, \"label\": \"X\"}]}}\n",
    ),
    (
        "plain.txt",
        "Ada sang in Oslo.\nNobody heard her there.\n\nThe end of it.\n",
    ),
    (
        "one.ann",
        "T1\tPER 0 3\tAda\nT2\tLOC 7 11\tOslo\nT3\tX 4 6;13 14\tin é\nA1\tNegated T1\nR1\tat Arg1:T1 Arg2:T2\nE1\tX:T1\n#1\tAnnotatorNotes T1\tnote\n",
    ),
    (
        "dataset_info.json",
        "{\"features\": {\"tokens\": {\"feature\": {\"dtype\": \"string\", \"_type\": \"Value\"}, \"_type\": \"Sequence\"}, \"ner_tags\": {\"feature\": {\"names\": [\"O\", \"B-X\"], \"_type\": \"ClassLabel\"}, \"_type\": \"Sequence\"}}}\n",
    ),
];
