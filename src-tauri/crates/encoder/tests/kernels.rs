//! The fused operations give what burn's own give, forward and backward, to rounding.
//!
//! Each case runs with all kernels from the same seed, so that all drop the same elements: burn's own
//! and the CPU's on the CPU, the latter with other numbers of threads, which must not change a bit; and
//! in a build for GPUs the GPU's on the first adapter, which may be a software one.
//!
//! One file, as every case goes through the same comparison.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

use tagsmith_checkpoint::RelativePositions;
use tagsmith_encoder::burn::module::Param;
use tagsmith_encoder::burn::nn::{LayerNorm, LayerNormConfig};
use tagsmith_encoder::burn::tensor::{DType, Device, Gradients, Int, Tensor, TensorData};
use tagsmith_encoder::ops::{Clip, Execution, Gradient, Kernels, Moments, Rotation, Scores};
use tagsmith_encoder::{Activation, SequenceOffsets, ops};

/// The forms may differ by this much of the largest number, or of the least that is taken for it.
const ROUNDING: (f64, f32) = (4e-6, 1e-3);

/// The same for a GPU, which has another exponential and adds up in another order. A difference of sums
/// that ought to cancel is small beside the sums.
const ROUNDING_OF_GPU: (f64, f32) = (2e-5, 0.1);

/// For hidden states of 16 bits, of which each is off by 1/512 at most: a few of them add up.
const NARROW: (f64, f32) = (2e-2, 1.0);

/// Without autodiff.
const INFERENCE: (f64, f32) = (1e-4, 1.0);

/// The first GPU, in a build for them: a software one will do.
fn gpu() -> Option<Device> {
    #[cfg(feature = "gpu")]
    {
        use tagsmith_encoder::burn::tensor::DeviceType;
        let found = Device::enumerate(DeviceType::Wgpu).into_iter().next();
        if found.is_none() {
            eprintln!("skipped on a GPU: there is none");
        }
        found
    }
    #[cfg(not(feature = "gpu"))]
    None
}

type GradientOf = Box<dyn Fn(&mut Gradients) -> Vec<f32>>;

/// Makes the inputs of a case and finds their gradients afterwards.
struct Inputs {
    device: Device,
    kernels: Kernels,
    /// Whether what comes from the middle of a network has 16 bits.
    is_narrow: bool,
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
            let gradient = ops::Gradient::take(&of, gradients).expect("every input has a gradient");
            gradient.values(of.dims().iter().product())
        }));
        leaf
    }

    /// The same from the middle of a network: nothing else holds it, so it may be written over.
    fn middle<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let middle = self.leaf(shape) * 1.5;
        match self.is_narrow {
            true => middle.cast(DType::BF16),
            false => middle,
        }
    }

    /// A LayerNorm over `width` columns.
    fn norm(&mut self, width: usize, epsilon: f64) -> LayerNorm {
        let config = LayerNormConfig::new(width).with_epsilon(epsilon);
        let mut norm = config.init(&self.device);
        norm.gamma = Param::from_tensor(self.leaf([width]));
        norm.beta = Some(Param::from_tensor(self.leaf([width])));
        norm
    }
}

fn widened<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    match tensor.dtype() {
        DType::BF16 => tensor.cast(DType::F32),
        _ => tensor,
    }
}

fn numbers_of<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The result of a case and the gradients of its inputs under a fixed weighting of the result.
fn results<const D: usize>(
    kernels: Kernels,
    device: Device,
    is_narrow: bool,
    case: &dyn Fn(&mut Inputs) -> Tensor<D>,
) -> Vec<Vec<f32>> {
    let mut inputs = Inputs {
        device: device.autodiff(),
        kernels,
        is_narrow,
        gradients: Vec::new(),
    };
    ops::seed_dropout(77);
    let out = widened(case(&mut inputs));
    let shape = out.dims();
    let weights = ops::normal(shape.iter().product(), 1.0, 99);
    let weights = Tensor::<D>::from_data(TensorData::new(weights, shape), &inputs.device);
    let mut gradients = (out.clone() * weights).sum().backward();
    let mut found = vec![numbers_of(out)];
    found.extend(inputs.gradients.iter().map(|of| of(&mut gradients)));
    found
}

