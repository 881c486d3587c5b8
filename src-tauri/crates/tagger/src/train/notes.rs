//! What a person should know of the model that a run begins with.

use crate::labels::HeadPlan;
use tagsmith_encoder::TokenClassifier;
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::device::{ComputeDevice, DeviceKind};
use tagsmith_encoder::model::{Head, LoadReport};
use tagsmith_protocol::{Event, MomentPrecision, TrainConfig};

/// Where its head comes from.
pub(super) fn head_note(report: &LoadReport, plan: &HeadPlan) -> Option<Event> {
    let message = match report.head {
        Head::Kept => "the model already has a head for these labels: it is trained further".into(),
        Head::Reordered => {
            "the model already has a head for these labels in another order: it is trained further"
                .into()
        }
        Head::Partial => {
            let pairs = plan.continued.iter();
            let pairs = pairs.map(|(new, old)| match new == old {
                true => new.clone(),
                false => format!("{new} (from {old})"),
            });
            let others = match plan.rows.contains(&None) {
                true => "; others from random numbers",
                false => "",
            };
            format!(
                "these labels start from the model's own head: {}{others}",
                pairs.collect::<Vec<_>>().join(", ")
            )
        }
        Head::New if !report.replaced_labels.is_empty() => format!(
            "the model's own head finds other labels ({}): a new one is trained",
            report.replaced_labels.join(", ")
        ),
        Head::New => return None,
    };
    Some(Event::warning("head", message))
}

/// What of it is trained, where that is an adapter.
pub(super) fn adapter_note(config: &TrainConfig, model: &TokenClassifier) -> Option<Event> {
    if config.lora_rank == 0 {
        return None;
    }
    let (trained, all) = (model.num_trained(), model.num_params());
    let message = format!(
        "LoRA trains {trained} of {all} weights ({:.1} %): those of the adapter and the head",
        100.0 * trained as f64 / all as f64
    );
    Some(Event::warning("adapter", message))
}

/// That moments stay in 32 bits although 16 were asked for.
pub(super) fn wide_moments(config: &TrainConfig, device: &ComputeDevice) -> Option<Event> {
    let is_refused = config.moments == MomentPrecision::Bf16 && device.kind != DeviceKind::Cpu;
    let message = "the optimiser's moments stay in 32 bits: only the CPU keeps them in 16";
    is_refused.then(|| Event::warning("moments", message))
}

/// The warning that a run ends before all layers are unfrozen.
pub(super) fn never_unfrozen(config: &TrainConfig, layers: usize) -> Option<Event> {
    let epochs = config.epochs.unwrap_or(1);
    let left = config.frozen_at(epochs - 1, layers) - config.frozen_layers;
    let message = || {
        format!(
            "the lowest {left} of the layers that are unfrozen one after the other are never trained: there are {epochs} epochs, and each layer takes {}",
            config.gradual_unfreezing
        )
    };
    (left > 0).then(|| Event::warning("unfreezing", message()))
}
