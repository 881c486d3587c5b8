//! The learning rate by step.

use tagsmith_protocol::Schedule;

/// The learning rate at `step` (from 0) of `total`, after a linear warm-up over `warmup` steps.
///
/// Linear and cosine fall to 0 at `total`, as transformers' schedules of the same names do: step 0
/// of a warm-up has rate 0.
pub fn learning_rate(
    schedule: Schedule,
    peak: f64,
    step: usize,
    warmup: usize,
    total: usize,
) -> f64 {
    if step < warmup {
        return peak * step as f64 / warmup as f64;
    }
    let progress = (step - warmup) as f64 / (total.saturating_sub(warmup)).max(1) as f64;
    let progress = progress.min(1.0);
    peak * match schedule {
        Schedule::Linear => 1.0 - progress,
        Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
        Schedule::Constant => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_at_the_corners() {
        let cases = [
            (Schedule::Linear, 0, 0.0),
            (Schedule::Linear, 5, 0.5),
            (Schedule::Linear, 10, 1.0),
            (Schedule::Linear, 55, 0.5),
            (Schedule::Linear, 100, 0.0),
            (Schedule::Cosine, 55, 0.5),
            (Schedule::Cosine, 100, 0.0),
            (Schedule::Constant, 5, 0.5),
            (Schedule::Constant, 100, 1.0),
        ];
        for (schedule, step, expected) in cases {
            let found = learning_rate(schedule, 1.0, step, 10, 100);
            assert!(
                (found - expected).abs() < 1e-12,
                "{schedule:?} {step}: {found}"
            );
        }
        assert_eq!(learning_rate(Schedule::Linear, 2.0, 0, 0, 0), 2.0);
    }
}