#[track_caller]
fn assert_near(
    name: &str,
    found: &[Vec<f32>],
    expected: &[Vec<f32>],
    (allowed, least): (f64, f32),
) {
    assert_eq!(found.len(), expected.len());
    for (place, (expected, found)) in expected.iter().zip(found).enumerate() {
        assert_eq!(expected.len(), found.len(), "{name}, {place}");
        let largest = expected.iter().fold(least, |top, x| top.max(x.abs()));
        for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
            let off = f64::from((expected - found).abs() / largest);
            assert!(
                off < allowed,
                "{name}, result {place} at {at}: {found}, expected {expected}"
            );
        }
    }
}

fn check<const D: usize>(name: &str, case: impl Fn(&mut Inputs) -> Tensor<D> + Sync) {
    check_within(name, Some(NARROW), case);
}

/// With no tolerance for 16 bits, they are left out.
fn check_within<const D: usize>(
    name: &str,
    narrow: Option<(f64, f32)>,
    case: impl Fn(&mut Inputs) -> Tensor<D> + Sync,
) {
    let reference = results(Kernels::Reference, Device::flex(), false, &case);
    let narrow_too = narrow.map(|narrow| (true, narrow));
    for (is_narrow, rounding) in [(false, ROUNDING)].into_iter().chain(narrow_too) {
        let name = if is_narrow {
            format!("{name} in 16 bits")
        } else {
            name.to_owned()
        };
        let fused = || results(Kernels::Cpu, Device::flex(), is_narrow, &case);
        let found = fused();
        assert_near(&name, &found, &reference, rounding);
        for threads in [1, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let again = pool.build().unwrap().install(fused);
            assert!(found == again, "{name} on {threads} threads");
        }
    }
    // Without autodiff: the same, with nothing dropped.
    let inference = |kernels, device, is_narrow| {
        let gradients = Vec::new();
        vec![numbers_of(case(&mut Inputs {
            device,
            kernels,
            is_narrow,
            gradients,
        }))]
    };
    let expected = inference(Kernels::Reference, Device::flex(), false);
    let found = inference(Kernels::Cpu, Device::flex(), false);
    assert_near(name, &found, &expected, INFERENCE);
    if let Some(narrow) = narrow {
        let found = inference(Kernels::Cpu, Device::flex(), true);
        assert_near(name, &found, &expected, narrow);
    }
    // burn's own operations, which the cases use around ours, know no empty tensors on a GPU.
    let is_empty = reference[0].is_empty();
    if let Some(gpu) = gpu().filter(|_| !is_empty) {
        let name = format!("{name} on a GPU");
        let kernels = Kernels::best_on(&gpu);
        let found = results(kernels, gpu.clone(), false, &case);
        assert_near(&name, &found, &reference, ROUNDING_OF_GPU);
        let again = results(kernels, gpu.clone(), false, &case);
        assert!(found == again, "{name}, once more");
        assert_near(&name, &inference(kernels, gpu, false), &expected, INFERENCE);
    }
}

#[test]
fn gelu() {
    for shape in [[1, 1, 1], [3, 7, 5], [2, 130, 300]] {
        check(&format!("gelu {shape:?}"), |inputs| {
            inputs
                .kernels
                .activate(inputs.middle(shape), Activation::Gelu)
        });
    }
}

#[test]
fn dropout() {
    for shape in [[1, 1, 1], [3, 7, 5], [2, 130, 300]] {
        for rate in [0.0, 0.1, 0.5] {
            check(&format!("dropout {rate} {shape:?}"), |inputs| {
                let kernels = inputs.kernels;
                kernels.dropout(kernels.dropout(inputs.middle(shape), rate), rate)
            });
        }
    }
}

#[test]
fn linear() {
    for (rows, from, to) in [
        (1, 3, 2),
        (10, 33, 17),
        (600, 40, 400),
        (120, 600, 1),
        (0, 3, 2),
    ] {
        for has_bias in [true, false] {
            check(
                &format!("linear {rows}x{from} to {to} {has_bias}"),
                |inputs| {
                    let weight = inputs.leaf([from, to]);
                    let bias = has_bias.then(|| inputs.leaf([to]));
                    let input = inputs.middle([rows, from]);
                    inputs.kernels.linear(input, weight, bias)
                },
            );
        }
    }
}

