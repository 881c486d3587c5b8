//! The way over a GPU, on a software adapter: found, tested, computing what PyTorch and the CPU
//! compute. Needs the feature `wgpu` and a software Vulkan driver (Mesa's lavapipe), as
//! `scripts/test` arranges; slow for what it does, because the driver compiles each kernel anew.
//!
//! One file, so that the driver is started and the program linked once.
#![cfg(feature = "wgpu")]
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
#[cfg(target_os = "linux")]
use support::signal;
use support::{devices, text, tiny};
use tagsmith_encoder::burn::module::{Module, Param};
use tagsmith_encoder::burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use tagsmith_encoder::device::{Search, launches};
use tagsmith_encoder::ops::Kernels;
use tagsmith_encoder::walk::{self, Visitor};
use tagsmith_encoder::weights::{ParamPath, Weights};
use tagsmith_encoder::{Input, SequenceOffsets, TokenClassifier, model};
use tagsmith_tagger::optimizer::{AdamW, AdamWConfig, GradientSum};

const GPU: &str = "wgpu:0";

/// So that a few sentences stay a few: on a driver in software a step takes long.
const AS_THE_FILE_IS: [&str; 4] = ["--augment", "0", "--resampling", "none"];

/// The program with a software adapter offered, its self-tests remembered among these tests.
fn tagsmith(folder: &Path) -> Command {
    static MEMORY: OnceLock<tempfile::TempDir> = OnceLock::new();
    let memory = MEMORY.get_or_init(|| tempfile::tempdir().unwrap());
    let mut command = support::tagsmith(folder);
    command
        .env("TAGSMITH_CACHE", memory.path())
        .env("TAGSMITH_SOFTWARE_GPU", "1");
    command
}

#[test]
fn trap_a_software_adapter_is_only_offered_to_tests() {
    let here = tempfile::tempdir().unwrap();
    let listed = |value: &str| {
        let mut command = tagsmith(here.path());
        command.env("TAGSMITH_SOFTWARE_GPU", value);
        devices(&command.args(["devices", "--json"]).output().unwrap())
    };
    let hidden = listed("");
    assert_eq!(hidden.len(), 1, "{hidden:?}");
    let offered = listed("1");
    assert_eq!(offered[1]["id"], GPU, "{offered:?}");
    assert_eq!(offered[1]["kind"], "software");
    let asked = support::tagsmith(here.path())
        .env_remove("TAGSMITH_SOFTWARE_GPU")
        .args([
            "tag",
            "--device",
            GPU,
            "--model",
            &tiny("bert-token-classification"),
        ])
        .output()
        .unwrap();
    assert_eq!(asked.status.code(), Some(1));
    assert!(text(&asked.stderr).contains("there is no device `wgpu:0` here"));
}

#[test]
fn trap_no_driver_at_all_is_an_empty_list_and_no_error() {
    let here = tempfile::tempdir().unwrap();
    let mut command = tagsmith(here.path());
    command
        .env("VK_ICD_FILENAMES", "/nonexistent")
        .env("VK_DRIVER_FILES", "/nonexistent");
    let listed = devices(
        &command
            .args(["devices", "--json", "--check"])
            .output()
            .unwrap(),
    );
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["id"], "cpu");
}

#[test]
fn trap_a_device_that_computes_wrongly_is_named_and_not_used() {
    let here = tempfile::tempdir().unwrap();
    for (fault, said) in [
        ("wrong-gradient", "computes wrong numbers: gradient of"),
        ("panic", "its driver failed"),
        ("abort", "its test ended with signal"),
    ] {
        let faulty = |arguments: &[&str]| {
            let mut command = tagsmith(here.path());
            command.env("TAGSMITH_CACHE", here.path().join(fault));
            command
                .env("TAGSMITH_GPU_FAULT", fault)
                .args(arguments)
                .output()
                .unwrap()
        };
        let listed = devices(&faulty(&["devices", "--json", "--check"]));
        assert_eq!(listed[1]["check"]["passed"], false);
        let detail = listed[1]["check"]["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{detail}");
        // The result is remembered: nothing is computed there again.
        let refused = faulty(&[
            "tag",
            "--device",
            GPU,
            "--model",
            &tiny("bert-token-classification"),
        ]);
        assert_eq!(refused.status.code(), Some(1));
        let message = text(&refused.stderr);
        assert!(message.contains("`wgpu:0` (llvmpipe"), "{message}");
        assert!(
            message.contains(said) && message.contains("\nhint: "),
            "{message}"
        );
    }
}

