//! The operations with a backward pass, for burn's autodiff: what each keeps, and to whom each gradient
//! goes.
//!
//! One file, as each operation is the same few lines about another kernel.

use super::attention::{self, Options};
use super::gemm::{Factor, gemm};
use super::rotary::Angles;
use super::scatter::scatter_sum;
use super::tensors::contiguous;
use super::{columns, cross_entropy as loss, gate as gating, gelu as activation};
use super::{narrowed, norm as normalising, rows, widened};
use crate::ops::kernels::GpuKernels;
use crate::ops::norm::NormForm;
use crate::ops::random::Dropout;
use burn_autodiff::NodeId;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use std::fmt::Debug;

type Autodiff<C> = burn::backend::Autodiff<CubeBackend, C>;
type Tracked<C> = FloatTensor<Autodiff<C>>;

/// An operation by its backward pass: from what was kept and the gradient of the result to the gradients
/// of those inputs that want one.
trait Operation<const N: usize>: Clone + Debug + Send + 'static {
    /// `wanted`: which inputs want a gradient. Others may be left out.
    fn gradients(self, gradient: CubeTensor, wanted: [bool; N]) -> [Option<CubeTensor>; N];
}

/// Lets burn call an [`Operation`] with the gradient of its result.
#[derive(Debug)]
struct Adapter<O>(std::marker::PhantomData<O>);

impl<O: Operation<N> + Sync, const N: usize> Backward<CubeBackend, N> for Adapter<O> {
    type State = O;

    fn backward(self, ops: Ops<O, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<CubeBackend>(&ops.node));
        let parents: [Option<NodeId>; N] = ops.parents.map(|parent| parent.map(|node| node.id));
        let gradients = ops
            .state
            .gradients(gradient, parents.map(|parent| parent.is_some()));
        for (parent, gradient) in parents.into_iter().zip(gradients) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                grads.register::<CubeBackend>(parent, gradient);
            }
        }
    }
}

/// Registers an operation: `run` computes it from its inputs and says what its backward pass needs.
fn tracked<C: CheckpointStrategy, O: Operation<N> + Sync, const N: usize>(
    inputs: [Tracked<C>; N],
    run: impl FnOnce([CubeTensor; N]) -> (CubeTensor, O),
) -> Tracked<C> {
    let mut tensors = Vec::with_capacity(N);
    let nodes = inputs.map(|input| {
        let (tensor, node) = input.into_parts();
        tensors.push(contiguous(tensor));
        node
    });
    let mut tensors = tensors.into_iter();
    let (out, state) = run(std::array::from_fn(|_| {
        tensors.next().expect("there is one for each input")
    }));
    let adapter = Adapter::<O>(std::marker::PhantomData);
    match adapter.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish(state, out),
    }
}

/// Keeps the weight in the input's type.
#[derive(Clone, Debug)]
struct Linear {
    input: CubeTensor,
    weight: CubeTensor,
    kernels: GpuKernels,
}

impl Operation<3> for Linear {
    fn gradients(self, gradient: CubeTensor, wanted: [bool; 3]) -> [Option<CubeTensor>; 3] {
        let of_input = || gradient_of_input(&gradient, &self.weight, self.kernels);
        let of_weight = || gradient_of_weight(&self.input, &gradient, self.kernels);
        [
            wanted[0].then(of_input),
            wanted[1].then(of_weight),
            wanted[2].then(|| columns::column_sums(&gradient)),
        ]
    }
}

fn gradient_of_input(
    gradient: &CubeTensor,
    weight: &CubeTensor,
    kernels: GpuKernels,
) -> CubeTensor {
    let (lhs, rhs) = (Factor::of(gradient), Factor::transposed(weight));
    gemm(lhs, rhs, None, gradient.dtype, kernels)
}

/// In 32 bits, as the weight is kept.
fn gradient_of_weight(
    input: &CubeTensor,
    gradient: &CubeTensor,
    kernels: GpuKernels,
) -> CubeTensor {
    let (lhs, rhs) = (Factor::transposed(input), Factor::of(gradient));
    gemm(lhs, rhs, None, DType::F32, kernels)
}

