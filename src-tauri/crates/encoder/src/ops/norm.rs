//! How rows are normalised.

/// The form of a norm.
#[derive(Clone, Copy, Debug)]
pub(super) struct NormForm {
    /// What is added to the variance or the mean square.
    pub(super) epsilon: f32,
    /// Whether the mean of a row is taken off before it is scaled: LayerNorm (Ba et al. 2016), else the root
    /// mean square norm (Zhang and Sennrich 2019).
    pub(super) is_centred: bool,
}

impl NormForm {
    /// That of LayerNorm.
    pub(super) fn centred(epsilon: f32) -> Self {
        Self {
            epsilon,
            is_centred: true,
        }
    }

    /// The factor of what only a centred norm takes off.
    pub(super) fn centring(self) -> f32 {
        if self.is_centred { 1.0 } else { 0.0 }
    }
}