#[test]
fn cross_entropy() {
    for (rows, labels, normaliser) in [(1, 1, 1.0), (7, 3, 7.0), (300, 35, 1000.0), (5, 4, 2.75)] {
        check(&format!("cross_entropy {rows}x{labels}"), |inputs| {
            let targets: Vec<i64> = (0..rows).map(|at| (at * at % labels) as i64).collect();
            let targets = TensorData::new(targets, [rows]);
            let targets = Tensor::<1, Int>::from_data(targets, &inputs.device);
            let logits = widened(inputs.middle([rows, labels])) * 3.0;
            inputs.kernels.cross_entropy(logits, targets, normaliser)
        });
    }
}

#[test]
fn feed_forward() {
    for (rows, hidden, inner) in [(1, 3, 8), (10, 33, 70), (600, 40, 160), (130, 64, 257)] {
        for kind in [Activation::Gelu, Activation::Relu] {
            let name = format!("feed_forward {kind:?} {rows}x{hidden}x{inner}");
            // Rounding moves sums across ReLU's step, and the gradient jumps there.
            let narrow = (kind == Activation::Gelu).then_some(NARROW);
            check_within(&name, narrow, |inputs| {
                // Scaled so that the sums lie where the GELU bends.
                let scale = 1.0 / (hidden as f64).sqrt();
                let weights = [
                    inputs.leaf([hidden, inner]) * scale,
                    inputs.leaf([inner, hidden]),
                ];
                let biases = [inputs.leaf([inner]), inputs.leaf([hidden])];
                let input = inputs.middle([rows, hidden]);
                inputs
                    .kernels
                    .feed_forward(input, weights, biases.map(Some), kind)
            });
        }
    }
}

#[test]
fn linear_of_a_view() {
    check(
        "linear of a transposed weight and a transposed input",
        |inputs| {
            let device = &inputs.device;
            let numbers = TensorData::new(ops::normal(35, 1.0, 4), [5, 7]);
            let weight = Tensor::<2>::from_data(numbers, device).transpose();
            let bias = Tensor::ones([5], device);
            inputs
                .kernels
                .linear(inputs.middle([7, 6]).swap_dims(0, 1), weight, Some(bias))
        },
    );
}

#[test]
fn add_norm() {
    for shape in [[1, 1, 3], [3, 7, 33], [2, 70, 384]] {
        for (rate, epsilon) in [(0.0, 1e-12), (0.1, 1e-12), (0.1, 1e-2)] {
            check(&format!("add_norm {rate} {epsilon} {shape:?}"), |inputs| {
                let norm = inputs.norm(shape[2], epsilon);
                // One input twice, as in an encoder, where the residual feeds the block too.
                let residual = inputs.middle(shape);
                let input = inputs.middle(shape) + residual.clone();
                let kernels = inputs.kernels;
                kernels.add_norm(input, residual, &norm, epsilon, rate)
            });
        }
    }
}

#[test]
fn attention() {
    for (lengths, hidden, heads) in [
        (&[1][..], 4, 2),
        (&[5, 5], 6, 3),
        (&[33, 1, 20], 24, 2),
        (&[0, 70, 0, 9, 0], 64, 2),
        (&[130], 32, 1),
        // Longer than what is looked at in one piece.
        (&[1100, 3], 4, 1),
    ] {
        for rate in [0.0, 0.1] {
            check(
                &format!("attention {lengths:?}x{hidden}, {rate}"),
                |inputs| {
                    let offsets = SequenceOffsets::new(lengths.iter().copied());
                    let shape = [offsets.tokens(), hidden];
                    let [query, key, value] = [(); 3].map(|()| inputs.middle(shape));
                    let execution = Execution::new(offsets, inputs.kernels, &inputs.device);
                    let inputs = [query, key, value];
                    let out = ops::attention(inputs, Scores::Plain, &execution, heads, rate);
                    assert!(numbers_of(out.clone()).iter().all(|x| x.is_finite()));
                    out
                },
            );
        }
    }
}