pub(super) fn linear<C: CheckpointStrategy>(
    input: Tracked<C>,
    weight: Tracked<C>,
    bias: Tracked<C>,
    kernels: GpuKernels,
) -> Tracked<C> {
    tracked::<C, _, _>([input, weight, bias], |[input, weight, bias]| {
        let weight = narrowed(weight, &input);
        let out = super::linear(&input, &weight, &bias, kernels);
        let state = Linear {
            input,
            weight,
            kernels,
        };
        (out, state)
    })
}

/// Keeps the weights in the input's type, and the wide rows before their GELU alone; the GELU is computed
/// again.
#[derive(Clone, Debug)]
struct FeedForward {
    input: CubeTensor,
    weights: [CubeTensor; 2],
    /// `[rows, inner]`.
    sums: CubeTensor,
    kernels: GpuKernels,
}

impl Operation<5> for FeedForward {
    fn gradients(self, gradient: CubeTensor, wanted: [bool; 5]) -> [Option<CubeTensor>; 5] {
        let [first, second] = &self.weights;
        let kernels = self.kernels;
        let of_inner = gradient_of_input(&gradient, second, kernels);
        let [of_sums, inner] = activation::backward(&self.sums, of_inner);
        let of_second = wanted[2].then(|| gradient_of_weight(&inner, &gradient, kernels));
        let of_other_bias = wanted[4].then(|| columns::column_sums(&gradient));
        drop(inner);
        [
            wanted[0].then(|| gradient_of_input(&of_sums, first, kernels)),
            wanted[1].then(|| gradient_of_weight(&self.input, &of_sums, kernels)),
            of_second,
            wanted[3].then(|| columns::column_sums(&of_sums)),
            of_other_bias,
        ]
    }
}

pub(super) fn feed_forward<C: CheckpointStrategy>(
    input: Tracked<C>,
    [first, second]: [Tracked<C>; 2],
    [bias, other_bias]: [Tracked<C>; 2],
    kernels: GpuKernels,
) -> Tracked<C> {
    let inputs = [input, first, second, bias, other_bias];
    tracked::<C, _, _>(inputs, |[input, first, second, bias, other_bias]| {
        let weights = [first, second].map(|weight| narrowed(weight, &input));
        let [first, second] = &weights;
        let wide = widened(&input, first, &bias, kernels);
        let out = super::linear(&wide.activated, second, &other_bias, kernels);
        let state = FeedForward {
            input,
            weights,
            sums: wide.sums,
            kernels,
        };
        (out, state)
    })
}

#[derive(Clone, Debug)]
struct Gelu(CubeTensor);

impl Operation<1> for Gelu {
    fn gradients(self, gradient: CubeTensor, _: [bool; 1]) -> [Option<CubeTensor>; 1] {
        [Some(activation::input_gradient(&self.0, gradient))]
    }
}

pub(super) fn gelu<C: CheckpointStrategy>(input: Tracked<C>) -> Tracked<C> {
    tracked::<C, _, _>([input], |[input]| {
        (activation::forward(input.clone()), Gelu(input))
    })
}

/// Keeps both inputs; the activation is computed again.
#[derive(Clone, Debug)]
struct Gate {
    input: CubeTensor,
    gate: CubeTensor,
    is_gelu: bool,
}

impl Operation<2> for Gate {
    fn gradients(self, gradient: CubeTensor, _: [bool; 2]) -> [Option<CubeTensor>; 2] {
        gating::backward(&self.input, &self.gate, gradient, self.is_gelu).map(Some)
    }
}

pub(super) fn gate<C: CheckpointStrategy>(
    input: Tracked<C>,
    gate: Tracked<C>,
    is_gelu: bool,
) -> Tracked<C> {
    tracked::<C, _, _>([input, gate], |[input, gate]| {
        let out = gating::forward(&input, &gate, is_gelu);
        let state = Gate {
            input,
            gate,
            is_gelu,
        };
        (out, state)
    })
}

#[derive(Clone, Debug)]
struct Rotated(Angles);

impl Operation<1> for Rotated {
    fn gradients(self, gradient: CubeTensor, _: [bool; 1]) -> [Option<CubeTensor>; 1] {
        [Some(self.0.rotate(gradient, -1.0))]
    }
}

pub(super) fn rotate<C: CheckpointStrategy>(
    input: Tracked<C>,
    tables: [Tracked<C>; 2],
    heads: usize,
) -> Tracked<C> {
    let angles = Angles::new(tables.map(|table| table.into_parts().0), heads);
    tracked::<C, _, _>([input], |[input]| {
        (angles.rotate(input, 1.0), Rotated(angles))
    })
}

