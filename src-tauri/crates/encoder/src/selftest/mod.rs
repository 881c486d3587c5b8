//! Whether a device computes what the CPU computes: a small model, forward, backward and one step.
//!
//! Some drivers give wrong gradients silently. So before a device is used, the
//! logits, the loss, all gradients and the weights after two steps of a fixed model on a fixed batch, with
//! dropout and clipping, are compared with the CPU's.

mod family;
mod products;
mod shape;

pub use family::test_family;

use crate::fault::{Fault, catching};
use crate::model::TokenClassifier;
use crate::ops::{self, Clip, GpuKernels, Gradient, Kernels};
use crate::precision::{Precision, dtype_of};
use crate::walk::{self, Visitor};
use crate::weights::ParamPath;
use burn::module::Param;
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use shape::Shape;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Instant;

/// How far numbers may be apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// As a share of the largest number of the same tensor.
    pub share: f64,
    /// Where the largest is below this, it counts as this: the gradient of a key's bias, for one, is
    /// 0 but for rounding.
    pub least: f64,
}

/// Cards that shorten factors of a product to 10 or 11 bits (TF32) are off by about a thousandth.
const SINGLE: Tolerance = Tolerance {
    share: 5e-3,
    least: 1e-4,
};

/// In half precision each rounding is off by up to a 256th (bf16) or a 2048th (f16).
const HALF: Tolerance = Tolerance {
    share: 0.15,
    least: 0.02,
};

/// All that a pass and a step compute, by name. Values row by row.
#[derive(Clone, Debug, Default)]
pub struct Computed(pub BTreeMap<String, Vec<f32>>);

/// How close a device came.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// In words.
    pub detail: String,
    /// The half-precision types in which it passed too.
    pub half: Vec<String>,
    /// Those of them in which it passed with products on tensor cores.
    pub tensor_cores: Vec<String>,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Difference {
    /// Numbers are too far apart.
    #[error("{what} is off by {share:.1e} of its largest number, {allowed:.1e} is allowed")]
    Numbers {
        /// `logits`, `loss`, `gradient of NAME`, `squares of NAME` or `NAME after two steps`.
        what: String,
        /// As a share of the largest number of the tensor; infinite where one is not finite.
        share: f64,
        /// The tolerance.
        allowed: f64,
    },
    /// Something was not computed at all, or has another size.
    #[error("{what} has {found} numbers, expected {expected}")]
    Size {
        /// As above.
        what: String,
        /// How many there are.
        found: usize,
        /// How many the CPU has.
        expected: usize,
    },
    /// Nothing can be computed there any more, since a kernel on tensor cores failed.
    #[error("a kernel on tensor cores failed in {precision}: {reason}")]
    TensorCores {
        /// The type of 16 bits.
        precision: &'static str,
        /// What the failure said.
        reason: String,
    },
}

/// How a device is tested.
pub struct Trial<'a> {
    /// Whether kernels on tensor cores are tried, where the driver states that there are some.
    pub tensor_cores: bool,
    /// Called before they are: from then on they may be the cause of any failure.
    pub trying: &'a dyn Fn(),
    /// What the device does wrong, to test the test.
    pub fault: Option<Fault>,
}

impl Trial<'_> {
    /// Says that kernels on tensor cores are tried, which may be when the device fails.
    fn try_tensor_cores(&self) {
        (self.trying)();
        match self.fault {
            Some(Fault::TensorCoreAbort) => std::process::abort(),
            Some(Fault::TensorCoreFault) => panic!("as the test asked"),
            _ => {}
        }
    }

    /// Where the fault is one of tensor cores, the device seems to have some.
    fn has_faulty_tensor_cores(&self) -> bool {
        let fault = self.fault;
        let is_theirs = matches!(fault, Some(Fault::TensorCoreAbort | Fault::TensorCoreFault));
        self.tensor_cores && is_theirs
    }
}

