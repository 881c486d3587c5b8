//! What models of other families than BERT compute, and a device's own test does not try: their first layers,
//! tried where such a model is used, as wide as they are. So nothing is compiled but what it computes with.

use super::shape::{fill, loss_of};
use super::{Computed, Difference, HALF, SINGLE, compare, numbers, step_of};
use crate::config::{Activation, Config, Norm, NormPlacement};
use crate::device::{ComputeDevice, DeviceError};
use crate::fault::catching;
use crate::model::TokenClassifier;
use crate::ops::Kernels;
use crate::precision::Precision;
use burn::tensor::Device;
use std::collections::BTreeMap;
use tagsmith_protocol::DeviceKind;

/// Layers that are tried: where some are unlike others, the second is unlike the first.
const TURNS: usize = 2;

/// More than any that is tried needs.
const WORDS: usize = 61;

const LENGTHS: [usize; 5] = [19, 7, 1, 150, 40];

/// Tries a model's first layers on the device where it is to compute, which has passed its own test: logits, and
/// the gradients on one with autodiff. Nothing on the CPU, nor of what that test knows.
///
/// # Errors
/// The device computes something else than the CPU, or its driver fails.
pub fn test_family(
    config: &Config,
    info: &ComputeDevice,
    device: &Device,
    precision: Precision,
) -> Result<(), DeviceError> {
    if info.kind == DeviceKind::Cpu || is_known(config) {
        return Ok(());
    }
    let compared = catching(|| {
        let found = compute(config, device, precision, Kernels::of(info, precision));
        differ(&found, config, device, precision)
    });
    let reason = match compared {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(difference)) => format!("it computes wrong numbers: {difference}"),
        Err(panic) => format!("its driver failed: {panic}"),
    };
    Err(DeviceError::Refused {
        id: info.id.clone(),
        name: info.name.clone(),
        reason: format!(
            "for models of the family `{}` {reason}",
            config.family.model_type
        ),
    })
}

/// Whether the test of a device has tried all that the model computes.
fn is_known(config: &Config) -> bool {
    config.rotary.is_none()
        && config.relative_positions.is_none()
        && config.convolution.is_none()
        && !config.is_gated
        && config.hidden_act == Activation::Gelu
        && config.norm == Norm::Layer
        && config.norm_placement == NormPlacement::After
}

/// The largest difference from the CPU.
fn differ(
    found: &Computed,
    config: &Config,
    device: &Device,
    precision: Precision,
) -> Result<f64, Difference> {
    let cpu = match device.is_autodiff() {
        true => Device::flex().autodiff(),
        false => Device::flex(),
    };
    let expected = compute(config, &cpu, Precision::F32, Kernels::Cpu);
    compare(
        found,
        &expected,
        if precision.is_half() { HALF } else { SINGLE },
    )
}

/// The same with its first layers alone, those that share weights in as many turns.
fn shortened(mut config: Config) -> Config {
    let groups = &mut config.groups;
    groups.count = groups.count.min(TURNS);
    groups.layers = groups.layers.min(TURNS);
    let turns = match (groups.count, groups.layers) {
        (1, TURNS) => 1,
        _ => TURNS,
    };
    config.num_hidden_layers = groups.layers * turns;
    config
}

fn compute(config: &Config, device: &Device, precision: Precision, kernels: Kernels) -> Computed {
    let labels: Vec<String> = (0..5).map(|label| format!("L{label}")).collect();
    let lengths = LENGTHS.map(|length| length.min(config.max_tokens()));
    let mut config = config.clone().with_labels(&labels);
    config.vocab_size = WORDS;
    config.untrained_token = config.untrained_token.map(|_| 0);
    config.pad_token_id = 0;
    config = shortened(config);
    let model = fill(TokenClassifier::new(&config, 1, device)).computing(precision, kernels);
    let types = config.type_vocab_size.max(1);
    let (logits, loss) = loss_of(&model, &lengths, [WORDS, types, labels.len()], device);
    let mut computed = BTreeMap::from([("logits".to_owned(), numbers(logits))]);
    if device.is_autodiff() {
        computed.append(&mut step_of(&model, loss.backward()));
    }
    Computed(computed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn configs() -> Vec<Config> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families");
        let folders = std::fs::read_dir(folder).unwrap();
        let configs = folders.map(|folder| Config::from_folder(&folder.unwrap().path()));
        // Some are there to be refused.
        configs.filter_map(Result::ok).collect()
    }

    /// A trial is small, however deep the model is.
    #[test]
    fn of_a_deep_model_the_first_layers_alone_are_tried() {
        for config in configs() {
            let mut deep = config;
            let of_group = deep.groups.layers;
            if deep.groups.count == 1 && of_group > 1 {
                deep.groups.layers = 28;
                deep.num_hidden_layers = 28;
            }
            let short = shortened(deep);
            assert!(short.groups.layers * short.groups.count <= 2 * TURNS);
            assert!(short.num_hidden_layers <= 2 * TURNS, "{short:?}");
        }
    }

    #[test]
    fn all_that_a_device_is_not_tested_with_is_tried() {
        let device = Device::flex().autodiff();
        let mut tried = 0;
        for config in configs().into_iter().filter(|config| !is_known(config)) {
            let found = compute(&config, &device, Precision::F32, Kernels::Reference);
            let off = differ(&found, &config, &device, Precision::F32).unwrap();
            eprintln!("{}: {off:.1e}", config.family.model_type);
            assert!(off > 0.0 && off < SINGLE.share / 10.0, "{off:e}");
            let mut spoilt = found.clone();
            let spoil = |values: &mut Vec<f32>| values.iter_mut().for_each(|value| *value *= 1.02);
            spoilt.0.values_mut().for_each(spoil);
            assert!(differ(&spoilt, &config, &device, Precision::F32).is_err());
            tried += 1;
        }
        assert!(tried >= 5, "{tried}");
    }

    /// On the first GPU, a software one as well, with and without autodiff, in all types that it has.
    #[cfg(feature = "gpu")]
    #[test]
    fn a_gpu_passes_in_each_precision() {
        use crate::precision::dtype_of;
        use burn::tensor::DeviceType;
        let Some(device) = Device::enumerate(DeviceType::Wgpu).into_iter().next() else {
            eprintln!("skipped: there is no GPU");
            return;
        };
        for config in configs().into_iter().filter(|config| !is_known(config)) {
            for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
                if !device.supports_dtype(dtype_of(precision)) {
                    continue;
                }
                let kernels = Kernels::best(&device, precision);
                for device in [device.clone(), device.clone().autodiff()] {
                    let found = compute(&config, &device, precision, kernels);
                    let off = differ(&found, &config, &device, precision).unwrap();
                    let (name, precision) = (config.family.model_type, precision.name());
                    eprintln!("{name}, {precision}: {off:.1e}");
                }
            }
        }
    }
}
