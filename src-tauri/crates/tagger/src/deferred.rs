//! A scalar that a device may still be computing: reading it is what waits.

use tagsmith_encoder::burn::tensor::Tensor;

/// A number, ready or still being computed.
#[derive(Clone, Debug)]
pub enum DeferredScalar {
    /// It is known.
    Ready(f64),
    /// The sum of some tensors of one element each, times `factor`.
    Sum {
        /// The tensors, on a device.
        parts: Vec<Tensor<1>>,
        /// What their sum is multiplied by.
        factor: f64,
    },
    /// The square root of a tensor `[1]` on a device.
    Root(Box<Tensor<1>>),
}

impl DeferredScalar {
    /// The number. Waits for the device.
    pub fn wait(self) -> f64 {
        match self {
            Self::Ready(number) => number,
            Self::Sum { parts, factor } => parts.into_iter().map(number).sum::<f64>() * factor,
            Self::Root(square) => number(*square).sqrt(),
        }
    }

    /// The same, ready. Waits for the device.
    #[must_use]
    pub fn ready(self) -> Self {
        Self::Ready(self.wait())
    }
}

fn number(tensor: Tensor<1>) -> f64 {
    f64::from(tensor.into_scalar::<f32>())
}
