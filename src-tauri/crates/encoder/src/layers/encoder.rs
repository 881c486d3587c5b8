//! An encoder: embeddings and a stack of layers, as the configuration of any family says.

use super::{
    Context, Convolution, Embeddings, Layer, Linear, Lora, LoraConfig, Normalising, Packing,
    Relative, Role, layer_norm,
};
use crate::config::{Config, NormPlacement, Projection, Rotary};
use crate::ops::{Execution, Kernels, Quantisation, Rotation, derived_seed};
use crate::precision::{Precision, dtype_of};
use crate::sequence_offsets::SequenceOffsets;
use burn::module::Module;
use burn::nn::LayerNorm;
use burn::tensor::{Device, Int, Tensor};

/// Embeddings and layers, without pooler.
#[derive(Module, Debug)]
pub(crate) struct Encoder {
    embeddings: Embeddings,
    /// From the width of the embeddings to that of the layers.
    projection: Option<Linear>,
    relative: Option<Relative>,
    convolution: Option<Convolution>,
    /// Layers that have weights of their own, in groups.
    groups: Vec<Vec<Layer>>,
    /// Of what the last layer gives, where layers normalise their input.
    norm: Option<LayerNorm>,
    #[module(skip)]
    normalising: Normalising,
    /// The layers in the order in which they compute, as group and place in it.
    #[module(skip)]
    order: Vec<[usize; 2]>,
    #[module(skip)]
    rotary: Option<Rotary>,
    /// How many columns a head has.
    head_width: usize,
    #[module(skip)]
    precision: Precision,
    /// Follow from device and precision, unless tests choose.
    #[module(skip)]
    kernels: Kernels,
}

