//! How high in a model each weight stands, and what is done by that: freezing, and drawing layers anew.
//!
//! Embeddings have height 0, layers from 1 on, the head and what stands between it and the last layer one more
//! than there are layers. What several layers share (the groups of ALBERT, a table of distances) stands as
//! high as the highest of them.

use crate::config::Config;
use crate::model::TokenClassifier;
use crate::ops;
use crate::walk::{self, Mapper, Visitor};
use crate::weights::ParamPath;
use burn::module::Param;
use burn::tensor::{Tensor, TensorData};
use std::collections::BTreeMap;

impl TokenClassifier {
    /// How many layers the encoder has.
    pub fn layers(&self) -> usize {
        self.encoder.layers_in_order()
    }

    /// The height of each weight by its name in a checkpoint.
    pub fn heights(&self) -> BTreeMap<String, usize> {
        let mut heights = Heights {
            model: self,
            found: BTreeMap::new(),
        };
        walk::visit(self, self.names(), &mut heights);
        heights.found
    }

    /// Freezes the embeddings and the lowest `layers` layers, and lets all others be trained; with 0 all are
    /// trained, the embeddings too. The backward pass of what is frozen is skipped, which saves its time and
    /// memory. Weights that a higher layer shares are trained. A model with an adapter stays as it is: only
    /// that and the head are trained.
    #[must_use]
    pub fn frozen(self, layers: usize) -> Self {
        if self.has_adapter() {
            return self;
        }
        let names = self.names();
        let mut freezing = Freezing {
            heights: self.heights(),
            layers,
        };
        walk::map(self, names, &mut freezing)
    }

    /// The same model with its `top` highest layers drawn anew from `seed`, as BERT was before it was
    /// pretrained: weights from `N(0, initializer_range²)`, biases 0, norms 1 (Zhang et al. 2021, section 4.2).
    /// Layers that share their weights with one of these are drawn anew with it.
    #[must_use]
    pub fn reinitialized(self, top: usize, config: &Config, seed: u64) -> Self {
        if top == 0 {
            return self;
        }
        let (layers, names) = (self.layers(), self.names());
        let mut drawing = Drawing {
            lowest: (layers + 1).saturating_sub(top),
            heights: self.heights(),
            deviation: config.initializer_range,
            seed,
            drawn: 0,
        };
        walk::map(self, names, &mut drawing)
    }
}

struct Heights<'a> {
    model: &'a TokenClassifier,
    found: BTreeMap<String, usize>,
}

impl Visitor for Heights<'_> {
    fn visit<const D: usize>(&mut self, path: &ParamPath, _param: &Param<Tensor<D>>) {
        let height = match path.in_encoder() {
            Some(field) => self.model.encoder.height(&field),
            None => self.model.layers() + 1,
        };
        self.found.insert(path.name(), height);
    }
}

struct Freezing {
    heights: BTreeMap<String, usize>,
    layers: usize,
}

impl Mapper for Freezing {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        let is_trained = self.layers == 0 || self.heights[&path.name()] > self.layers;
        param.set_require_grad(is_trained)
    }
}

struct Drawing {
    heights: BTreeMap<String, usize>,
    /// The lowest height that is drawn anew.
    lowest: usize,
    deviation: f64,
    seed: u64,
    /// Matrices drawn so far.
    drawn: usize,
}

impl Mapper for Drawing {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        let field = path.in_encoder().unwrap_or_default();
        let is_drawn = field.starts_with("groups.") && self.heights[&path.name()] >= self.lowest;
        if !is_drawn {
            return param;
        }
        let (shape, device) = (param.lazy_shape(), param.lazy_device());
        let size = shape.num_elements();
        let values = if path.is_linear_weight(D) {
            self.drawn += 1;
            // From another stream than the head's and than any step's dropout.
            let seed = ops::derived_seed(!self.seed, self.drawn);
            ops::normal(size, self.deviation, seed)
        } else {
            let is_scale = field.ends_with(".gamma");
            vec![f32::from(u8::from(is_scale)); size]
        };
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), &device))
    }
}