#[test]
fn trap_a_fault_of_tensor_cores_costs_them_alone() {
    let here = tempfile::tempdir().unwrap();
    for (fault, said) in [
        ("tensor-core-abort", "its test ended with signal"),
        ("tensor-core-fault", "its driver failed"),
    ] {
        let faulty = |arguments: &[&str]| {
            let mut command = tagsmith(here.path());
            command.env("TAGSMITH_CACHE", here.path().join(fault));
            command
                .env("TAGSMITH_GPU_FAULT", fault)
                .args(arguments)
                .output()
                .unwrap()
        };
        let listed = devices(&faulty(&["devices", "--json", "--check"]));
        let check = &listed[1]["check"];
        assert_eq!(check["passed"], true, "{check}");
        let found = check["tensor_core_fault"].as_str().unwrap();
        assert!(found.contains(said), "{found}");
        // It is remembered with the result.
        let listed = text(&faulty(&["devices"]).stdout);
        let line = "tensor cores are not used; a test with them failed: ";
        assert!(
            listed.contains("self-test passed") && listed.contains(&format!("{line}{found}")),
            "{listed}"
        );
    }
}

/// A command whose device hangs in its test, once its child is there; the child's process number.
#[cfg(target_os = "linux")]
fn hanging(folder: &Path, arguments: &[&str]) -> (std::process::Child, u32) {
    let mut command = tagsmith(folder);
    command
        .env("TAGSMITH_CACHE", folder.join("cache"))
        .env("TAGSMITH_GPU_FAULT", "hang")
        .args(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let parent = command.spawn().unwrap();
    let id = parent.id();
    let child = eventually(|| {
        // The first child only lists the devices.
        let tasks = std::fs::read_dir(format!("/proc/{id}/task")).ok()?;
        let children = tasks.flatten().filter_map(|task| {
            let text = std::fs::read_to_string(task.path().join("children")).ok()?;
            Some(text)
        });
        let children: Vec<u32> = (children.collect::<Vec<_>>().join(" "))
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        children
            .into_iter()
            .find(|child| command_line(*child).contains(GPU))
    });
    (parent, child)
}

#[cfg(target_os = "linux")]
fn command_line(process: u32) -> String {
    let command = std::fs::read(format!("/proc/{process}/cmdline"));
    command.map_or_else(|_| String::new(), |command| text(&command))
}

#[cfg(target_os = "linux")]
fn eventually<T>(mut wanted: impl FnMut() -> Option<T>) -> T {
    let began = std::time::Instant::now();
    loop {
        if let Some(found) = wanted() {
            return found;
        }
        assert!(began.elapsed().as_secs() < 60, "it never happened");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
#[cfg(target_os = "linux")] // where processes can be looked at
fn trap_a_device_that_hangs_in_its_test_can_be_stopped_at_once() {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("train.conll"), "in O\noslo B-LOC\n\n").unwrap();
    let model = tiny("bert-no-prefix");
    let train = [
        "train",
        "--json",
        "--model",
        &model,
        "--train",
        "train.conll",
        "--dev",
        "train.conll",
        "--device",
        GPU,
        "--out",
        "run",
    ];
    for signalled in ["-INT", "-TERM"] {
        let (parent, child) = hanging(here.path(), &train);
        signal(signalled, parent.id());
        let asked = std::time::Instant::now();
        let output = parent.wait_with_output().unwrap();
        assert!(asked.elapsed().as_secs() < 10);
        assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
        assert_eq!(command_line(child), "");
        let events: Vec<Value> = text(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(events[0]["event"], "preparing");
        assert_eq!(
            (&events[0]["device"], &events[0]["done"]),
            (&GPU.into(), &0.into())
        );
        let last = events.last().unwrap();
        assert_eq!(
            (&last["event"], &last["report"]),
            (&"stopped".into(), &Value::Null)
        );
        assert!(!here.path().join("run").exists(), "nothing was written");
    }
    let (parent, child) = hanging(here.path(), &["devices", "--check", "--progress"]);
    signal("-INT", parent.id());
    let output = parent.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(command_line(child), "");
    let line = text(&output.stderr);
    let line: Value = serde_json::from_str(line.lines().nth(1).unwrap()).unwrap();
    assert_eq!(line["preparing"]["device"], GPU);
    // Nothing of all this is remembered.
    assert!(!here.path().join("cache/devices.json").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn trap_the_test_of_a_device_does_not_outlive_who_asked_for_it() {
    let here = tempfile::tempdir().unwrap();
    let model = tiny("bert-token-classification");
    let (mut parent, child) = hanging(here.path(), &["tag", "--device", GPU, "--model", &model]);
    signal("-KILL", parent.id());
    parent.wait().unwrap();
    eventually(|| command_line(child).is_empty().then_some(()));
}

#[test]
#[cfg(target_os = "linux")] // where a process can be sent a signal
fn trap_a_stop_does_not_wait_for_kernels_that_are_being_compiled() {
    let here = tempfile::tempdir().unwrap();
    let text_of = "the O\nport O\nin O\noslo B-LOC\n\nanna B-PER\nberg I-PER\n\n";
    std::fs::write(here.path().join("train.conll"), text_of).unwrap();
    let tested = tagsmith(here.path()).args(["devices", "--check"]).status();
    assert!(tested.unwrap().success());
    let mut command = tagsmith(here.path());
    command
        .args(["train", "--json", "--model", &tiny("bert-no-prefix")])
        .args(AS_THE_FILE_IS)
        .args(["--train", "train.conll", "--dev", "train.conll"])
        .args(["--device", GPU, "--epochs", "1", "--out", "run"])
        .stdout(std::process::Stdio::piped());
    let mut run = command.spawn().unwrap();
    let lines = BufReader::new(run.stdout.take().unwrap()).lines();
    let mut events: Vec<Value> = Vec::new();
    let mut asked = None;
    for line in lines {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if asked.is_none() && event["stage"] == "warm-up" && event["done"] != 0 {
            signal("-INT", run.id());
            asked = Some(std::time::Instant::now());
        }
        events.push(event);
    }
    let status = run.wait().unwrap();
    let waited = asked.unwrap().elapsed();
    eprintln!("ended {waited:?} after it was asked to");
    assert!(waited.as_secs() < 2, "{waited:?}");
    assert_eq!(status.code(), Some(130));
    let (last, before) = events.split_last().unwrap();
    assert_eq!(
        (&last["event"], &last["step"]),
        (&"stopped".into(), &0.into())
    );
    assert_eq!(
        (&last["report"], &last["model"]),
        (&Value::Null, &Value::Null)
    );
    let last_of = &before.last().unwrap();
    assert!(
        last_of["event"] == "preparing" && last_of["done"] != last_of["total"],
        "it was stopped in the midst of it: {last_of}"
    );
    // The folder holds a run that can go on, and no model of which nothing was learned.
    let at = |name: &str| here.path().join("run").join(name);
    assert!(at("run.json").exists() && !at("model").exists() && !at("report.json").exists());
    let reported = std::fs::read_to_string(at("events.jsonl")).unwrap();
    assert!(
        reported.lines().last().unwrap().contains("\"stopped\""),
        "{reported}"
    );
    let resumed = tagsmith(here.path())
        .args(["resume", "--json", "run"])
        .output()
        .unwrap();
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    assert!(text(&resumed.stdout).contains("\"finished\""));
    assert!(at("model/model.safetensors").exists());
}

#[test]
fn a_whole_fine_tuning_equals_the_cpus() {
    let here = tempfile::tempdir().unwrap();
    let sentence =
        "the O\nport O\nin O\noslo B-LOC\n\nanna B-PER\nberg I-PER\nat O\nthe O\nship O\n\n";
    let train = format!("{sentence}the O\nport O\n\n").repeat(4);
    std::fs::write(here.path().join("train.conll"), train).unwrap();
    std::fs::write(here.path().join("dev.conll"), sentence).unwrap();
    let run = |device: &str, out: &str, precision: &str, fault: &str| -> Vec<Value> {
        let output = tagsmith(here.path())
            .env("TAGSMITH_GPU_FAULT", fault)
            .env(
                "CUBECL_DEBUG_LOG",
                here.path().join(out).with_extension("log"),
            )
            .args(["train", "--json", "--model", &tiny("bert-no-prefix")])
            .args(AS_THE_FILE_IS)
            .args([
                "--train",
                "train.conll",
                "--dev",
                "dev.conll",
                "--test",
                "dev.conll",
            ])
            .args([
                "--out",
                out,
                "--device",
                device,
                "--dropout",
                "0",
                "--lr",
                "2e-3",
            ])
            .args([
                "--epochs",
                "3",
                "--batch-size",
                "4",
                "--max-length",
                "16",
                "--precision",
                precision,
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let lines = text(&output.stdout);
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    // First, so that no run tests the device and compiles kernels for that.
    let tested = tagsmith(here.path())
        .env("CUBECL_DEBUG_LOG", here.path().join("test.log"))
        .args(["devices", "--check"])
        .status();
    assert!(tested.unwrap().success());
    let cpu = run("cpu", "cpu", "f32", "");
    // Three steps an epoch. From the first step on nothing is waited for: all sizes have gone through. What
    // fails in the fourth is noticed when the weights have been updated with it.
    let gpu = run(GPU, "gpu", "f32", "late-memory:4");
    let of = |events: &[Value], kind: &str, key: &str| -> Vec<f64> {
        let reported = events.iter().filter(|event| event["event"] == kind);
        reported.filter_map(|event| event[key].as_f64()).collect()
    };
    // Before `started` there is the test of the device alone, unless another test here had it done.
    let begin = gpu
        .iter()
        .position(|event| event["event"] == "started")
        .unwrap();
    let (tested, gpu) = gpu.split_at(begin);
    assert!(
        tested
            .iter()
            .all(|event| event["event"] == "preparing" && event["device"] == GPU)
    );
    if let (Some(first), Some(last)) = (tested.first(), tested.last()) {
        assert_eq!(first["done"], 0);
        assert!(last["done"].as_u64().unwrap() > 0 && last["done"] == last["total"]);
    }
    assert_eq!(gpu[0]["device"], GPU);
    // The sizes of batches before the first step, and nothing of it on the CPU.
    let prepared = of(gpu, "preparing", "done");
    let steps_begin = gpu.iter().position(|event| event["event"] == "step");
    let prepared_by = gpu.iter().rposition(|event| event["event"] == "preparing");
    assert!(prepared.len() > 1 && prepared_by < steps_begin);
    assert_eq!(of(gpu, "preparing", "total").last(), prepared.last());
    assert!(of(gpu, "preparing", "eta_seconds").last() == Some(&0.0));
    assert_eq!(cpu[0]["event"], "started");
    assert!(of(&cpu, "preparing", "done").is_empty());
    let reported = gpu.iter().find(|event| event["code"] == "memory").unwrap();
    let reported = reported["message"].as_str().unwrap();
    assert!(
        reported.contains("training continues from step 3 with 2"),
        "{reported}"
    );
    // A step that was done again counts as it was reported last.
    let gpu: Vec<Value> = (gpu.iter().enumerate())
        .filter(|(place, event)| {
            let mut later = gpu[place + 1..].iter();
            event["event"] != "step"
                || !later.any(|later| later["step"] == event["step"] && later["event"] == "step")
        })
        .map(|(_, event)| event.clone())
        .collect();
    assert_eq!(gpu.last().unwrap()["event"], "finished");
    for (kind, key) in [
        ("step", "loss"),
        ("step", "gradient_norm"),
        ("evaluated", "loss"),
    ] {
        let (cpu, gpu) = (of(&cpu, kind, key), of(&gpu, kind, key));
        assert!(!cpu.is_empty());
        assert_eq!(cpu.len(), gpu.len());
        for (cpu, gpu) in cpu.iter().zip(&gpu) {
            assert!(
                (cpu - gpu).abs() < 1e-3 * cpu.abs().max(0.1),
                "{kind} {key}: {gpu}, CPU {cpu}"
            );
        }
    }
    let scores = |events: &[Value]| {
        events
            .iter()
            .rfind(|e| e["event"] == "evaluated")
            .cloned()
            .unwrap()["metrics"]
            .clone()
    };
    assert_eq!(scores(&cpu), scores(&gpu));
    // In half precision, where the driver has it, the course is the same but for rounding.
    let half = run(GPU, "half", "auto", "");
    let begin = half
        .iter()
        .position(|event| event["event"] == "started")
        .unwrap();
    let half = &half[begin..];
    eprintln!("`auto` is {} there", half[0]["config"]["precision"]);
    assert_eq!(half.last().unwrap()["event"], "finished");
    for (cpu, half) in of(&cpu, "step", "loss")
        .iter()
        .zip(of(half, "step", "loss"))
    {
        let allowed = 0.05 * cpu.abs().max(0.2);
        assert!((cpu - half).abs() < allowed, "loss {half}, CPU {cpu}");
    }
    // What was trained there is a model like any other.
    let tagged = |device: &str, precision: &str| {
        std::fs::write(here.path().join("text.txt"), "anna berg in oslo").unwrap();
        let output = tagsmith(here.path())
            .args(["tag", "--model", "gpu/model", "text.txt"])
            .args(["--device", device, "--precision", precision])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let mut line: Value = serde_json::from_slice(&output.stdout).unwrap();
        for entity in line["entities"].as_array_mut().unwrap() {
            entity.as_object_mut().unwrap().remove("score");
        }
        line
    };
    assert_eq!(tagged("cpu", "f32"), tagged(GPU, "f32"));
    predicting_in_half_precision(here.path());
    few_kernels_are_compiled(here.path());
}

/// A fine-tuning's kernels are few, whatever the sizes of its batches.
fn few_kernels_are_compiled(here: &Path) {
    let compiled = |run: &str| kernels_of(&here.join(run).with_extension("log"));
    let kinds = |kernels: &[Kernel]| -> BTreeSet<Kernel> { kernels.iter().cloned().collect() };
    let whole = compiled("gpu");
    let names: Vec<&str> = whole.iter().map(|(name, _)| name.as_str()).collect();
    eprintln!("{} kernels in f32", whole.len());
    // A quarter more than there are.
    assert!(whole.len() <= 30, "{names:#?}");
    // In other sizes: of batches, of their sequences, of the parts of a step.
    let sentence = "anna B-PER\nberg I-PER\nat O\nthe O\nport O\nof O\noslo B-LOC\n";
    let train: String = (1..14)
        .map(|times| format!("{}\n", sentence.repeat(times)))
        .collect();
    std::fs::write(here.join("longer.conll"), train).unwrap();
    let status = tagsmith(here)
        .env("CUBECL_DEBUG_LOG", here.join("other.log"))
        .args(["train", "--model", &tiny("bert-no-prefix")])
        .args(AS_THE_FILE_IS)
        .args(["--train", "longer.conll", "--dev", "dev.conll"])
        .args(["--out", "other", "--device", GPU, "--precision", "f32"])
        .args(["--epochs", "1", "--batch-size", "5", "--max-length", "40"])
        .status()
        .unwrap();
    assert!(status.success());
    let other = compiled("other");
    // The first run had no dropout.
    let mut new = &kinds(&other) - &kinds(&whole);
    new.retain(|(name, _)| !name.contains("dropout"));
    assert!(new.is_empty(), "{new:#?}");
    // Those of the self-test and of half precision beside.
    let all = [whole, other, compiled("half"), compiled("test")].concat();
    eprintln!("{} kinds in all", kinds(&all).len());
    assert!(kinds(&all).len() <= 60, "{:#?}", kinds(&all));
}

/// Their operations are tried on the device before the first step, and give the CPU's course.
#[test]
fn other_families_are_fine_tuned_as_on_the_cpu() {
    let here = tempfile::tempdir().unwrap();
    let sentence = "anna B-PER\nberg I-PER\nat O\nthe O\nport O\nof O\noslo B-LOC\n\n";
    std::fs::write(here.path().join("train.conll"), sentence.repeat(6)).unwrap();
    std::fs::write(here.path().join("text.txt"), "anna berg in oslo").unwrap();
    for family in ["modernbert", "mpnet", "deberta-v2", "eurobert"] {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../encoder/tests/fixtures/families"
        );
        let losses = |device: &str| -> Vec<f64> {
            let out = format!("{family}-{device}").replace(':', "-");
            let output = tagsmith(here.path())
                .args(["train", "--json", "--model", &format!("{folder}/{family}")])
                .args(AS_THE_FILE_IS)
                .args(["--train", "train.conll", "--dev", "train.conll"])
                .args(["--out", &out, "--device", device, "--dropout", "0"])
                .args(["--epochs", "1", "--batch-size", "3", "--precision", "f32"])
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            let tagged = tagsmith(here.path())
                .args(["tag", "--model", &format!("{out}/model"), "text.txt"])
                .args(["--device", device])
                .status();
            assert!(tagged.unwrap().success());
            let lines = text(&output.stdout);
            let events = lines
                .lines()
                .map(|line| serde_json::from_str(line).unwrap());
            let steps = events.filter(|event: &Value| event["event"] == "step");
            steps.filter_map(|step| step["loss"].as_f64()).collect()
        };
        let (cpu, gpu) = (losses("cpu"), losses(GPU));
        assert_eq!((cpu.len(), gpu.len()), (2, 2));
        for (cpu, gpu) in cpu.iter().zip(&gpu) {
            assert!((cpu - gpu).abs() < 1e-4, "{family}: loss {gpu}, CPU {cpu}");
        }
    }
}

/// The losses of a run's steps and evaluations on a device.
fn course(here: &Path, name: &str, device: &str, options: &[&str]) -> Vec<f64> {
    let output = tagsmith(here)
        .args(["train", "--json", "--model", &tiny("bert-no-prefix")])
        .args(AS_THE_FILE_IS)
        .args(["--train", "train.conll", "--dev", "train.conll"])
        .args(["--out", &out_of(name, device), "--device", device])
        .args(["--epochs", "3", "--batch-size", "3", "--precision", "f32"])
        .args(options)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    let events = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let scored =
        events.filter(|event: &Value| event["event"] == "step" || event["event"] == "evaluated");
    scored.filter_map(|event| event["loss"].as_f64()).collect()
}

fn out_of(name: &str, device: &str) -> String {
    format!("{name}-{device}").replace(':', "-")
}

/// With dropout too, of which all kernels drop the same elements.
fn take_the_cpus_course(here: &Path, name: &str, options: &[&str]) {
    let sentence = "anna B-PER\nberg I-PER\nat O\nthe O\nport O\nof O\noslo B-LOC\n\n";
    std::fs::write(here.join("train.conll"), sentence.repeat(6)).unwrap();
    let (cpu, gpu) = (
        course(here, name, "cpu", options),
        course(here, name, GPU, options),
    );
    assert_eq!((cpu.len(), gpu.len()), (9, 9), "{name}");
    for (cpu, gpu) in cpu.iter().zip(&gpu) {
        assert!(
            (cpu - gpu).abs() < 1e-3 * cpu.abs(),
            "{name}: loss {gpu}, CPU {cpu}"
        );
    }
}

#[test]
fn regularised_runs_take_the_cpus_course() {
    let here = tempfile::tempdir().unwrap();
    let options = [
        ["--head-dropout", "0.2"],
        ["--layer-decay", "0.8"],
        ["--reinitialized-layers", "1"],
        ["--gradual-unfreezing", "1"],
        ["--pretrained-decay", "5"],
        ["--mixout", "0.3"],
        ["--ema-decay", "0.9"],
        ["--r-drop", "1"],
    ];
    take_the_cpus_course(here.path(), "regularised", &options.concat());
}

#[test]
fn learned_transitions_context_and_adapters_take_the_cpus_course() {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("text.txt"), "anna berg in oslo").unwrap();
    let cases: [(&str, &[&str]); 4] = [
        ("crf", &["--crf", "--ema-decay", "0.9"]),
        ("context", &["--context", "6"]),
        (
            "lora",
            &["--lora-rank", "2", "--lora-dropout", "0.1", "--lr", "1e-2"],
        ),
        (
            "all",
            &[
                "--crf",
                "--context",
                "6",
                "--lora-rank",
                "2",
                "--lora-targets",
                "query-value",
            ],
        ),
    ];
    for (name, options) in cases {
        take_the_cpus_course(here.path(), name, options);
        // What was trained there finds the same on both.
        let model = format!("{}/model", out_of(name, GPU));
        let tagged = |device: &str| {
            let output = tagsmith(here.path())
                .args(["tag", "--model", &model, "text.txt", "--device", device])
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            let mut line: Value = serde_json::from_slice(&output.stdout).unwrap();
            let mut scores = Vec::new();
            for entity in line["entities"].as_array_mut().unwrap() {
                let score = entity.as_object_mut().unwrap().remove("score");
                scores.push(score.unwrap().as_f64().unwrap());
            }
            (line, scores)
        };
        let ((cpu, cpu_scores), (gpu, gpu_scores)) = (tagged("cpu"), tagged(GPU));
        assert_eq!(cpu, gpu, "{name}");
        for (cpu, gpu) in cpu_scores.iter().zip(gpu_scores) {
            assert!((cpu - gpu).abs() < 1e-3, "{name}: score {gpu}, CPU {cpu}");
        }
    }
}

#[test]
fn what_is_compiled_before_a_test_is_all_that_the_test_compiles() {
    let here = tempfile::tempdir().unwrap();
    let compiled = |arguments: &[&str]| {
        let log = here.path().join(format!("{}.log", arguments.concat()));
        let output = tagsmith(here.path())
            .env("CUBECL_DEBUG_LOG", &log)
            .args(["probe", GPU])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let kernels = match log.exists() {
            true => kernels_of(&log),
            false => Vec::new(),
        };
        (kernels, text(&output.stdout))
    };
    let mut before = BTreeSet::new();
    for precision in ["f32", "bf16", "f16"] {
        let (kernels, said) = compiled(&["--compile", precision]);
        eprintln!("{} kernels in {precision}", kernels.len());
        let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        assert_eq!(last["progress"]["done"], kernels.len());
        before.extend(kernels);
    }
    let (test, said) = compiled(&[]);
    assert!(said.contains("\"passed\":true"), "{said}");
    let test: BTreeSet<Kernel> = test.into_iter().collect();
    let more = &test - &before;
    assert!(test.len() > 20 && more.is_empty(), "{more:#?}");
}

/// A kernel that was compiled: its name, and the types and constants that it was compiled for.
type Kernel = (String, String);

/// The kernels in a log of cubecl's.
fn kernels_of(log: &Path) -> Vec<Kernel> {
    let text = std::fs::read_to_string(log).unwrap();
    let kernels = text.split("[START_KERNEL_COMPILATION]\n").skip(1);
    let kernel = |text: &str| {
        let (name, rest) = text.split_once('\n').unwrap();
        let (id, _) = rest.split_once("\nsource:").unwrap();
        let (_, info) = id.split_once("info:").unwrap();
        (name.to_owned(), info.to_owned())
    };
    kernels.map(kernel).collect()
}

/// `evaluate` in the half precision that the device has says what it changes: next to nothing.
fn predicting_in_half_precision(here: &Path) {
    let listed = devices(&tagsmith(here).args(["devices", "--json"]).output().unwrap());
    let check = &listed[1]["check"];
    let half = check["half"][0].as_str().unwrap_or("none");
    let evaluated = |device: &str, precision: &str| {
        let output = tagsmith(here)
            .args([
                "evaluate",
                "--json",
                "--model",
                "gpu/model",
                "--data",
                "dev.conll",
            ])
            .args(["--device", device, "--precision", precision])
            .output()
            .unwrap();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let (code, _, message) = evaluated("cpu", "f16");
    assert_eq!(code, Some(1));
    assert!(
        message.contains("`cpu`") && message.contains("\nhint: "),
        "{message}"
    );
    if half == "none" {
        eprintln!("skipped: the driver has no half precision");
        return;
    }
    let (code, report, message) = evaluated(GPU, half);
    assert_eq!(code, Some(0), "{message}");
    let report: Value = serde_json::from_str(&report).unwrap();
    let loss = report["loss"].as_f64().unwrap();
    let (_, whole, _) = evaluated("cpu", "f32");
    let whole: Value = serde_json::from_str(&whole).unwrap();
    let expected = whole["loss"].as_f64().unwrap();
    assert_ne!(loss, expected, "this is half precision");
    assert!(
        (loss - expected).abs() < 0.02 * expected.max(0.1),
        "{loss}, f32 {expected}"
    );
    assert_eq!(report["f32"], whole["metrics"]);
    assert_eq!(report["metrics"], whole["metrics"]);
}

#[test]
fn loss_gradients_and_ten_steps_equal_pytorchs() {
    let search = Search {
        software: true,
        ..Search::default()
    };
    // Not `open`, which would test the device first: this is a stricter test.
    let listed = search.list();
    assert_eq!(listed[1].id, GPU);
    let device = burn_device().autodiff();
    let folder = PathBuf::from(tiny("bert-token-classification"));
    let (mut model, _) = model::load_with_dropout(&folder, Some(0.0), &device).unwrap();
    let text = std::fs::read_to_string(folder.join("training.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let batch = Batch::read(&reference);
    other_forms_of_a_batch_give_the_same(&model.valid(), &batch);
    let mut optimizer = AdamW::new(AdamWConfig {
        max_grad_norm: number(&reference["max_grad_norm"]),
        ..AdamWConfig::default()
    });
    let stored = Weights::from_safetensors(&folder.join("gradients.safetensors")).unwrap();
    for (step, expected) in reference["steps"].as_array().unwrap().iter().enumerate() {
        let loss = batch.loss(&model, &device);
        let found = f64::from(loss.clone().into_scalar::<f32>());
        let wanted = number(&expected["loss"]);
        assert!(
            (found - wanted).abs() < 5e-5,
            "step {step}: loss {found}, PyTorch {wanted}"
        );
        let gradients = loss.backward();
        if step == 0 {
            equal_gradients(&model, &gradients, &stored);
        }
        let mut sum = GradientSum::default();
        sum.add(&model, gradients);
        let norm;
        (model, norm) = optimizer.step(model, sum, number(&expected["lr"]));
        let wanted = number(&expected["grad_norm"]);
        assert!(
            (norm - wanted).abs() < 5e-4 * wanted,
            "step {step}: norm {norm}, PyTorch {wanted}"
        );
    }
    // How many launches a step of two layers is: their number bounds how fast a small one can be.
    let (_, launched) = launches(|| {
        let mut sum = GradientSum::default();
        sum.add(&model, batch.loss(&model, &device).backward());
        optimizer.step_async(model, sum, 1e-3)
    });
    let total: usize = launched.values().sum();
    eprintln!("{total} launches in a step of two layers: {launched:#?}");
    assert!(total <= 140, "{total}");
}

fn burn_device() -> Device {
    use tagsmith_encoder::burn::tensor::DeviceType;
    Device::enumerate(DeviceType::Wgpu)
        .iter()
        .next()
        .unwrap()
        .clone()
}

/// The batch of a reference, its scored positions and their labels.
struct Batch {
    lengths: Vec<usize>,
    ids: Vec<i64>,
    types: Vec<i64>,
    scored: Vec<i64>,
    targets: Vec<i64>,
}

impl Batch {
    /// Without the padding that the reference has.
    fn read(reference: &Value) -> Self {
        let rows = |key: &str| -> Vec<Vec<i64>> {
            serde_json::from_value(reference[key].clone()).unwrap()
        };
        let mask = rows("attention_mask");
        let real = |key: &str| -> Vec<i64> {
            let pairs = rows(key).concat().into_iter().zip(mask.concat());
            pairs
                .filter(|(_, real)| *real == 1)
                .map(|(value, _)| value)
                .collect()
        };
        let labels = real("labels");
        let places = 0..labels.len() as i64;
        let scored: Vec<i64> = places.filter(|at| labels[*at as usize] >= 0).collect();
        Self {
            lengths: mask
                .iter()
                .map(|row| row.iter().sum::<i64>() as usize)
                .collect(),
            ids: real("input_ids"),
            types: real("token_type_ids"),
            targets: scored.iter().map(|at| labels[*at as usize]).collect(),
            scored,
        }
    }

    /// With sizes rounded up, as a run on a GPU has them.
    fn loss(&self, model: &TokenClassifier, device: &Device) -> Tensor<1> {
        let input = self.input(true, device);
        let logits = model.logits_at(input, list(&self.scored, device));
        let kernels = Kernels::best_on(device);
        kernels.cross_entropy(
            logits,
            list(&self.targets, device),
            self.scored.len() as f64,
        )
    }

    fn input(&self, rounded: bool, device: &Device) -> Input {
        let offsets = SequenceOffsets::new(self.lengths.iter().copied());
        let offsets = match rounded {
            true => offsets.rounded_up(),
            false => offsets,
        };
        let filled = |values: &[i64]| {
            let mut values = values.to_vec();
            values.resize(offsets.rows(), 1);
            list(&values, device)
        };
        Input {
            ids: filled(&self.ids),
            types: filled(&self.types),
            offsets: offsets.clone(),
        }
    }
}

fn list(values: &[i64], device: &Device) -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// Sizes rounded up or not, by our kernels or by burn's.
fn other_forms_of_a_batch_give_the_same(model: &TokenClassifier, batch: &Batch) {
    let device = burn_device();
    let logits = |rounded, kernels| -> Vec<f32> {
        let model = model.clone().with_kernels(kernels);
        let logits = model.logits(batch.input(rounded, &device));
        logits.into_data().iter::<f32>().collect()
    };
    let (burns, ours) = (Kernels::Reference, Kernels::best_on(&device));
    let expected = logits(false, burns);
    for (rounded, kernels) in [(true, burns), (false, ours), (true, ours)] {
        let found = logits(rounded, kernels);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            let off = (found - expected).abs();
            assert!(
                off < 2e-5,
                "rounded {rounded}, by {kernels:?}: off by {off:e}"
            );
        }
    }
}

/// Compares every gradient with the stored one, in PyTorch's layout.
fn equal_gradients(model: &TokenClassifier, gradients: &Gradients, stored: &Weights) {
    let mut reader = Reader {
        gradients,
        found: BTreeMap::new(),
    };
    walk::visit(model, model.names(), &mut reader);
    // The file also holds the loss itself.
    assert_eq!(reader.found.len(), stored.tensors.len() - 1);
    for (name, found) in &reader.found {
        let expected = stored.tensors[name].read(name).unwrap();
        assert_eq!(found.len(), expected.len());
        let difference = found
            .iter()
            .zip(&expected)
            .fold(0.0f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(
            difference < 5e-5,
            "the gradient of {name} differs by {difference:e}"
        );
    }
}

struct Reader<'a> {
    gradients: &'a Gradients,
    found: BTreeMap<String, Vec<f32>>,
}

impl Visitor for Reader<'_> {
    fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>) {
        let gradient = param.val().grad(self.gradients).unwrap();
        let gradient = match path.is_linear_weight(D) {
            true => gradient.transpose(),
            false => gradient,
        };
        let values = gradient.into_data().iter::<f32>().collect();
        self.found.insert(path.name(), values);
    }
}