/// Compares a device with the CPU.
///
/// # Errors
/// The tensor that is furthest off, or that nothing works after kernels on tensor cores were tried.
pub fn test(device: &Device, trial: &Trial) -> Result<Passed, Difference> {
    let shape = Shape::SMALL;
    let single = |device: &Device| {
        let kernels = Kernels::best_on(device);
        compute(&shape, device, Precision::F32, kernels)
    };
    let expected = single(&Device::flex());
    let mut found = single(device);
    if trial.fault == Some(Fault::WrongGradient) {
        spoil(&mut found);
    }
    let share = compare(&found, &expected, SINGLE)?;
    if trial.has_faulty_tensor_cores() {
        trial.try_tensor_cores();
    }
    let works = || {
        let again = catching(|| compare(&single(device), &expected, SINGLE));
        matches!(again, Ok(Ok(_)))
    };
    let mut half = Vec::new();
    for precision in [Precision::Bf16, Precision::F16] {
        // A type that is claimed but not there ends in a panic of the compiler below.
        let attempt = |kernels: &GpuKernels| {
            catching(|| {
                let found = compute(&shape, device, precision, Kernels::Gpu(*kernels));
                compare(&found, &expected, HALF)?;
                match kernels.tensor_cores {
                    true => products::test_tensor_cores(device, precision),
                    false => Ok(()),
                }
            })
        };
        if !device.supports_dtype(dtype_of(precision)) {
            continue;
        }
        let stated = match trial.tensor_cores {
            true => GpuKernels::stated(device, precision),
            false => GpuKernels::default(),
        };
        if stated.tensor_cores {
            trial.try_tensor_cores();
        }
        let kernels =
            passing(stated, attempt, works).map_err(|reason| Difference::TensorCores {
                precision: precision.name(),
                reason,
            })?;
        half.extend(kernels.map(|kernels| (precision.name().to_owned(), kernels)));
    }
    let with_tensor_cores = half.iter().filter(|(_, kernels)| kernels.tensor_cores);
    let tensor_cores = with_tensor_cores.map(|(name, _)| name.clone()).collect();
    Ok(Passed {
        detail: format!(
            "equal to the CPU to {share:.1e} in {} tensors",
            expected.0.len()
        ),
        half: half.into_iter().map(|(name, _)| name).collect(),
        tensor_cores,
    })
}

/// Whether the CPU has instructions for bf16, and computes rightly with them: one that claims what its
/// system does not grant, or that is wrong, does not.
pub(crate) fn cpu_gains_by_bf16() -> bool {
    static GAINS: OnceLock<bool> = OnceLock::new();
    *GAINS.get_or_init(|| {
        ops::gemm::bf16_instructions().is_some() && {
            let compute =
                |precision| compute(&Shape::SMALL, &Device::flex(), precision, Kernels::Cpu);
            let passed = std::panic::catch_unwind(|| {
                compare(&compute(Precision::Bf16), &compute(Precision::F32), HALF).is_ok()
            });
            passed.unwrap_or(false)
        }
    })
}

/// Computes what the test of a device computes in one precision, so that its kernels are compiled, and
/// calls `done` after each part. What comes out is not looked at.
pub fn compute_all(device: &Device, precision: Precision, done: impl Fn()) {
    if !precision.is_half() {
        let kernels = Kernels::best_on(device);
        for shape in [Shape::SMALL, Shape::USUAL] {
            compute(&shape, device, precision, kernels);
            done();
        }
    } else if device.supports_dtype(dtype_of(precision)) {
        let stated = GpuKernels::stated(device, precision);
        compute(&Shape::SMALL, device, precision, Kernels::Gpu(stated));
        done();
        if stated.tensor_cores {
            let _ = products::test_tensor_cores(device, precision);
            done();
        }
    }
}

/// The kernels by which a device comes near in a type of 16 bits, all that its driver states or else the
/// plain ones; nothing where it is off with either. `attempt` panics where a driver does.
///
/// # Errors
/// The device no longer `works`, since an attempt with tensor cores panicked; what that said.
fn passing(
    stated: GpuKernels,
    attempt: impl Fn(&GpuKernels) -> Result<Result<(), Difference>, String>,
    works: impl Fn() -> bool,
) -> Result<Option<GpuKernels>, String> {
    let first = attempt(&stated);
    let plain = GpuKernels::default();
    match first {
        Ok(Ok(())) => Ok(Some(stated)),
        _ if stated == plain => Ok(None),
        _ if matches!(attempt(&plain), Ok(Ok(()))) => Ok(Some(plain)),
        Err(panic) if !works() => Err(panic),
        _ => Ok(None),
    }
}