/// Attention in which distances have a say, over sequences of these lengths; `scores` gives what they say.
fn check_by_distance(
    name: &str,
    lengths: &[usize],
    relative: Option<RelativePositions>,
    scores: impl Fn(&mut Inputs, usize) -> Scores + Sync,
) {
    const HEADS: usize = 2;
    for rate in [0.0, 0.1] {
        check(&format!("{name} {lengths:?}, {rate}"), |inputs| {
            let offsets = SequenceOffsets::new(lengths.iter().copied());
            let hidden = 12;
            let shape = [offsets.tokens(), hidden];
            let [query, key, value] = [(); 3].map(|()| inputs.middle(shape));
            let scores = scores(inputs, hidden);
            let execution = Execution::new(offsets, inputs.kernels, &inputs.device)
                .with_relative_positions(relative);
            ops::attention([query, key, value], scores, &execution, HEADS, rate)
        });
    }
}

/// The longest is looked at in several blocks.
const LENGTHS: [&[usize]; 3] = [&[1], &[9, 0, 4], &[150, 3, 70]];

#[test]
fn attention_to_near_tokens() {
    for lengths in LENGTHS {
        for distance in [1, 5, 64] {
            let name = format!("attention within {distance}");
            check_by_distance(&name, lengths, None, |_, _| Scores::Near(distance));
        }
    }
}

#[test]
fn attention_with_a_bias_for_each_distance() {
    let positions = RelativePositions::Bias {
        buckets: 8,
        max_distance: 20,
    };
    for lengths in LENGTHS {
        check_by_distance("biased attention", lengths, Some(positions), |inputs, _| {
            Scores::Biased(inputs.leaf([positions.rows(), 2]))
        });
    }
}

#[test]
fn disentangled_attention() {
    for max_distance in [None, Some(40)] {
        let positions = RelativePositions::Disentangled {
            span: 6,
            max_distance,
            has_projections: false,
            is_normalised: false,
        };
        for lengths in LENGTHS {
            let name = format!("disentangled attention {max_distance:?}");
            check_by_distance(&name, lengths, Some(positions), |inputs, hidden| {
                let shape = [positions.rows(), hidden];
                Scores::Disentangled([(); 2].map(|()| inputs.middle(shape)))
            });
        }
    }
}

#[test]
fn rotation() {
    for (lengths, heads, width) in [(&[1][..], 1, 2), (&[5, 0, 40], 3, 8), (&[130], 2, 64)] {
        check(&format!("rotation {lengths:?} {heads}x{width}"), |inputs| {
            let offsets = SequenceOffsets::new(lengths.iter().copied());
            let rotation = Rotation::new(&offsets, width, 1000.0, &inputs.device);
            let input = inputs.middle([offsets.tokens(), heads * width]);
            inputs.kernels.rotate(input, &rotation, heads)
        });
    }
}

#[test]
fn gates() {
    for kind in [Activation::Gelu, Activation::Silu, Activation::GeluTanh] {
        for shape in [[1, 1], [7, 5], [130, 300]] {
            check(&format!("gate {kind:?} {shape:?}"), |inputs| {
                let [input, gate] = [(); 2].map(|()| inputs.middle(shape));
                inputs.kernels.gate(input * 2.0, gate, kind)
            });
        }
    }
}

#[test]
fn norms_with_and_without_bias_and_mean() {
    let forms = [(true, true), (false, true), (false, false), (true, false)];
    for shape in [[1, 3], [7, 33], [140, 384]] {
        for (has_bias, is_centred) in forms {
            check(
                &format!("norm {shape:?} {has_bias} {is_centred}"),
                |inputs| {
                    let config = LayerNormConfig::new(shape[1]).with_epsilon(1e-5);
                    let mut norm = config.with_bias(has_bias).init(&inputs.device);
                    norm.gamma = Param::from_tensor(inputs.leaf([shape[1]]));
                    if has_bias {
                        norm.beta = Some(Param::from_tensor(inputs.leaf([shape[1]])));
                    }
                    let input = inputs.middle(shape);
                    let output = match is_centred {
                        true => inputs.kernels.norm(input.clone(), &norm, 1e-5),
                        false => inputs.kernels.rms_norm(input.clone(), &norm, 1e-5),
                    };
                    inputs.kernels.add(output, input, 0.1)
                },
            );
        }
    }
}

