//! The gradient of one parameter: dense, or sparse for the few rows of an embedding that a step has read.

#[cfg(feature = "gpu")]
use super::gpu;
use super::{Kernels, cpu, on_cpu, reference};
use crate::precision::cast;
use burn::tensor::{DType, Gradients, Tensor, TensorData};

/// The gradient of one parameter.
// With several runtimes compiled in, a tensor is some hundreds of bytes; there is one for each parameter.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum Gradient {
    /// Of all elements, flat, in 32 bits or 16.
    Dense(Tensor<1>),
    /// Of some rows of a matrix; that of all others is 0.
    Rows(RowGradients),
}

/// Gradients of some rows of a matrix.
#[derive(Clone, Debug)]
pub struct RowGradients {
    /// The rows, in rising order.
    pub rows: Vec<usize>,
    /// Their gradients, row after row, `[rows · width]`.
    pub values: Vec<f32>,
    /// How many columns the matrix has.
    pub width: usize,
}

impl Gradient {
    /// Takes the gradient of `parameter` out of those of a backward pass; `None` where it has none.
    pub fn take<const D: usize>(parameter: &Tensor<D>, all: &mut Gradients) -> Option<Self> {
        let gradient = parameter.grad_remove(all)?;
        let shape = gradient.dims();
        if shape == parameter.dims() {
            return Some(Self::Dense(flat(gradient)));
        }
        // See `cpu::rows`: each line begins with the index of its row.
        let width = shape[D - 1] - 1;
        let lines: Vec<f32> = gradient.into_data().iter::<f32>().collect();
        let lines = lines.chunks_exact(width + 1);
        Some(Self::Rows(RowGradients {
            rows: lines.clone().map(|line| line[0] as usize).collect(),
            values: lines.flat_map(|line| &line[1..]).copied().collect(),
            width,
        }))
    }

    /// The sum of two gradients of one parameter.
    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Dense(one), Self::Dense(other)) => Self::Dense(sum(one, other)),
            (Self::Rows(one), Self::Rows(other)) => Self::Rows(one.plus(&other)),
            (Self::Dense(dense), Self::Rows(rows)) | (Self::Rows(rows), Self::Dense(dense)) => {
                let [size] = dense.dims();
                let device = dense.device();
                let rows = Tensor::from_data(TensorData::new(rows.dense(size), [size]), &device);
                Self::Dense(cast(dense, DType::F32) + rows)
            }
        }
    }

    /// All elements of the gradient of `weight`, flat.
    #[cfg(feature = "gpu")]
    pub(super) fn into_dense(self, weight: &Tensor<1>) -> Tensor<1> {
        match self {
            Self::Dense(tensor) => tensor,
            Self::Rows(rows) => {
                let [size] = weight.dims();
                let values = TensorData::new(rows.dense(size), [size]);
                Tensor::from_data(values, &weight.device())
            }
        }
    }

    /// All elements of a parameter of `size` elements, zeros included.
    pub fn values(&self, size: usize) -> Vec<f32> {
        match self {
            Self::Dense(tensor) => tensor.to_data().iter::<f32>().collect(),
            Self::Rows(rows) => rows.dense(size),
        }
    }
}

impl RowGradients {
    fn plus(self, other: &Self) -> Self {
        let width = self.width;
        let mut all: Vec<(usize, &[f32])> = self.lines().chain(other.lines()).collect();
        // Stable: where both have a row, this one's comes first.
        all.sort_by_key(|(row, _)| *row);
        let mut rows = Vec::new();
        let mut values: Vec<f32> = Vec::with_capacity(self.values.len() + other.values.len());
        for (row, line) in all {
            if rows.last() == Some(&row) {
                let start = values.len() - width;
                for (sum, value) in values[start..].iter_mut().zip(line) {
                    *sum += value;
                }
            } else {
                rows.push(row);
                values.extend_from_slice(line);
            }
        }
        Self {
            rows,
            values,
            width,
        }
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let lines = self.values.chunks_exact(self.width);
        self.rows.iter().copied().zip(lines)
    }

    fn dense(&self, size: usize) -> Vec<f32> {
        let mut all = vec![0.0; size];
        for (row, line) in self.lines() {
            all[row * self.width..(row + 1) * self.width].copy_from_slice(line);
        }
        all
    }
}

/// In 32 bits, whatever the gradients have: over many of them 16 would lose the small ones.
fn sum(one: Tensor<1>, other: Tensor<1>) -> Tensor<1> {
    let [one, other] = [one, other].map(|gradient| cast(gradient, DType::F32));
    match Kernels::best_on(&one.device()) {
        #[cfg(feature = "gpu")]
        Kernels::Gpu(_) => gpu::add(one, other),
        _ => one + other,
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let size = tensor.shape().num_elements();
    tensor.reshape([size])
}

impl Kernels {
    /// The sum of the squares of all elements of some gradients.
    pub fn sum_of_squares<'a>(self, gradients: impl Iterator<Item = &'a Gradient>) -> f64 {
        let mut sum = 0.0;
        let mut elsewhere = Vec::new();
        for gradient in gradients {
            match gradient {
                Gradient::Dense(dense) if self == Self::Cpu => {
                    sum += cpu::sum_of_squares(on_cpu(dense.clone()));
                }
                Gradient::Dense(dense) => elsewhere.push(dense),
                Gradient::Rows(rows) => {
                    let squares = rows.values.iter().map(|x| f64::from(*x).powi(2));
                    sum += squares.sum::<f64>();
                }
            }
        }
        match self.squares_of(&elsewhere) {
            Some(unread) => sum + f64::from(unread.into_scalar::<f32>()),
            None => sum,
        }
    }

    /// The same as a tensor `[1]` on the device, which may still be computing it. `None` where some are
    /// sparse, or there are none.
    pub fn unread_sum_of_squares<'a>(
        self,
        gradients: impl Iterator<Item = &'a Gradient>,
    ) -> Option<Tensor<1>> {
        let dense = |gradient: &'a Gradient| match gradient {
            Gradient::Dense(gradient) => Some(gradient),
            Gradient::Rows(_) => None,
        };
        let all: Vec<&Tensor<1>> = gradients.map(dense).collect::<Option<_>>()?;
        self.squares_of(&all)
    }

    /// The sum of the squares of all elements of some tensors on one device, `[1]`; `None` of no tensor.
    pub fn squares_of(self, tensors: &[&Tensor<1>]) -> Option<Tensor<1>> {
        match self {
            _ if tensors.is_empty() => None,
            #[cfg(feature = "gpu")]
            Self::Gpu(_) => Some(gpu::sum_of_squares(tensors)),
            _ => Some(reference::sum_of_squares(tensors)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_add_up_as_whole_gradients_do() {
        let of = |rows: &[usize]| RowGradients {
            rows: rows.to_vec(),
            values: rows.iter().flat_map(|row| [*row as f32, 1.0]).collect(),
            width: 2,
        };
        let sum = of(&[0, 2, 5]).plus(&of(&[2, 3]));
        assert_eq!(sum.rows, [0, 2, 3, 5]);
        assert_eq!(sum.values, [0.0, 1.0, 4.0, 2.0, 3.0, 1.0, 5.0, 1.0]);
        let dense = sum.dense(12);
        assert_eq!(dense[4..6], [4.0, 2.0]);
        assert_eq!(dense[2..4], [0.0, 0.0]);
    }
}