/// The largest difference between two results, as a share of the largest number of its tensor.
///
/// # Errors
/// It is larger than `allowed` says, or a tensor is absent.
pub fn compare(
    found: &Computed,
    expected: &Computed,
    allowed: Tolerance,
) -> Result<f64, Difference> {
    let mut worst = (0.0, "");
    for (what, expected) in &expected.0 {
        let found = found.0.get(what).map_or(&[][..], Vec::as_slice);
        if found.len() != expected.len() {
            return Err(Difference::Size {
                what: what.clone(),
                found: found.len(),
                expected: expected.len(),
            });
        }
        let share = share_of_difference(found, expected, allowed.least);
        if share > worst.0 {
            worst = (share, what);
        }
    }
    match worst {
        (share, _) if share <= allowed.share => Ok(share),
        (share, what) => Err(Difference::Numbers {
            what: what.into(),
            share,
            allowed: allowed.share,
        }),
    }
}

fn share_of_difference(found: &[f32], expected: &[f32], least: f64) -> f64 {
    let largest = expected
        .iter()
        .fold(0.0f64, |most, x| most.max(f64::from(x.abs())));
    let difference = found.iter().zip(expected).fold(0.0f64, |most, (a, b)| {
        let difference = (f64::from(*a) - f64::from(*b)).abs();
        // Not a number would pass every comparison.
        most.max(if difference.is_finite() {
            difference
        } else {
            f64::INFINITY
        })
    });
    difference / largest.max(least)
}

fn spoil(computed: &mut Computed) {
    let gradient = computed
        .0
        .iter_mut()
        .find(|(name, _)| name.starts_with("gradient of"));
    if let Some((_, values)) = gradient {
        let largest = values.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        values[0] += largest * 0.01;
    }
}

/// How many training steps `device` does in the time that the CPU takes for one, on a model of a
/// size that people train. A number below 1 means that the CPU is faster.
pub fn speed(device: &Device) -> f64 {
    seconds_a_pass(&Device::flex()) / seconds_a_pass(device)
}

/// The fastest of three, after one in which kernels are compiled.
fn seconds_a_pass(device: &Device) -> f64 {
    let shape = Shape::USUAL;
    let training = device.clone().autodiff();
    let model = shape.model(&training);
    let pass = || {
        let began = Instant::now();
        let (_, loss) = shape.loss(&model, &training);
        // Reading one gradient waits for all that it was computed from.
        step_of(&model, loss.backward());
        began.elapsed().as_secs_f64()
    };
    pass();
    (0..3).map(|_| pass()).fold(f64::INFINITY, f64::min)
}

