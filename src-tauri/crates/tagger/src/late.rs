//! A number that a device may still be computing: asking for it is what waits.

use tagsmith_encoder::burn::tensor::Tensor;

/// A number, known or still being computed.
#[derive(Clone, Debug)]
pub enum Late {
    /// It is here.
    Known(f64),
    /// It will be the sum of some tensors of one element each, times `factor`.
    Sum {
        /// The tensors, on a device.
        parts: Vec<Tensor<1>>,
        /// What their sum is multiplied by.
        factor: f64,
    },
    /// It will be the square root of a tensor `[1]` on a device.
    Root(Box<Tensor<1>>),
}

impl Late {
    /// The number. Waits for the device.
    pub fn read(self) -> f64 {
        match self {
            Self::Known(number) => number,
            Self::Sum { parts, factor } => parts.into_iter().map(number).sum::<f64>() * factor,
            Self::Root(square) => number(*square).sqrt(),
        }
    }

    /// The same, once it is here. Waits for the device.
    #[must_use]
    pub fn arrived(self) -> Self {
        Self::Known(self.read())
    }
}

fn number(tensor: Tensor<1>) -> f64 {
    f64::from(tensor.into_scalar::<f32>())
}