#[test]
fn rows_and_embedding() {
    for count in [1, 18, 200] {
        check(&format!("rows {count}"), |inputs| {
            let kernels = inputs.kernels;
            let sizes = [50, 30, 2];
            let tables = sizes.map(|rows| inputs.leaf([rows, 7]));
            let matrix = inputs.middle([50, 7]);
            let norm = inputs.norm(7, 1e-12);
            let ids = sizes.map(|rows| {
                let ids: Vec<i64> = (0..count).map(|at| (at * at % rows) as i64).collect();
                Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), &inputs.device)
            });
            let rows = widened(kernels.gather_rows(matrix, ids[0].clone()));
            kernels.embed(tables, ids, &norm, 1e-12) + rows
        });
    }
}

/// A weight and its moments after three steps of AdamW.
fn stepped(kernels: Kernels, device: &Device, size: usize, clipped: bool) -> [Vec<f32>; 3] {
    let flat = |seed| {
        let numbers = TensorData::new(ops::normal(size, 1.0, seed), [size]);
        Tensor::<1>::from_data(numbers, device)
    };
    let clip = clipped.then(|| Clip {
        squares: Tensor::from_floats([9.0], device),
        limit: 1.0,
    });
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
        let gradient = Gradient::Dense(flat(10 + steps as u64));
        (weight, next) = kernels.adamw(weight, gradient, moments, &step, clip.as_ref());
        moments = Some(next);
    }
    let [first, second] = moments.unwrap().values();
    [numbers_of(weight), first, second]
}

/// A weight and its moments after `steps` steps with the gradients that `gradient` gives, all numbers of which
/// are alike in expectation, and moments that are kept in bf16 where there is a seed to round them by.
fn rounded_course(
    steps: std::ops::RangeInclusive<i32>,
    start: (Tensor<1>, Option<Moments>),
    seed: Option<u64>,
    gradient: impl Fn(i32) -> Vec<f32>,
) -> (Tensor<1>, Option<Moments>) {
    let (mut weight, mut moments) = start;
    for steps in steps {
        let step = ops::AdamWStep {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            learning_rate: 1e-3,
            gradient_scale: 1.0,
            steps,
        };
        let gradient = Gradient::Dense(Tensor::from_floats(&gradient(steps)[..], &Device::flex()));
        let parameter = ops::Parameter {
            weight,
            gradient,
            moments,
            learning_rate: step.learning_rate,
            weight_decay: 0.0,
            steps,
            rounding: seed.map(|seed| ops::derived_seed(seed, steps as usize)),
        };
        let mut done = Kernels::Cpu.adamw_all(vec![parameter], &step, None);
        let (next, kept) = done.pop().unwrap();
        (weight, moments) = (next, Some(kept));
    }
    (weight, moments)
}

fn mean(numbers: &[f32]) -> f64 {
    numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / numbers.len() as f64
}

/// What a step adds to the second moment is less than half of what bf16 can tell apart: rounded to the nearest,
/// it would stop at a fraction of the square.
#[test]
fn moments_in_bf16_are_right_on_average() {
    const SIZE: usize = 4099;
    let zeros = || Tensor::<1>::zeros([SIZE], &Device::flex());
    let course = |seed| rounded_course(1..=1000, (zeros(), None), seed, |_| vec![0.5; SIZE]);
    let (weight, moments) = course(Some(7));
    let [first, second] = moments.unwrap().values();
    let expected = 0.25 * (1.0 - 0.999f64.powi(1000));
    assert!(
        (mean(&second) / expected - 1.0).abs() < 0.003,
        "{}",
        mean(&second)
    );
    assert!((mean(&first) - 0.5).abs() < 5e-4, "{}", mean(&first));
    for moment in first.iter().chain(&second) {
        assert_eq!(
            moment.to_bits() & 0xFFFF,
            0,
            "{moment} is no number of bf16"
        );
    }
    let whole = numbers_of(course(None).0);
    let off = mean(&numbers_of(weight)) / mean(&whole) - 1.0;
    assert!(off.abs() < 0.003, "{off}");
}

