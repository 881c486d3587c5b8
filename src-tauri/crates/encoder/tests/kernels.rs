//! The fused operations of the CPU give what burn's own give, forward and backward, to rounding.
//!
//! Each case runs with either form from the same seed, so that both drop the same elements, and
//! with other numbers of threads, which must not change a bit.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

use std::sync::Mutex;
use tagsmith_encoder::burn::module::Param;
use tagsmith_encoder::burn::nn::{Embedding, LayerNormConfig, Linear};
use tagsmith_encoder::burn::tensor::{Bool, DType, Device, Gradients, Int, Tensor, TensorData};
use tagsmith_encoder::{Activation, ops};

/// The forms may differ by this much of the largest number.
const ROUNDING: f64 = 4e-6;

/// Which form runs is the whole process's choice: one case at a time.
static CHOICE: Mutex<()> = Mutex::new(());

type GradientOf = Box<dyn Fn(&Gradients) -> Vec<f32>>;

/// Makes the inputs of a case and finds their gradients afterwards.
struct Inputs {
    device: Device,
    gradients: Vec<GradientOf>,
}

impl Inputs {
    /// A parameter whose numbers follow from the shape and how many were made before it.
    fn leaf<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let seed = self.gradients.len() as u64 + 1;
        let numbers = ops::normal(shape.iter().product(), 1.0, seed);
        let data = TensorData::new(numbers, shape);
        let leaf = Tensor::<D>::from_data(data, &self.device);
        if !self.device.is_autodiff() {
            return leaf;
        }
        let leaf = leaf.require_grad();
        let of = leaf.clone();
        self.gradients.push(Box::new(move |gradients| {
            let gradient = of.grad(gradients).expect("every input has a gradient");
            numbers_of(gradient)
        }));
        leaf
    }

    /// The same from the middle of a network: nothing else holds it, so it may be written over.
    fn middle<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        self.leaf(shape) * 1.5
    }
}

fn numbers_of<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The result of a case and the gradients of its inputs under a fixed weighting of the result.
fn results<const D: usize>(plain: bool, case: &dyn Fn(&mut Inputs) -> Tensor<D>) -> Vec<Vec<f32>> {
    ops::use_plain(plain);
    let mut inputs = Inputs {
        device: Device::flex().autodiff(),
        gradients: Vec::new(),
    };
    ops::seed_dropout(&inputs.device, 77);
    let out = case(&mut inputs);
    let shape = out.dims();
    let weights = ops::normal(shape.iter().product(), 1.0, 99);
    let weights = Tensor::<D>::from_data(TensorData::new(weights, shape), &inputs.device);
    let gradients = (out.clone() * weights).sum().backward();
    let mut found = vec![numbers_of(out)];
    found.extend(inputs.gradients.iter().map(|of| of(&gradients)));
    found
}

fn check<const D: usize>(name: &str, case: impl Fn(&mut Inputs) -> Tensor<D> + Sync) {
    let _choice = CHOICE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let plain = results(true, &case);
    let fused = results(false, &case);
    assert_eq!(plain.len(), fused.len());
    for (place, (plain, fused)) in plain.iter().zip(&fused).enumerate() {
        assert_eq!(plain.len(), fused.len(), "{name}, {place}");
        let largest = plain.iter().fold(1e-3f32, |top, x| top.max(x.abs()));
        for (at, (plain, fused)) in plain.iter().zip(fused).enumerate() {
            let off = f64::from((plain - fused).abs() / largest);
            assert!(
                off < ROUNDING,
                "{name}, result {place} at {at}: {fused}, expected {plain}"
            );
        }
    }
    for threads in [1, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let again = pool.build().unwrap().install(|| results(false, &case));
        assert_eq!(fused, again, "{name} on {threads} threads");
    }
    // Without autodiff: the same, with nothing dropped.
    let inference = |plain| {
        ops::use_plain(plain);
        let device = Device::flex();
        let gradients = Vec::new();
        numbers_of(case(&mut Inputs { device, gradients }))
    };
    for (plain, fused) in inference(true).iter().zip(inference(false)) {
        assert!(
            (plain - fused).abs() < 1e-4 * plain.abs().max(1.0),
            "{name}"
        );
    }
}

#[test]
fn gelu() {
    for shape in [[1, 1, 1], [3, 7, 5], [2, 130, 300]] {
        check(&format!("gelu {shape:?}"), |inputs| {
            ops::activate(inputs.middle(shape), Activation::Gelu)
        });
    }
}

#[test]
fn dropout() {
    for shape in [[1, 1, 1], [3, 7, 5], [2, 130, 300]] {
        for rate in [0.0, 0.1, 0.5] {
            check(&format!("dropout {rate} {shape:?}"), |inputs| {
                ops::dropout(ops::dropout(inputs.middle(shape), rate), rate)
            });
        }
    }
}

#[test]
fn linear() {
    for (shape, to) in [
        ([1, 1, 3], 2),
        ([2, 5, 33], 17),
        ([1, 600, 40], 400),
        ([3, 40, 600], 1),
    ] {
        check(&format!("linear {shape:?} to {to}"), |inputs| {
            let layer = Linear {
                weight: Param::from_tensor(inputs.leaf([shape[2], to])),
                bias: Some(Param::from_tensor(inputs.leaf([to]))),
            };
            ops::linear(inputs.middle(shape), &layer)
        });
    }
}

