//! How high in a model each weight stands, and what is done by that: freezing, and drawing layers anew.
//!
//! Embeddings have height 0, layers from 1 on, the head and what stands between it and the last layer one more
//! than there are layers. What several layers share (the groups of ALBERT, a table of distances) stands as
//! high as the highest of them.

use crate::config::Config;
use crate::model::TokenClassifier;
use crate::ops;
use crate::weights::ParamPath;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
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
            path: ParamPath::new(self.names()),
            model: self,
            found: BTreeMap::new(),
        };
        self.visit(&mut heights);
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
        let mut freezing = Freezing {
            path: ParamPath::new(self.names()),
            heights: self.heights(),
            layers,
        };
        self.map(&mut freezing)
    }

    /// The same model with its `top` highest layers drawn anew from `seed`, as BERT was before it was
    /// pretrained: weights from `N(0, initializer_range²)`, biases 0, norms 1 (Zhang et al. 2021, section 4.2).
    /// Layers that share their weights with one of these are drawn anew with it.
    #[must_use]
    pub fn reinitialized(self, top: usize, config: &Config, seed: u64) -> Self {
        if top == 0 {
            return self;
        }
        let layers = self.layers();
        let mut drawing = Drawing {
            path: ParamPath::new(self.names()),
            lowest: (layers + 1).saturating_sub(top),
            heights: self.heights(),
            deviation: config.initializer_range,
            seed,
            drawn: 0,
        };
        self.map(&mut drawing)
    }
}

struct Heights<'a> {
    path: ParamPath,
    model: &'a TokenClassifier,
    found: BTreeMap<String, usize>,
}

impl ModuleVisitor for Heights<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
        let height = match self.path.in_encoder() {
            Some(path) => self.model.encoder.height(&path),
            None => self.model.layers() + 1,
        };
        self.found.insert(self.path.name(), height);
    }
}

struct Freezing {
    path: ParamPath,
    heights: BTreeMap<String, usize>,
    layers: usize,
}

impl ModuleMapper for Freezing {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let is_trained = self.layers == 0 || self.heights[&self.path.name()] > self.layers;
        param.set_require_grad(is_trained)
    }
}

struct Drawing {
    path: ParamPath,
    heights: BTreeMap<String, usize>,
    /// The lowest height that is drawn anew.
    lowest: usize,
    deviation: f64,
    seed: u64,
    /// Matrices drawn so far.
    drawn: usize,
}

impl ModuleMapper for Drawing {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = self.path.in_encoder().unwrap_or_default();
        let is_drawn =
            path.starts_with("groups.") && self.heights[&self.path.name()] >= self.lowest;
        if !is_drawn {
            return param;
        }
        let (shape, device) = (param.lazy_shape(), param.lazy_device());
        let size = shape.num_elements();
        let values = if self.path.is_linear_weight(D) {
            self.drawn += 1;
            // From another stream than the head's and than any step's dropout.
            let seed = ops::derived_seed(!self.seed, self.drawn);
            ops::normal(size, self.deviation, seed)
        } else {
            let is_scale = path.ends_with(".gamma");
            vec![f32::from(u8::from(is_scale)); size]
        };
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), &device))
    }
}