/// Whatever the number of threads, and whether or not the moments went through a file.
#[test]
fn moments_in_bf16_follow_from_the_seed() {
    const SIZE: usize = 70_001;
    let start = || Tensor::<1>::zeros([SIZE], &Device::flex());
    let gradient = |step: i32| ops::normal(SIZE, 1.0, step as u64);
    let whole = |seed| rounded_course(1..=4, (start(), None), Some(seed), gradient);
    let values = |(weight, moments): (Tensor<1>, Option<Moments>)| {
        (numbers_of(weight), moments.unwrap().values())
    };
    let expected = values(whole(3));
    let (weight, moments) = rounded_course(1..=2, (start(), None), Some(3), gradient);
    let read = Moments::from_values(moments.unwrap().values(), &Device::flex());
    let resumed = rounded_course(3..=4, (weight, Some(read)), Some(3), gradient);
    assert!(values(resumed) == expected);
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert!(one.install(|| values(whole(3))) == expected);
    assert!(values(whole(4)) != expected);
}

/// Gradients of a few rows move a table as the whole gradient does, to the bit; also where the
/// moments were read back from a file.
#[test]
fn adamw_of_some_rows() {
    const ROWS: usize = 700;
    const WIDTH: usize = 24;
    let kernels = Kernels::Cpu;
    let device = Device::flex();
    let tensor =
        |values: Vec<f32>| Tensor::<1>::from_data(TensorData::new(values, [ROWS * WIDTH]), &device);
    let start = || tensor(ops::normal(ROWS * WIDTH, 1.0, 5));
    for weight_decay in [0.0, 0.01] {
        let (mut whole, mut some) = (start(), start());
        let (mut of_whole, mut of_some) = (None, None);
        for steps in 1..=6 {
            let step = ops::AdamWStep {
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                weight_decay,
                learning_rate: 1e-2,
                gradient_scale: 0.7,
                steps,
            };
            let rows: Vec<usize> = (0..ROWS).filter(|row| row % 50 < steps as usize).collect();
            let values = ops::normal(rows.len() * WIDTH, 1.0, steps as u64);
            let rows = Gradient::Rows(ops::RowGradients {
                rows,
                values,
                width: WIDTH,
            });
            let dense = Gradient::Dense(tensor(rows.values(ROWS * WIDTH)));
            let [one, other] = [&dense, &rows].map(|g| kernels.sum_of_squares([g].into_iter()));
            assert!((one / other - 1.0).abs() < 1e-5);
            let next;
            (whole, next) = kernels.adamw(whole, dense, of_whole, &step, None);
            of_whole = Some(next);
            let mut next;
            (some, next) = kernels.adamw(some, rows, of_some, &step, None);
            if steps == 3 {
                next = Moments::from_values(next.values(), &device);
            }
            of_some = Some(next);
            assert!(
                numbers_of(whole.clone()) == numbers_of(some.clone()),
                "step {steps}"
            );
        }
        let [whole, some] = [of_whole, of_some].map(Option::unwrap);
        assert!(whole.values() == some.values());
        let Moments::Rows(some) = some else {
            panic!("only some rows were read");
        };
        assert_eq!(some.kept(), ROWS * 6 / 50);
    }
}