#[test]
fn linear_of_a_view() {
    check(
        "linear of a transposed weight and a transposed input",
        |inputs| {
            let device = &inputs.device;
            let numbers = TensorData::new(ops::normal(35, 1.0, 4), [5, 7]);
            let layer = Linear {
                weight: Param::from_tensor(Tensor::<2>::from_data(numbers, device).transpose()),
                bias: Some(Param::from_tensor(Tensor::ones([5], device))),
            };
            ops::linear(inputs.middle([3, 7, 2]).swap_dims(1, 2), &layer)
        },
    );
}

#[test]
fn add_norm() {
    for shape in [[1, 1, 3], [3, 7, 33], [2, 70, 384]] {
        for (rate, epsilon) in [(0.0, 1e-12), (0.1, 1e-12), (0.1, 1e-2)] {
            check(&format!("add_norm {rate} {epsilon} {shape:?}"), |inputs| {
                let config = LayerNormConfig::new(shape[2]).with_epsilon(epsilon);
                let mut norm = config.init(&inputs.device);
                norm.gamma = Param::from_tensor(inputs.leaf([shape[2]]));
                norm.beta = Some(Param::from_tensor(inputs.leaf([shape[2]])));
                // One input twice, as in an encoder, where the residual feeds the block too.
                let residual = inputs.middle(shape);
                let input = inputs.middle(shape) + residual.clone();
                ops::add_norm(input, residual, &norm, epsilon, rate)
            });
        }
    }
}

#[test]
fn attention() {
    for ([batch, seq, hidden], heads) in [
        ([1, 1, 4], 2),
        ([2, 5, 6], 3),
        ([3, 33, 24], 2),
        ([2, 70, 64], 2),
        ([1, 130, 32], 1),
    ] {
        for (rate, masked) in [(0.0, false), (0.0, true), (0.1, false), (0.1, true)] {
            let name = format!("attention {batch}x{seq}x{hidden}, {rate}, masked {masked}");
            check(&name, |inputs| {
                let [query, key, value] = [(); 3].map(|()| inputs.middle([batch, seq, hidden]));
                // The last row is padding throughout.
                let real: Vec<bool> = (0..batch * seq)
                    .map(|at| at / seq + 1 < batch && at % seq < seq.div_ceil(2) + at / seq)
                    .collect();
                let real = TensorData::new(real, [batch, seq]);
                let real = Tensor::<2, Bool>::from_data(real, &inputs.device);
                let bias = masked.then(|| ops::attention_bias(real, DType::F32));
                let out = ops::attention(query, key, value, heads, bias, rate);
                assert!(numbers_of(out.clone()).iter().all(|x| x.is_finite()));
                out
            });
        }
    }
}

#[test]
fn embedding() {
    for [batch, seq] in [[1, 1], [2, 9], [5, 40]] {
        check(&format!("embedding {batch}x{seq}"), |inputs| {
            let table = Embedding {
                weight: Param::from_tensor(inputs.leaf([50, 7])),
            };
            let ids: Vec<i64> = (0..batch * seq).map(|at| (at * at % 50) as i64).collect();
            let ids = TensorData::new(ids, [batch, seq]);
            ops::embedding(&table, Tensor::<2, Int>::from_data(ids, &inputs.device))
        });
    }
}

/// A weight and its moments after three steps of AdamW.
fn stepped(plain: bool, size: usize) -> [Vec<f32>; 3] {
    ops::use_plain(plain);
    let flat = |seed| {
        let numbers = TensorData::new(ops::normal(size, 1.0, seed), [size]);
        Tensor::<1>::from_data(numbers, &Device::flex())
    };
    let (mut weight, mut moments) = (flat(1), None);
    for steps in 1..=3 {
        let step = ops::AdamWStep {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            learning_rate: 1e-2,
            gradient_scale: 0.7,
            steps,
        };
        let next;
        (weight, next) = ops::adamw(weight, flat(10 + steps as u64), moments, &step);
        moments = Some(next);
    }
    let [first, second] = moments.unwrap();
    [weight, first, second].map(numbers_of)
}

#[test]
fn adamw_and_norm() {
    let _choice = CHOICE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    for size in [1, 100, 70_001] {
        for (plain, fused) in stepped(true, size).iter().zip(stepped(false, size)) {
            for (plain, fused) in plain.iter().zip(fused) {
                assert!((plain - fused).abs() < 1e-6, "{fused}, expected {plain}");
            }
        }
        let numbers = ops::normal(size, 1.0, 3);
        let exact: f64 = numbers.iter().map(|x| f64::from(*x).powi(2)).sum();
        let tensor = Tensor::<1>::from_data(TensorData::new(numbers, [size]), &Device::flex());
        for plain in [true, false] {
            ops::use_plain(plain);
            let found = ops::sum_of_squares([&tensor, &tensor].into_iter());
            assert!((found / exact / 2.0 - 1.0).abs() < 1e-5, "{found}");
        }
    }
}