impl Encoder {
    /// An encoder to load weights into; what is not loaded is drawn from `N(0, initializer_range²)`.
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        let groups = config.groups;
        let layer =
            |group: usize, at: usize| Layer::new(config, group * groups.layers + at, device);
        let group = |group| (0..groups.layers).map(|at| layer(group, at)).collect();
        let projection = [config.embedding_size, config.hidden_size];
        let projects = config.projection == Projection::AfterNorm;
        let is_before = config.norm_placement == NormPlacement::Before;
        Self {
            embeddings: Embeddings::new(config, device),
            projection: projects.then(|| Linear::new(config, projection, true, device)),
            convolution: config
                .convolution
                .map(|convolution| Convolution::new(config, convolution, device)),
            relative: config
                .relative_positions
                .map(|positions| Relative::new(config, positions, device)),
            groups: (0..groups.count).map(group).collect(),
            norm: is_before.then(|| layer_norm(config, config.hidden_size, device)),
            normalising: Normalising::new(config),
            order: order(config),
            rotary: config.rotary.clone(),
            head_width: config.hidden_size / config.num_attention_heads,
            precision: Precision::F32,
            kernels: Kernels::best_on(device),
        }
    }

    /// The same encoder computing in another precision, by these kernels.
    #[must_use]
    pub(crate) fn computing(self, precision: Precision, kernels: Kernels) -> Self {
        Self {
            precision,
            kernels,
            ..self
        }
    }

    /// The table of word pieces, `[pieces, width]`.
    pub(crate) fn word_table(&self) -> Tensor<2> {
        self.embeddings.word_table()
    }

    /// The kernels that compute the layers.
    pub(crate) fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// The precision of the hidden states.
    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    /// How high the part with this path stands, as fields joined by dots: 0 for the embeddings, from 1 on
    /// for layers, one more than layers for what comes after the last. What several layers share stands as
    /// high as the highest of them.
    pub(crate) fn height(&self, path: &str) -> usize {
        let layers = self.order.len();
        let mut fields = path.split('.');
        match fields.next() {
            Some("groups") => {
                let at: Vec<usize> = fields.map_while(|field| field.parse().ok()).collect();
                let last = self.order.iter().rposition(|layer| layer[..] == at[..]);
                last.map_or(0, |step| step + 1)
            }
            // It follows the first layer.
            Some("convolution") => 1,
            Some("relative") => layers,
            Some("norm") => layers + 1,
            _ => 0,
        }
    }

    /// How many layers compute one after the other.
    pub(crate) fn layers_in_order(&self) -> usize {
        self.order.len()
    }

    /// Packs the weights of all linear layers for inference, where the device gains by it. The model can
    /// then neither be trained nor saved.
    pub(crate) fn for_inference(mut self, quantisation: Quantisation) -> Self {
        let packing = Packing {
            quantisation,
            precision: self.precision,
            kernels: self.kernels,
        };
        self.projection = self
            .projection
            .map(|projection| projection.for_inference(packing));
        self.map_linears(|_, linear| linear.for_inference(packing))
    }

    /// The same encoder with an adapter, drawn from `seed`; all else is frozen.
    pub(crate) fn with_lora(self, lora: &LoraConfig, seed: u64) -> Self {
        let mut index = 0;
        self.no_grad().map_linears(|role, linear| {
            if !lora.targets(role) {
                return linear;
            }
            index += 1;
            let seed = derived_seed(seed, index);
            let (shape, device) = (linear.weight.dims(), linear.weight.device());
            linear.with_lora(Lora::new(lora, shape, seed, &device))
        })
    }

    /// The same encoder, its adapter merged into its weights.
    pub(crate) fn merged(self) -> Self {
        let kernels = self.kernels;
        self.map_linears(|_, linear| linear.merged(kernels))
    }

    /// Each linear layer of the layers changed.
    fn map_linears(self, mut change: impl FnMut(Role, Linear) -> Linear) -> Self {
        self.map_layers(|_, layer| layer.map_linears(&mut change))
    }

    fn map_layers(mut self, mut change: impl FnMut([usize; 2], Layer) -> Layer) -> Self {
        let groups = self.groups.into_iter().enumerate();
        let changed = groups.map(|(group, layers)| {
            let layers = layers.into_iter().enumerate();
            layers
                .map(|(at, layer)| change([group, at], layer))
                .collect()
        });
        self.groups = changed.collect();
        self
    }

    /// The hidden states of the last layer, of all tokens or of those at `indices`.
    ///
    /// # Shapes
    /// - `ids`, `types` `[rows]`: word piece ids and token type ids, sequence by sequence
    /// - `indices` `[count]`: rows of tokens
    /// - result `[rows, hidden]` or `[count, hidden]`, in the model's precision
    pub(crate) fn forward(
        &self,
        ids: Tensor<1, Int>,
        types: Tensor<1, Int>,
        offsets: SequenceOffsets,
        indices: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let context = self.context(&offsets, &ids.device());
        let embedded = self.embeddings.forward(ids, types, &offsets, self.kernels);
        let embedded = self.kernels.cast(embedded, dtype_of(self.precision));
        let embedded = match &self.projection {
            Some(projection) => projection.forward(embedded, self.kernels),
            None => embedded,
        };
        let hidden = self.layers(embedded, &context, &offsets, indices);
        match &self.norm {
            Some(norm) => self.normalising.apply(hidden, norm, self.kernels),
            None => hidden,
        }
    }

    /// What the layers make of `embedded` `[rows, hidden]`, of all tokens or of those at `indices`.
    fn layers(
        &self,
        embedded: Tensor<2>,
        context: &Context,
        offsets: &SequenceOffsets,
        indices: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let mut hidden = embedded.clone();
        let last = self.order.len().saturating_sub(1);
        let mut requested = indices;
        for (step, [group, at]) in self.order.iter().enumerate() {
            let convolution = self.convolution.as_ref().filter(|_| step == 0);
            // A convolution needs all tokens.
            let rows = match step == last && convolution.is_none() {
                true => requested.take(),
                false => None,
            };
            hidden = self.groups[*group][*at].forward(hidden, context, rows);
            if let Some(convolution) = convolution {
                hidden = convolution.forward(embedded.clone(), hidden, offsets, self.kernels);
            }
        }
        match requested {
            Some(indices) => self.kernels.gather_rows(hidden, indices),
            None => hidden,
        }
    }

    fn context(&self, offsets: &SequenceOffsets, device: &Device) -> Context {
        let relative = self.relative.as_ref();
        let rotation = |theta| Rotation::new(offsets, self.head_width, theta, device);
        let rotations = self.rotary.as_ref().map(|rotary| {
            let everything = rotation(rotary.theta);
            let near = rotary.local.as_ref().map(|local| rotation(local.theta));
            [everything.clone(), near.unwrap_or(everything)]
        });
        Context {
            execution: Execution::new(offsets.clone(), self.kernels, device)
                .with_relative_positions(relative.map(Relative::positions)),
            relative: relative.map(|relative| relative.forward(self.precision, self.kernels)),
            rotations,
        }
    }
}

/// Groups take turns of equal length, as in transformers.
fn order(config: &Config) -> Vec<[usize; 2]> {
    let groups = config.groups;
    let turns = config.num_hidden_layers / groups.layers;
    let of_turn = |turn: usize| {
        let group = turn * groups.count / turns;
        (0..groups.layers).map(move |at| [group, at])
    };
    (0..turns).flat_map(of_turn).collect()
}
