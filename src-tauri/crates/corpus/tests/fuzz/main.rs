//! Spoilt files of every format, a fixed number of them: readers neither panic nor hang, take memory
//! in proportion to the file, and whatever they give is sound. `examples/fuzz.rs` runs on and on.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod campaign;
mod judge;
mod memory;
mod mutate;
mod seeds;

#[global_allocator]
static COUNTING: memory::Counting = memory::Counting;

const CASES: u64 = 20_000;

#[test]
fn spoilt_files_get_a_sound_answer() {
    // A panic is a finding with its file; the hook's text would be printed for each.
    std::panic::set_hook(Box::new(|_| {}));
    let summary = campaign::run(0, |summary| {
        summary.cases == CASES || summary.findings.len() == 10
    });
    let _ = std::panic::take_hook();
    for finding in &summary.findings {
        eprintln!(
            "case {} ({}): {}\n  {}\n  {:?}",
            finding.case,
            finding.name,
            finding.wrong,
            finding.options,
            String::from_utf8_lossy(&finding.bytes[..finding.bytes.len().min(2000)])
        );
    }
    eprintln!(
        "{} cases, {} of them read, {} bytes, slowest {:?}, {:.0} bytes of memory per byte",
        summary.cases, summary.read, summary.bytes, summary.slowest, summary.memory
    );
    assert!(summary.findings.is_empty());
    // Files that nothing can be read from would try the readers' first lines alone.
    assert!(summary.read * 10 > summary.cases, "{}", summary.read);
}
