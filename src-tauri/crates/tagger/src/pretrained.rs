//! The pretrained weights of a run: it begins with them, and may be drawn back to them.
//!
//! - decay (L2-SP, Li et al. 2018, decoupled from the gradient as in AdamW): in each step a weight loses
//!   `rate · decay · (weight − pretrained)`. It takes the place of the decay towards 0, and biases and norms
//!   have it too
//! - mixout (Lee et al. 2020): the matrices of the linear layers are `pretrained + dropout(weight − pretrained)`
//!   in a forward pass
//!
//! Only the encoder's weights have pretrained ones here: what was drawn anew for the run, its head and
//! reinitialised layers, is left out, and so is what is frozen. Nothing of it is in a checkpoint: a resumed
//! run reads the base model again.

use crate::error::Error;
use crate::labels::HeadPlan;
use crate::parameters::trained;
use crate::tags::TagSet;
use std::collections::BTreeMap;
use std::sync::Arc;
use tagsmith_encoder::burn::module::Param;
use tagsmith_encoder::burn::tensor::{Device, Tensor};
use tagsmith_encoder::model::{self, Head, LoadReport};
use tagsmith_encoder::ops::Kernels;
use tagsmith_encoder::walk::{self, Mapper};
use tagsmith_encoder::weights::ParamPath;
use tagsmith_encoder::{Config, LoraConfig, TokenClassifier};
use tagsmith_protocol::{HeadStart, TrainConfig};

/// Pretrained weights by name, flat and without autodiff.
#[derive(Clone, Debug, Default)]
pub struct Pretrained(Arc<BTreeMap<String, Tensor<1>>>);

/// What a run begins with.
pub struct Beginning {
    /// The base model, with a new head where it has none for the labels, and layers drawn anew.
    pub model: TokenClassifier,
    /// Its configuration.
    pub config: Config,
    /// What loading did.
    pub report: LoadReport,
    /// Where the weights are drawn back to; empty where no setting asks for it.
    pub pretrained: Pretrained,
}

impl Beginning {
    /// Loads the base model of a run for these tags, with an adapter where one is trained; the same each time.
    ///
    /// # Errors
    /// It cannot be loaded, or has no labels to start from where that is asked for.
    pub fn load(config: &TrainConfig, tags: &TagSet, device: &Device) -> Result<Self, Error> {
        let plan = HeadPlan::of(config, tags)?;
        let (model, model_config, report) = model::load_with_head(
            &config.model,
            tags.names(),
            &plan.rows,
            config.dropout,
            config.init_seed(),
            device,
        )
        .map_err(Error::Model)?;
        if config.head_start == HeadStart::OldLabels && report.head == Head::New {
            return Err(Error::Setting {
                setting: "head_start",
                found: "old-labels".into(),
                expected: "auto or fresh: the model has no head with a label of the data".into(),
            });
        }
        let pretrained = Pretrained::of(&model, config);
        let drawn = config.reinitialized_layers;
        let model = model.reinitialized(drawn, &model_config, config.init_seed());
        let lora = LoraConfig {
            rank: config.lora_rank,
            alpha: config.lora_alpha(),
            dropout: config.lora_dropout,
            targets: config.lora_targets,
        };
        Ok(Self {
            model: match lora.rank {
                0 => model,
                _ => model.with_lora(&lora, config.init_seed()),
            },
            config: model_config,
            report,
            pretrained,
        })
    }
}

impl Pretrained {
    /// Those of the base model of a run, where its settings ask for them.
    ///
    /// # Errors
    /// It cannot be loaded.
    pub fn load(config: &TrainConfig, tags: &TagSet, device: &Device) -> Result<Self, Error> {
        match Self::are_needed(config) {
            true => Ok(Beginning::load(config, tags, device)?.pretrained),
            false => Ok(Self::default()),
        }
    }

    fn are_needed(config: &TrainConfig) -> bool {
        config.pretrained_decay > 0.0 || config.mixout > 0.0
    }

    /// Those of `model`, as it was loaded, that the settings of a run ask for.
    fn of(model: &TokenClassifier, config: &TrainConfig) -> Self {
        if !Self::are_needed(config) {
            return Self::default();
        }
        let decays = config.pretrained_decay > 0.0;
        let heights = model.heights();
        let lowest_drawn = model.layers() + 1 - config.reinitialized_layers.min(model.layers());
        let is_kept = |name: &String| {
            let is_drawn = (lowest_drawn..=model.layers()).contains(&heights[name]);
            model.names().is_of_encoder(name) && !is_drawn
        };
        let weights = trained(&model.clone().frozen(config.frozen_layers))
            .into_iter()
            .filter(|(name, weight)| is_kept(name) && (decays || weight.is_linear))
            .map(|(name, weight)| (name, weight.flat));
        Self(Arc::new(weights.collect()))
    }

    /// The pretrained weight of this name, `[size]`.
    pub fn get(&self, name: &str) -> Option<&Tensor<1>> {
        self.0.get(name)
    }
}

/// Mixout with some rate.
#[derive(Clone, Debug)]
pub struct Mixout {
    pretrained: Pretrained,
    /// 0–1.
    rate: f64,
}

impl Mixout {
    /// Mixout as a run's settings say; `None` where they have none.
    pub fn new(config: &TrainConfig, pretrained: &Pretrained) -> Option<Self> {
        (config.mixout > 0.0).then(|| Self {
            pretrained: pretrained.clone(),
            rate: config.mixout,
        })
    }

    /// `model` for one forward pass: gradients reach its weights. What is mixed follows from the dropout of
    /// the step.
    pub fn applied(&self, model: &TokenClassifier) -> TokenClassifier {
        walk::map(model.clone(), model.names(), &mut Mixing(self))
    }
}

struct Mixing<'a>(&'a Mixout);

impl Mapper for Mixing<'_> {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        let known = self.0.pretrained.get(&path.name());
        let (true, Some(pretrained)) = (path.is_linear_weight(D), known) else {
            return param;
        };
        let (id, weight, mapper) = param.consume();
        // Without autodiff, and so a constant.
        let pretrained = pretrained.clone().reshape(weight.dims());
        let kernels = Kernels::best_on(&weight.device());
        let mixed = pretrained.clone() + kernels.dropout(weight - pretrained, self.0.rate);
        Param::from_mapped_value(id, mixed, mapper)
    }
}