#[test]
fn adamw_and_norm() {
    let cpu = Device::flex();
    let mut all = vec![
        (Kernels::Reference, cpu.clone()),
        (Kernels::Cpu, cpu.clone()),
    ];
    all.extend(gpu().map(|gpu| (Kernels::best_on(&gpu), gpu)));
    for size in [1, 100, 70_001] {
        for clipped in [false, true] {
            let expected = stepped(Kernels::Reference, &cpu, size, clipped);
            for (kernels, device) in &all[1..] {
                let found = stepped(*kernels, device, size, clipped);
                for (expected, found) in expected.iter().zip(&found) {
                    for (expected, found) in expected.iter().zip(found) {
                        let off = (expected - found).abs();
                        assert!(off < 1e-6, "{found}, expected {expected} on {kernels:?}");
                    }
                }
            }
        }
        let numbers = ops::normal(size, 1.0, 3);
        let exact: f64 = numbers.iter().map(|x| f64::from(*x).powi(2)).sum();
        for (kernels, device) in &all {
            let data = TensorData::new(numbers.clone(), [size]);
            let gradient = Gradient::Dense(Tensor::<1>::from_data(data, device));
            let found = kernels.sum_of_squares([&gradient, &gradient].into_iter());
            assert!((found / exact / 2.0 - 1.0).abs() < 1e-5, "{found}");
            let unread = kernels.unread_sum_of_squares([&gradient, &gradient].into_iter());
            let unread = f64::from(unread.unwrap().into_scalar::<f32>());
            assert!((unread / exact / 2.0 - 1.0).abs() < 1e-5, "{unread}");
        }
    }
}

/// Many parameters at once, each with a learning rate, a decay and a number of steps of its own, go where each
/// goes alone; and blending equals the formula, in place or not.
#[test]
fn parameters_of_their_own_and_blending() {
    let cpu = Device::flex();
    let mut all = vec![
        (Kernels::Reference, cpu.clone()),
        (Kernels::Cpu, cpu.clone()),
    ];
    all.extend(gpu().map(|gpu| (Kernels::best_on(&gpu), gpu)));
    let shared = ops::AdamWStep {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
        learning_rate: 0.0,
        gradient_scale: 0.7,
        steps: 0,
    };
    let sizes = [100, 1, 70_001, 300, 257, 40];
    for (kernels, device) in &all {
        let flat = |at: usize, seed: u64| {
            let numbers = ops::normal(sizes[at], 1.0, seed + at as u64);
            Tensor::<1>::from_data(TensorData::new(numbers, [sizes[at]]), device)
        };
        let own = |at: usize| ops::AdamWStep {
            learning_rate: 1e-2 * 0.7f64.powi(at as i32),
            weight_decay: [0.0, 0.1][at % 2],
            steps: 1 + at as i32,
            ..shared
        };
        let moments = |at: usize| {
            let positive = |tensor: Tensor<1>| numbers_of(tensor.abs());
            let values = [numbers_of(flat(at, 20)), positive(flat(at, 30))];
            Moments::from_values(values, device)
        };
        let parameters = (0..sizes.len()).map(|at| ops::Parameter {
            weight: flat(at, 1),
            gradient: Gradient::Dense(flat(at, 10)),
            moments: (at != 1).then(|| moments(at)),
            learning_rate: own(at).learning_rate,
            weight_decay: own(at).weight_decay,
            steps: own(at).steps,
            rounding: None,
        });
        let together = kernels.adamw_all(parameters.collect(), &shared, None);
        for (at, (weight, _)) in together.into_iter().enumerate() {
            let gradient = Gradient::Dense(flat(at, 10));
            let moments = (at != 1).then(|| moments(at));
            let (alone, _) = kernels.adamw(flat(at, 1), gradient, moments, &own(at), None);
            assert_eq!(numbers_of(weight), numbers_of(alone), "{kernels:?} {at}");

            let held = flat(at, 40);
            let blended = numbers_of(kernels.blend(held.clone(), flat(at, 50), 0.3));
            let (before, other) = (numbers_of(held.clone()), numbers_of(flat(at, 50)));
            assert_eq!(before, numbers_of(flat(at, 40)), "what others hold is left");
            for ((found, one), other) in blended.iter().zip(before).zip(other) {
                let expected = 0.7 * one + 0.3 * other;
                assert!(
                    (found - expected).abs() < 1e-6,
                    "{kernels:?}: {found} {expected}"
                );
            }
            let same = kernels.blend(held.clone(), flat(at, 40), 0.3);
            assert_eq!(numbers_of(same), numbers_of(held), "equal to the bit");
        }
    }
}