#[derive(Clone, Debug)]
struct Dropped(Dropout);

impl Operation<1> for Dropped {
    fn gradients(self, gradient: CubeTensor, _: [bool; 1]) -> [Option<CubeTensor>; 1] {
        [Some(super::dropout::apply(gradient, self.0))]
    }
}

pub(super) fn dropout<C: CheckpointStrategy>(input: Tracked<C>, dropout: Dropout) -> Tracked<C> {
    tracked::<C, _, _>([input], |[input]| {
        (super::dropout::apply(input, dropout), Dropped(dropout))
    })
}

/// Keeps the normalised rows, the inverse deviation of each, and the dropout's key.
#[derive(Clone, Debug)]
struct AddNorm {
    rows: CubeTensor,
    inverse: CubeTensor,
    gamma: CubeTensor,
    form: NormForm,
    dropout: Option<Dropout>,
}

impl Operation<4> for AddNorm {
    fn gradients(self, gradient: CubeTensor, _: [bool; 4]) -> [Option<CubeTensor>; 4] {
        let all = normalising::backward(
            gradient,
            &self.rows,
            &self.inverse,
            self.gamma,
            self.form,
            self.dropout,
        );
        [all.of_input, all.of_residual, all.of_gamma, all.of_beta].map(Some)
    }
}

pub(super) fn add_norm<C: CheckpointStrategy>(
    input: Tracked<C>,
    residual: Tracked<C>,
    [gamma, beta]: [Tracked<C>; 2],
    epsilon: f32,
    dropout: Option<Dropout>,
) -> Tracked<C> {
    tracked::<C, _, _>([input, residual, gamma, beta], |inputs| {
        let [input, residual, gamma, beta] = inputs;
        let form = NormForm::centred(epsilon);
        let normalised =
            normalising::forward(input, Some(residual), gamma.clone(), beta, form, dropout);
        let state = AddNorm {
            rows: normalised.rows,
            inverse: normalised.inverse,
            gamma,
            form,
            dropout,
        };
        (normalised.out, state)
    })
}

/// Keeps what [`AddNorm`] keeps.
#[derive(Clone, Debug)]
struct Norm(AddNorm);

impl Operation<3> for Norm {
    fn gradients(self, gradient: CubeTensor, wanted: [bool; 3]) -> [Option<CubeTensor>; 3] {
        let [input, gamma, beta] = wanted;
        let [of_input, _, of_gamma, of_beta] =
            self.0.gradients(gradient, [input, false, gamma, beta]);
        [of_input, of_gamma, of_beta]
    }
}

pub(super) fn norm<C: CheckpointStrategy>(
    input: Tracked<C>,
    [gamma, beta]: [Tracked<C>; 2],
    form: NormForm,
) -> Tracked<C> {
    tracked::<C, _, _>([input, gamma, beta], |[input, gamma, beta]| {
        let normalised = normalising::forward(input, None, gamma.clone(), beta, form, None);
        let state = AddNorm {
            rows: normalised.rows,
            inverse: normalised.inverse,
            gamma,
            form,
            dropout: None,
        };
        (normalised.out, Norm(state))
    })
}

#[derive(Clone, Debug)]
struct Attention {
    inputs: [CubeTensor; 3],
    out: CubeTensor,
    saved: attention::Saved,
    options: Options,
}

/// The inputs are query, key and value, and tables of distances where there are any.
impl<const N: usize> Operation<N> for Attention {
    fn gradients(self, gradient: CubeTensor, _: [bool; N]) -> [Option<CubeTensor>; N] {
        let inputs = self.inputs.each_ref();
        let all = attention::backward(inputs, &self.out, &gradient, &self.saved, &self.options);
        let mut all = all.into_iter();
        std::array::from_fn(|_| all.next())
    }
}

/// `options` makes the options from the inputs.
pub(super) fn attention<C: CheckpointStrategy, const N: usize>(
    inputs: [Tracked<C>; N],
    options: impl FnOnce([CubeTensor; N]) -> Options,
) -> Tracked<C> {
    tracked::<C, _, _>(inputs, |inputs| {
        let three = std::array::from_fn(|at| inputs[at].clone());
        let options = options(inputs);
        let (out, saved) = attention::forward(three.each_ref(), &options);
        let state = Attention {
            inputs: three,
            out: out.clone(),
            saved,
            options,
        };
        (out, state)
    })
}

