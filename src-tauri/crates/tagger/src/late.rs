//! A number that a device may still be computing: asking for it is what waits.

use tagsmith_encoder::burn::tensor::Tensor;

/// A number, known or still being computed.
#[derive(Clone, Debug)]
pub enum Late {
    /// It is here.
    Known(f64),
    /// It will be the sum of a tensor `[parts]` on a device.
    Computing(Box<Tensor<1>>),
}

impl Late {
    /// The number. Waits for the device.
    pub fn read(self) -> f64 {
        match self {
            Self::Known(number) => number,
            Self::Computing(parts) => parts.into_data().iter::<f32>().map(f64::from).sum(),
        }
    }

    /// The same, once it is here. Waits for the device.
    #[must_use]
    pub fn arrived(self) -> Self {
        Self::Known(self.read())
    }
}
