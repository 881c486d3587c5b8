//! The state of AdamW for one parameter: dense, or for the rows of an embedding that were ever read.

use burn::tensor::{DType, Device, Tensor, TensorData};

/// The moments of one parameter.
#[derive(Clone, Debug)]
pub enum Moments {
    /// The running mean of the gradients and that of their squares, flat.
    Dense(Box<[Tensor<1>; 2]>),
    /// The same of some rows of a table; those of all others are 0. Fine-tuning reads a fraction of a
    /// vocabulary, and the rest would be most of the optimiser's memory in a small model.
    Rows(RowMoments),
}

/// The moments of some rows of a table.
#[derive(Clone, Debug)]
pub struct RowMoments {
    /// The index of each row of the table among those kept here.
    pub(super) places: Vec<Option<u32>>,
    /// The rows kept here, in the order of their indices.
    pub(super) rows: Vec<u32>,
    /// Both moments of those rows, row after row, `[rows · width]`.
    pub(super) values: [Vec<f32>; 2],
    /// How many columns the table has.
    pub(super) width: usize,
}

impl Moments {
    /// Of a parameter of `size` numbers that was never updated, in 16 bits (bf16) or 32.
    pub fn zeros(size: usize, is_half: bool, device: &Device) -> Self {
        let dtype = match is_half {
            true => DType::BF16,
            false => DType::F32,
        };
        Self::Dense(Box::new(
            [(); 2].map(|()| Tensor::zeros([size], (device, dtype))),
        ))
    }

    /// From all numbers of both moments, as [`Moments::values`] gives them.
    pub fn from_values(values: [Vec<f32>; 2], device: &Device) -> Self {
        Self::Dense(Box::new(values.map(|values| {
            let size = values.len();
            Tensor::from_data(TensorData::new(values, [size]), device)
        })))
    }

    /// All numbers of both moments, zeros included.
    pub fn values(&self) -> [Vec<f32>; 2] {
        [self.values_of(0), self.values_of(1)]
    }

    /// All numbers of the first moment (0) or the second (1), zeros included.
    pub fn values_of(&self, moment: usize) -> Vec<f32> {
        match self {
            Self::Dense(moments) => moments[moment].to_data().iter::<f32>().collect(),
            Self::Rows(rows) => rows.dense(&rows.values[moment]),
        }
    }

    /// How many numbers each moment has, zeros included.
    pub fn size(&self) -> usize {
        match self {
            Self::Dense(moments) => moments[0].dims()[0],
            Self::Rows(rows) => rows.places.len() * rows.width,
        }
    }

    /// The moments of rows of `width` numbers.
    pub(super) fn into_rows(self, width: usize) -> RowMoments {
        if let Self::Rows(rows) = self {
            return rows;
        }
        let [first, second] = self.values();
        let mut kept = RowMoments::new(first.len() / width, width);
        let lines = first.chunks_exact(width).zip(second.chunks_exact(width));
        for (row, (first, second)) in lines.enumerate() {
            if first.iter().chain(second).any(|moment| *moment != 0.0) {
                let place = kept.place(row) * width;
                kept.values[0][place..].copy_from_slice(first);
                kept.values[1][place..].copy_from_slice(second);
            }
        }
        kept
    }

    /// The moments of all elements.
    pub(super) fn into_dense(self, device: &Device) -> [Tensor<1>; 2] {
        match self {
            Self::Dense(moments) => *moments,
            rows => match Self::from_values(rows.values(), device) {
                Self::Dense(moments) => *moments,
                Self::Rows(_) => unreachable!("made dense just now"),
            },
        }
    }
}

impl RowMoments {
    /// Of a table of `rows` rows of `width` numbers, none of which was ever read.
    pub(super) fn new(rows: usize, width: usize) -> Self {
        Self {
            places: vec![None; rows],
            rows: Vec::new(),
            values: [Vec::new(), Vec::new()],
            width,
        }
    }

    /// How many rows are kept.
    pub fn kept(&self) -> usize {
        self.rows.len()
    }

    /// The index of a row, a new one with zeros if it has none.
    pub(super) fn place(&mut self, row: usize) -> usize {
        if let Some(place) = self.places[row] {
            return place as usize;
        }
        let place = self.rows.len();
        self.places[row] = Some(place as u32);
        self.rows.push(row as u32);
        let (size, most) = ((place + 1) * self.width, self.places.len() * self.width);
        for values in &mut self.values {
            if values.capacity() < size {
                // By a quarter, not to twice its size: this form exists to save memory.
                values.reserve_exact(
                    (size / 4)
                        .max(256 * self.width)
                        .min(most + self.width - size),
                );
            }
            values.resize(size, 0.0);
        }
        place
    }

    fn dense(&self, values: &[f32]) -> Vec<f32> {
        let mut all = vec![0.0; self.places.len() * self.width];
        for (row, line) in self.rows.iter().zip(values.chunks_exact(self.width)) {
            let start = *row as usize * self.width;
            all[start..start + self.width].copy_from_slice(line);
        }
        all
    }
}
