//! The middle of a gated feed-forward block, `activate(x) · gate` (Shazeer 2020), with GELU or SiLU.
//!
//! Kept for the backward pass: both inputs. The activation and its derivative are computed again.

use super::gelu;
use super::gemm::Number;
use super::simd::{exp, vectorised};
use super::stored::{Stored, by_type};
use super::{CHUNK, contiguous, from_values, values, zeros};
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// The activation and its derivative.
#[inline(always)]
fn activate(x: f32, is_gelu: bool) -> (f32, f32) {
    if is_gelu {
        return gelu::both(x);
    }
    // σ(x), without overflow on either side.
    let small = exp(-x.abs());
    let share = 1.0 / (1.0 + small);
    let sigmoid = if x < 0.0 { small * share } else { share };
    (x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid)))
}

vectorised! {
    fn forward_piece<E: Number>(input: &[E], gate: &[E], out: &mut [E], is_gelu: bool) {
        for ((input, gate), out) in input.iter().zip(gate).zip(out) {
            let (value, _) = activate(input.as_f32(), is_gelu);
            *out = E::of(value * gate.as_f32());
        }
    }
}

vectorised! {
    /// `of_input` and `of_gate` become the gradients, from that of the result.
    fn backward_piece<E: Number>(
        gradient: &[E],
        input: &[E],
        gate: &[E],
        of_input: &mut [E],
        of_gate: &mut [E],
        is_gelu: bool,
    ) {
        let inputs = gradient.iter().zip(input).zip(gate);
        for (((gradient, input), gate), (of_input, of_gate)) in inputs.zip(of_input.iter_mut().zip(of_gate)) {
            let (value, derivative) = activate(input.as_f32(), is_gelu);
            let gradient = gradient.as_f32();
            *of_input = E::of(gradient * gate.as_f32() * derivative);
            *of_gate = E::of(gradient * value);
        }
    }
}

/// `input`, `gate` (contiguous) of one shape → the same shape.
pub(super) fn forward(input: &FlexTensor, gate: &FlexTensor, is_gelu: bool) -> FlexTensor {
    by_type!(input, E => {
        let (inputs, gates) = (values::<E>(input), values::<E>(gate));
        let mut out: Vec<E> = zeros(inputs.len());
        out.par_chunks_mut(CHUNK)
            .zip(inputs.par_chunks(CHUNK).zip(gates.par_chunks(CHUNK)))
            .for_each(|(out, (input, gate))| forward_piece(input, gate, out, is_gelu));
        from_values(out, input.layout().shape().clone())
    })
}

#[derive(Debug)]
struct Gate;

impl Backward<Flex, 2> for Gate {
    /// Input and gate, and whether the activation is GELU.
    type State = (FlexTensor, FlexTensor, bool);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let (input, gate, is_gelu) = ops.state;
        let gradients = by_type!(gradient, E => backward::<E>(&gradient, &input, &gate, is_gelu));
        for (parent, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(parent) = parent {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

fn backward<E: Stored>(
    gradient: &FlexTensor,
    input: &FlexTensor,
    gate: &FlexTensor,
    is_gelu: bool,
) -> [FlexTensor; 2] {
    let gradients = values::<E>(gradient);
    let [mut of_input, mut of_gate] = [(); 2].map(|()| zeros::<E>(gradients.len()));
    of_input
        .par_chunks_mut(CHUNK)
        .zip(of_gate.par_chunks_mut(CHUNK))
        .zip(gradients.par_chunks(CHUNK))
        .zip(values::<E>(input).par_chunks(CHUNK))
        .zip(values::<E>(gate).par_chunks(CHUNK))
        .for_each(|((((of_input, of_gate), gradient), input), gate)| {
            backward_piece(gradient, input, gate, of_input, of_gate, is_gelu);
        });
    [of_input, of_gate].map(|out| from_values(out, input.layout().shape().clone()))
}

pub(super) fn tracked<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
    gate: FloatTensor<Autodiff<C>>,
    is_gelu: bool,
) -> FloatTensor<Autodiff<C>> {
    let (input, input_node) = input.into_parts();
    let (gate, gate_node) = gate.into_parts();
    let (input, gate) = (contiguous(input), contiguous(gate));
    let out = forward(&input, &gate, is_gelu);
    match Gate
        .prepare::<C>([input_node, gate_node])
        .compute_bound()
        .stateful()
    {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish((input, gate, is_gelu), out),
    }
}
