//! What a search runs, in which order, with which settings.

use super::*;

#[test]
fn short_runs_come_first_where_they_save_something() {
    assert_eq!(rungs(20, 15), [Some(2), Some(5), None]);
    assert_eq!(rungs(8, 15), [Some(5), None]);
    assert_eq!(rungs(2, 15), [None]);
    assert_eq!(rungs(20, 2), [Some(1), None]);
    assert_eq!(rungs(20, 1), [None]);
}

/// The first run of each trial, with the epochs of its rung, and no more than its own.
#[test]
fn a_rung_decides_the_epochs() {
    let settings = |epochs: u64| Settings::from_iter([("epochs".into(), epochs.into())]);
    let trials = vec![Settings::new(), settings(1), settings(9)];
    let search = Search::new(trials, rungs(3, 15), Epochs::new(15, false), vec![43]);
    let options = |trial, rung| search.task(trial, rung).arguments.split_off(5);
    assert_eq!(options(0, 0), ["--epochs=5"]);
    assert_eq!(options(1, 0), ["--epochs=1"]);
    assert_eq!(options(2, 0), ["--epochs=5"]);
    assert!(options(0, 1).is_empty());
    assert_eq!(options(2, 1), ["--epochs=9"]);
}

#[test]
fn without_a_dev_file_trials_learn_a_part_and_the_last_runs_all() {
    let trials = vec![Settings::new(), Settings::new()];
    let search = Search {
        held_out: Some(HeldOut {
            documents: 10,
            of: 100,
            seed: 42,
            refit: true,
        }),
        ..Search::new(trials, rungs(2, 15), Epochs::new(15, true), vec![43])
    };
    let mut trial = search.task(1, 0).arguments;
    assert_eq!(trial.split_off(5), ["--refit=false"]);
    let mut last = search.final_tasks(1).remove(0);
    assert_eq!(
        (search.work(&search.task(1, 0)), search.work(&last)),
        (15.0, 30.0)
    );
    assert_eq!(
        last.arguments.split_off(5),
        ["--refit=true", "--seed", "43"]
    );
}
