//! Evaluations: progress, the kept report, cancelling, failing.

use crate::fake::{Desk, eventually};
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{AppEvent, EvaluationRequest, EvaluationStatus, SplitChoice};
use tagsmith_desktop::evaluations::Evaluations;

const REPORT: &str = r#"{"file":"f","documents":2,"words":9,"words_without_pieces":0,"moved_entities":0,
"lost_entities":0,"cut_words":0,"shared_with_train":null,"unknown_labels":[],"loss":0.5,
"metrics":{"convention":"conlleval","overall":{"precision":1,"recall":0.5,"f1":0.66,"support":2},
"macro":{"precision":1,"recall":0.5,"f1":0.66,"support":2},"labels":{},"token_accuracy":0.9},
"confusion":[],"errors":[]}"#;

fn request(split: SplitChoice) -> EvaluationRequest {
    EvaluationRequest {
        model: "tiny".into(),
        data: "support-tickets".into(),
        split,
    }
}

async fn status(all: &Evaluations, id: &str, wanted: EvaluationStatus) {
    eventually("the evaluation ends", || {
        let found = all
            .list()
            .into_iter()
            .find(|evaluation| evaluation.id == id);
        found.filter(|evaluation| evaluation.status == wanted)
    })
    .await;
}

#[tokio::test]
async fn a_model_is_scored_and_the_report_kept() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), desk.notify());
    data.import_sample().unwrap();
    let engine = desk.engine(&format!(
        "case \"$*\" in *'--format json'*) ;; *) exit 3 ;; esac; echo 'note: hello' >&2; echo '{{\"preparing\":{{\"device\":\"cuda:0\",\"done\":3,\"total\":9,\"eta_seconds\":1}}}}' >&2; echo '{{\"done\":1,\"total\":2}}' >&2; echo '{{\"done\":2,\"total\":2}}' >&2\ncat <<'X'\n{REPORT}\nX"
    ));
    let all = Evaluations::open(desk.library(), engine.clone(), desk.notify());
    let evaluation = all.start(&request(SplitChoice::All), &data).unwrap();
    assert_eq!(evaluation.total, 480);
    status(&all, &evaluation.id, EvaluationStatus::Finished).await;
    let (report, of) = all.report(&evaluation.id).unwrap();
    assert_eq!(
        report.splits.keys().collect::<Vec<_>>(),
        ["dev", "test", "train"]
    );
    assert_eq!(of, "support-tickets");
    assert!(
        desk.news()
            .iter()
            .any(|news| matches!(news, AppEvent::Evaluation { evaluation } if evaluation.done > 0))
    );

    assert!(desk.news().iter().any(
        |news| matches!(news, AppEvent::Evaluation { evaluation } if evaluation.preparing.is_some())
    ));
    assert_eq!(all.list()[0].preparing, None);

    // Who hears of the end may ask for the report at once.
    let all = Evaluations::open(desk.library(), engine.clone(), {
        let folder = desk.library().home().join("evaluations");
        std::sync::Arc::new(move |news| {
            if let AppEvent::Evaluation { evaluation } = news
                && evaluation.status == EvaluationStatus::Finished
            {
                let kept = folder.join(format!("{}.json", evaluation.id));
                assert!(kept.is_file(), "reported before it was stored");
            }
        })
    });
    let second = all.start(&request(SplitChoice::Dev), &data).unwrap();
    status(&all, &second.id, EvaluationStatus::Finished).await;
    all.remove(&second.id).unwrap();

    let later = Evaluations::open(desk.library(), engine, desk.notify());
    assert_eq!(later.list()[0].f1.unwrap(), 0.66);
    assert_eq!(later.list()[0].f1_split, Some(SplitChoice::Test));
    later.remove(&evaluation.id).unwrap();
    assert_eq!(later.list(), []);
    assert!(later.report("../../etc").is_err());
}

#[tokio::test]
async fn an_evaluation_is_cancelled_or_fails_in_the_engines_words() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), desk.notify());
    data.import_sample().unwrap();
    let slow = Evaluations::open(desk.library(), desk.engine("sleep 60"), desk.notify());
    let evaluation = slow.start(&request(SplitChoice::Test), &data).unwrap();
    slow.cancel(&evaluation.id);
    eventually("it is gone", || slow.list().is_empty().then_some(())).await;
    let ends = desk.news().into_iter().any(|news| {
        matches!(news, AppEvent::Evaluation { evaluation } if evaluation.status == EvaluationStatus::Cancelled)
    });
    assert!(ends);

    let engine = desk.engine("echo 'error: no labels' >&2; exit 1");
    let failing = Evaluations::open(desk.library(), engine, desk.notify());
    let evaluation = failing.start(&request(SplitChoice::Dev), &data).unwrap();
    status(&failing, &evaluation.id, EvaluationStatus::Failed).await;
    assert_eq!(
        failing.list()[0].failure.as_ref().unwrap().message,
        "no labels"
    );
}
