//! What scores mean, in sentences for a terminal.

use std::path::Path;
use tagsmith_protocol::{Caveat, Judgement, MistakeKind, Report, SplitReport, WeakestLabel};

/// Of a report on the disk: the test set, or dev where there is none. Nothing where it cannot be read, because the
/// run that wrote it has reported what there is to report.
pub fn of_file(path: &Path) -> Vec<String> {
    let report: Option<Report> = std::fs::read(path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    let Some(report) = report else {
        return Vec::new();
    };
    let split = report
        .splits
        .get("test")
        .or_else(|| report.splits.get("dev"));
    split.map(sentences).unwrap_or_default()
}

/// Of a split that was judged.
pub fn sentences(split: &SplitReport) -> Vec<String> {
    let Some(judgement) = &split.judgement else {
        return Vec::new();
    };
    let mut said: Vec<String> = judgement
        .caveats
        .iter()
        .map(|caveat| against(caveat, judgement, split))
        .collect();
    if judgement.correct > 0 {
        let (low, high) = judgement.interval;
        said.insert(
            0,
            format!("on other text of this kind, expect F1 between {low:.2} and {high:.2} (95 % interval)"),
        );
    }
    said.extend(judgement.weakest.as_ref().map(weakest));
    said
}

fn against(caveat: &Caveat, judgement: &Judgement, split: &SplitReport) -> String {
    match caveat {
        Caveat::NoEntities => {
            "the data has no labelled entity, so the scores say nothing".to_owned()
        }
        Caveat::NothingLearned => match judgement.predicted {
            0 => "the model has learned nothing yet: it finds no entity".to_owned(),
            predicted => format!(
                "the model has learned nothing yet: none of the {predicted} entities that it finds is right"
            ),
        },
        Caveat::Copies { same, near } => format!(
            "{} of {} documents are in the training set, word for word ({same}) or nearly ({near}): expect less on others",
            same + near,
            split.documents
        ),
        Caveat::UnknownLabels { labels, entities } => format!(
            "the model does not have `{}`; {entities} entities count as missed",
            labels.join("`, `")
        ),
        Caveat::FewEntities { enough } => format!(
            "the interval is wide, because only {} entities were scored; about {enough} would do",
            split.metrics.overall.support
        ),
        Caveat::OneLabel { label, without } => {
            format!("`{label}` lowers F1, which is {without:.4} without it")
        }
    }
}

fn weakest(label: &WeakestLabel) -> String {
    let other = label.confused_with.as_deref().unwrap_or_default();
    let kind = match label.kind {
        MistakeKind::Missed => "missed".to_owned(),
        MistakeKind::Spurious => "false alarms".to_owned(),
        MistakeKind::Boundary => "wrong boundaries".to_owned(),
        MistakeKind::Label | MistakeKind::LabelAndBoundary => {
            format!("confused with another label, most often `{other}`")
        }
    };
    format!(
        "weakest label: `{}`, F1 {:.4}; of {} mistakes with it, {} are {kind}",
        label.label, label.f1, label.mistakes, label.of_kind
    )
}