fn compute(shape: &Shape, device: &Device, precision: Precision, kernels: Kernels) -> Computed {
    let training = device.clone().autodiff();
    let model = shape.model(&training).computing(precision, kernels);
    let (logits, loss) = shape.loss(&model, &training);
    let mut computed = BTreeMap::from([
        ("logits".to_owned(), numbers(logits)),
        ("loss".to_owned(), numbers(loss.clone())),
    ]);
    computed.append(&mut step_of(&model, loss.backward()));
    Computed(computed)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Each parameter's gradient, and the parameter after one step with it.
fn step_of(model: &TokenClassifier, gradients: Gradients) -> BTreeMap<String, Vec<f32>> {
    let mut reader = Reader {
        gradients,
        computed: BTreeMap::new(),
    };
    walk::visit(model, model.names(), &mut reader);
    reader.computed
}

/// Reads them.
struct Reader {
    gradients: Gradients,
    computed: BTreeMap<String, Vec<f32>>,
}

impl Visitor for Reader {
    fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>) {
        let Some(gradient) = Gradient::take(&param.val(), &mut self.gradients) else {
            return;
        };
        let name = path.name();
        let size = param.lazy_shape().num_elements();
        let gradient = gradient.values(size);
        self.computed
            .insert(format!("gradient of {name}"), gradient.clone());
        let weight = param.val().inner().reshape([size]);
        let gradient = TensorData::new(gradient, [size]);
        let gradient = Gradient::Dense(Tensor::from_data(gradient, &weight.device()));
        let kernels = Kernels::best_on(&weight.device());
        let squares = kernels
            .unread_sum_of_squares([&gradient].into_iter())
            .expect("the gradient is dense");
        self.computed
            .insert(format!("squares of {name}"), numbers(squares.clone()));
        // A large epsilon: where a gradient is but rounding, its sign would decide the step.
        let step = |steps| ops::AdamWStep {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-2,
            weight_decay: 0.01,
            learning_rate: 0.1,
            gradient_scale: 0.5,
            steps,
        };
        let clip = Some(Clip {
            squares,
            limit: 0.1,
        });
        // The second step is the first to have moments.
        let (stepped, moments) =
            kernels.adamw(weight, gradient.clone(), None, &step(1), clip.as_ref());
        let (stepped, _) = kernels.adamw(stepped, gradient, Some(moments), &step(2), clip.as_ref());
        self.computed
            .insert(format!("{name} after two steps"), numbers(stepped));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> Computed {
        compute(&Shape::SMALL, &Device::flex(), Precision::F32, Kernels::Cpu)
    }

    #[test]
    fn the_cpu_agrees_with_itself_and_all_parts_are_compared() {
        let computed = result();
        assert_eq!(compare(&computed, &computed, SINGLE), Ok(0.0));
        // Logits and loss; of 5 tensors around 2 layers of 16, and the head's 2, three each.
        assert_eq!(computed.0.len(), 2 + 3 * (5 + 2 * 16 + 2));
        let largest = computed.0["logits"]
            .iter()
            .fold(0.0f32, |most, x| most.max(x.abs()));
        assert!(
            largest > 0.01,
            "a model that gives only zeros tests nothing"
        );
    }

    #[test]
    fn a_panic_with_tensor_cores_is_a_fault_where_nothing_works_after_it() {
        let stated = GpuKernels { tensor_cores: true };
        let plain = GpuKernels::default();
        let off = || {
            Ok(Err(Difference::Size {
                what: "loss".into(),
                found: 0,
                expected: 1,
            }))
        };
        let panics = || Err("misaligned address".to_owned());
        let chosen = |with: Result<_, String>, without: Result<_, String>, works: bool| {
            let attempt = |kernels: &GpuKernels| match kernels.tensor_cores {
                true => with.clone(),
                false => without.clone(),
            };
            passing(stated, attempt, || works)
        };
        assert_eq!(chosen(Ok(Ok(())), panics(), false), Ok(Some(stated)));
        assert_eq!(chosen(off(), Ok(Ok(())), true), Ok(Some(plain)));
        assert_eq!(chosen(panics(), Ok(Ok(())), true), Ok(Some(plain)));
        // The type is not there at all, and all else works.
        assert_eq!(chosen(panics(), panics(), true), Ok(None));
        assert_eq!(chosen(off(), off(), false), Ok(None));
        let fault = Err("misaligned address".into());
        assert_eq!(chosen(panics(), panics(), false), fault);
        assert_eq!(passing(plain, |_| off(), || false), Ok(None));
    }

    #[test]
    fn half_precision_comes_near_and_f16_nearer() {
        let expected = result();
        let off = |precision| {
            let kernels = Kernels::Reference;
            let found = compute(&Shape::SMALL, &Device::flex(), precision, kernels);
            assert!(found.0.values().flatten().all(|number| number.is_finite()));
            compare(&found, &expected, HALF).unwrap()
        };
        let (bf16, f16) = (off(Precision::Bf16), off(Precision::F16));
        eprintln!("off by {bf16:.1e} in bf16, {f16:.1e} in f16");
        assert!(bf16 > f16 && f16 > 1e-6, "{bf16} in bf16, {f16} in f16");
    }

    #[test]
    fn trap_a_device_that_computes_wrongly_is_found_out() {
        let expected = result();
        let spoilt = |name: &str, spoil: fn(&mut Vec<f32>)| {
            let mut found = expected.clone();
            spoil(found.0.get_mut(name).unwrap());
            compare(&found, &expected, SINGLE).unwrap_err().to_string()
        };
        assert!(spoilt("loss", |v| v[0] *= 1.01).starts_with("loss is off by 1.0e-2"));
        assert!(spoilt("logits", |v| v[3] = f32::NAN).contains("inf"));
        let name = "gradient of bert.embeddings.word_embeddings.weight";
        assert!(spoilt(name, |v| v.fill(0.0)).contains(name));
        assert!(
            spoilt(name, |v| {
                v.pop();
            })
            .contains("numbers, expected")
        );
        let mut found = expected.clone();
        spoil(&mut found);
        compare(&found, &expected, SINGLE).unwrap_err();
    }
}