#[derive(Clone, Debug)]
struct Rows {
    indices: CubeTensor,
    /// Rows of the matrix, and its type.
    count: usize,
    dtype: DType,
}

impl Operation<1> for Rows {
    fn gradients(self, gradient: CubeTensor, _: [bool; 1]) -> [Option<CubeTensor>; 1] {
        [Some(scatter_sum(
            gradient,
            self.indices,
            self.count,
            self.dtype,
        ))]
    }
}

pub(super) fn gather_rows<C: CheckpointStrategy>(
    matrix: Tracked<C>,
    indices: CubeTensor,
) -> Tracked<C> {
    tracked::<C, _, _>([matrix], |[matrix]| {
        let (count, dtype) = (matrix.shape()[0], matrix.dtype);
        let out = rows::gather(matrix, indices.clone(), dtype);
        let state = Rows {
            indices,
            count,
            dtype,
        };
        (out, state)
    })
}

/// Keeps the normalised rows, the inverse deviation of each, and by what the tables were read.
#[derive(Clone, Debug)]
struct Embed {
    indices: [CubeTensor; 3],
    /// Rows of the tables.
    counts: [usize; 3],
    rows: CubeTensor,
    inverse: CubeTensor,
    gamma: CubeTensor,
    form: NormForm,
}

impl Operation<5> for Embed {
    fn gradients(self, gradient: CubeTensor, wanted: [bool; 5]) -> [Option<CubeTensor>; 5] {
        let Self {
            rows,
            inverse,
            gamma,
            form,
            ..
        } = self;
        let all = normalising::backward(gradient, &rows, &inverse, gamma, form, None);
        let of_sum = all.of_residual;
        let tables = self.indices.into_iter().zip(self.counts).zip(wanted);
        let mut tables = tables.map(|((indices, count), wanted)| {
            wanted.then(|| scatter_sum(of_sum.clone(), indices, count, DType::F32))
        });
        let mut table = || tables.next().flatten();
        [
            table(),
            table(),
            table(),
            Some(all.of_gamma),
            Some(all.of_beta),
        ]
    }
}

/// `parameters` are the three tables, gamma and beta.
pub(super) fn embed<C: CheckpointStrategy>(
    parameters: [Tracked<C>; 5],
    indices: [CubeTensor; 3],
    epsilon: f32,
) -> Tracked<C> {
    tracked::<C, _, _>(
        parameters,
        |[words, positions, token_types, gamma, beta]| {
            let tables = [words, positions, token_types];
            let counts = tables.each_ref().map(|table| table.shape()[0]);
            let sum = rows::embed(tables, indices.clone(), DType::F32);
            let form = NormForm::centred(epsilon);
            let normalised = normalising::forward(sum, None, gamma.clone(), beta, form, None);
            let state = Embed {
                indices,
                counts,
                rows: normalised.rows,
                inverse: normalised.inverse,
                gamma,
                form,
            };
            (normalised.out, state)
        },
    )
}

/// Keeps the type that the numbers came in.
#[derive(Clone, Debug)]
struct Cast(DType);

impl Operation<1> for Cast {
    fn gradients(self, gradient: CubeTensor, _: [bool; 1]) -> [Option<CubeTensor>; 1] {
        [Some(super::cast::cast(gradient, self.0))]
    }
}

pub(super) fn cast<C: CheckpointStrategy>(input: Tracked<C>, dtype: DType) -> Tracked<C> {
    tracked::<C, _, _>([input], |[input]| {
        let before = input.dtype;
        (super::cast::cast(input, dtype), Cast(before))
    })
}

/// Keeps the gradient of the logits.
#[derive(Clone, Debug)]
struct CrossEntropy(CubeTensor);

impl Operation<1> for CrossEntropy {
    fn gradients(self, gradient: CubeTensor, _: [bool; 1]) -> [Option<CubeTensor>; 1] {
        [Some(loss::backward(self.0, gradient))]
    }
}

pub(super) fn cross_entropy<C: CheckpointStrategy>(
    logits: Tracked<C>,
    targets: CubeTensor,
    scale: f32,
) -> Tracked<C> {
    tracked::<C, _, _>([logits], |[logits]| {
        let (out, gradient) = loss::run(logits, targets, scale);
        (out, CrossEntropy(gradient))
    })
}
