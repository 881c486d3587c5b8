//! Hidden states, logits and gradients equal PyTorch's, for every form a checkpoint comes in.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use support::{
    at_real, fixture, gradients_of, input, integers, ints, largest_difference, numbers, values,
};
use tagsmith_encoder::burn::module::{Module, ModuleVisitor, Param};
use tagsmith_encoder::burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use tagsmith_encoder::model::{self, Head};
use tagsmith_encoder::ops::{Execution, Kernels, Quantisation, Scores};
use tagsmith_encoder::weights::Weights;
use tagsmith_encoder::{Input, Precision, SequenceOffsets, TokenClassifier, device, ops, weights};
use tagsmith_testing::{json, starter};

/// Loads a folder as fine-tuning would, and compares with its `reference.json`.
fn check(name: &str, tolerance: f64) {
    let folder = fixture("tiny").join(name);
    let reference = json(&folder.join("reference.json"));
    let device = Device::flex();
    let labels = ["O".to_owned(), "B-X".to_owned()];
    let (model, _, _) = model::load_for_labels(&folder, &labels, None, 1, &device)
        .unwrap_or_else(|f| panic!("{name}: {f}"));
    let found = values(model.hidden(input(&reference, &device)));
    let expected = at_real(&reference, &numbers(&reference["last_hidden_state"]));
    let difference = largest_difference(&found, &expected);
    assert!(
        difference < tolerance,
        "{name}: hidden states differ by {difference:e}"
    );
    if !reference["logits"].is_null() {
        let (model, _) = model::load(&folder, &device).unwrap();
        let found = values(model.logits(input(&reference, &device)));
        let expected = at_real(&reference, &numbers(&reference["logits"]));
        let difference = largest_difference(&found, &expected);
        assert!(
            difference < tolerance,
            "{name}: logits differ by {difference:e}"
        );
    }
}

#[test]
fn trap_linear_weights_are_transposed_and_norm_comes_after() {
    check("bert-token-classification", 2e-5);
}

#[test]
fn trap_gamma_and_beta_with_prefix_in_a_pickle() {
    check("bert-legacy-bin", 2e-5);
    check("bert-legacy-2018", 2e-5);
}

#[test]
fn weights_inside_a_training_programs_checkpoint() {
    check("bert-lightning", 2e-5);
}

#[test]
fn trap_names_without_prefix_without_pooler_with_position_ids() {
    check("bert-no-prefix", 2e-5);
}

#[test]
fn trap_layer_norm_epsilon_from_the_config() {
    check("bert-eps-1e-5", 2e-5);
}

#[test]
fn trap_gelu_is_the_erf_form_and_gelu_new_the_tanh_form() {
    check("bert-gelu-new", 2e-5);
    check("bert-relu", 2e-5);
    // The two must differ by more than the tolerance, or the test above would prove nothing.
    let device = Device::flex();
    let x = Tensor::<1>::from_floats([1.0, -2.0, 2.5], &device);
    let erf = Kernels::Cpu.activate(x.clone(), tagsmith_encoder::Activation::Gelu);
    let tanh = Kernels::Cpu.activate(x, tagsmith_encoder::Activation::GeluTanh);
    assert!(largest_difference(&values(erf), &values(tanh)) > 1e-4);
}

#[test]
fn half_precision_and_sharded_files() {
    check("bert-f16", 2e-5);
    check("bert-bf16", 2e-5);
    check("bert-sharded", 2e-5);
}

/// Sequences stand one after the other, an empty one among them: nothing may leak over a bound.
#[test]
fn trap_a_sequence_of_a_batch_equals_the_sequence_alone() {
    let folder = fixture("tiny/bert-token-classification");
    let reference = json(&folder.join("reference.json"));
    let device = Device::flex();
    let (model, config) = model::load(&folder, &device).unwrap();
    let labels = config.labels().len();
    let ids = integers(&reference["input_ids"]);
    let types = integers(&reference["token_type_ids"]);
    let batch = input(&reference, &device);
    assert!(batch.offsets.iter().any(|tokens| tokens.is_empty()));
    for kernels in [Kernels::Reference, Kernels::Cpu] {
        let model = model.clone().with_kernels(kernels);
        let together = values(model.logits(batch.clone()));
        assert!(together.iter().all(|logit| logit.is_finite()));
        for (row, tokens) in batch.offsets.iter().enumerate() {
            let alone = values(model.logits(Input {
                ids: ints(ids.row(row, tokens.len()), &device),
                types: ints(types.row(row, tokens.len()), &device),
                offsets: SequenceOffsets::new([tokens.len()]),
            }));
            let together = &together[tokens.start * labels..tokens.end * labels];
            let difference = largest_difference(&alone, together);
            assert!(difference < 1e-5, "row {row} differs by {difference:e}");
        }
    }
}

/// As on a device that compiles by size: rows and places that no sequence has change nothing, in the
/// logits as in the gradients.
#[test]
fn sizes_rounded_up_change_no_result() {
    let folder = fixture("tiny/bert-token-classification");
    let reference = json(&folder.join("reference.json"));
    let device = Device::flex().autodiff();
    let (model, _) = model::load_with_dropout(&folder, Some(0.0), &device).unwrap();
    let exact = input(&reference, &device);
    let offsets = exact.offsets.clone().rounded_up();
    let added = offsets.rows() - offsets.tokens();
    assert!(added > 0 && offsets.padded_length() > offsets.longest());
    // Not the piece that pads, which could be special.
    let filled = |ids: Tensor<1, Int>| Tensor::cat(vec![ids, ints(vec![1; added], &device)], 0);
    let rounded = Input {
        ids: filled(exact.ids.clone()),
        types: filled(exact.types.clone()),
        offsets,
    };
    let forms = [
        (Kernels::Cpu, exact.clone()),
        (Kernels::Reference, exact),
        (Kernels::Reference, rounded),
    ];
    let all: Vec<Vec<f64>> = forms
        .into_iter()
        .map(|(kernels, batch)| {
            let model = model.clone().with_kernels(kernels);
            let logits = model.logits(batch);
            let mut gradients = Flat {
                gradients: logits.clone().powi_scalar(2).sum().backward(),
                values: values(logits),
            };
            model.visit(&mut gradients);
            gradients.values
        })
        .collect();
    assert_eq!(all[1].len(), all[2].len());
    let largest = all[1].iter().fold(0.0f64, |top, x| top.max(x.abs()));
    for other in [0, 2] {
        let difference = largest_difference(&all[1], &all[other]);
        assert!(difference < 2e-6 * largest, "{difference:e} of {largest}");
    }
}

/// All gradients one after the other.
struct Flat {
    gradients: Gradients,
    values: Vec<f64>,
}

impl ModuleVisitor for Flat {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = ops::Gradient::take(&param.val(), &mut self.gradients).unwrap();
        let size = param.val().dims().iter().product();
        let values = gradient.values(size);
        self.values.extend(values.into_iter().map(f64::from));
    }
}

#[test]
fn the_logits_of_some_tokens_are_those_of_all() {
    let folder = fixture("tiny/bert-token-classification");
    let reference = json(&folder.join("reference.json"));
    let device = Device::flex();
    let (model, config) = model::load(&folder, &device).unwrap();
    let batch = input(&reference, &device);
    let all = values(model.logits(batch.clone()));
    let labels = config.labels().len();
    let indices = [3, 0, batch.offsets.tokens() - 1];
    let rows = ints(indices.iter().map(|at| *at as i64).collect(), &device);
    let some = values(model.logits_at(batch, rows));
    for (found, at) in some.chunks(labels).zip(indices) {
        let expected = &all[at * labels..(at + 1) * labels];
        assert!(largest_difference(found, expected) < 1e-5, "token {at}");
    }
}

#[test]
fn gradients_equal_pytorchs_and_only_labelled_words_count() {
    let folder = fixture("tiny/bert-token-classification");
    let training = json(&folder.join("training.json"));
    let device = Device::flex().autodiff();
    let (model, _) = model::load_with_dropout(&folder, Some(0.0), &device).unwrap();
    let labels = integers(&training["labels"]).real(&integers(&training["attention_mask"]));
    let scored: Vec<i64> = (0..labels.len() as i64)
        .filter(|at| labels[*at as usize] >= 0)
        .collect();
    let targets: Vec<i64> = scored.iter().map(|at| labels[*at as usize]).collect();
    let count = scored.len();
    let logits = model.logits_at(input(&training, &device), ints(scored, &device));
    let loss = Kernels::Cpu.cross_entropy(logits, ints(targets, &device), count as f64);
    let expected = numbers(&training["steps"][0]["loss"])[0];
    let found = f64::from(loss.clone().into_scalar::<f32>());
    assert!(
        (found - expected).abs() < 1e-5,
        "loss {found}, expected {expected}"
    );

    let reference = Weights::from_safetensors(&folder.join("gradients.safetensors")).unwrap();
    let gradients = gradients_of(&model, loss);
    // The file also holds the loss itself.
    assert_eq!(gradients.len(), reference.tensors.len() - 1);
    for (name, weight) in reference.tensors.iter().filter(|(name, _)| *name != "loss") {
        let expected: Vec<f64> = weight
            .read(name)
            .unwrap()
            .into_iter()
            .map(f64::from)
            .collect();
        let difference = largest_difference(&gradients[name], &expected);
        assert!(
            difference < 2e-5,
            "the gradient of {name} differs by {difference:e}"
        );
    }
}

#[test]
fn trap_softmax_of_large_numbers_is_finite_and_right() {
    let device = Device::flex();
    let logits = Tensor::<2>::from_floats([[3e4, -3e4, 0.0], [1e4, 1e4, -1e4]], &device);
    let targets = Tensor::<1, Int>::from_ints([0, 1], &device);
    let loss = Kernels::Cpu.cross_entropy(logits, targets, 2.0);
    let loss = loss.into_scalar::<f32>();
    assert!((loss - 0.5 * std::f32::consts::LN_2).abs() < 1e-6, "{loss}");
    let large =
        || Tensor::<2>::from_floats([[1e3, -1e3, 5e2, 1e3], [-1e3, 1e3, 1e3, 0.0]], &device);
    let execution = Execution::new(SequenceOffsets::new([2]), Kernels::Cpu, &device);
    let attended = values(ops::attention(
        [large(), large(), large()],
        Scores::Plain,
        &execution,
        2,
        0.0,
    ));
    // Each position attends to itself alone.
    assert!(largest_difference(&attended, &values(large())) < 1e-3);
}

#[test]
fn trap_positions_count_from_zero() {
    let folder = fixture("tiny/bert-no-prefix");
    let device = Device::flex();
    let labels = ["O".to_owned()];
    let (model, config, _) = model::load_for_labels(&folder, &labels, None, 1, &device).unwrap();
    let one_piece = |model: &TokenClassifier| {
        values(model.hidden(Input {
            ids: ints(vec![7], &device),
            types: ints(vec![0], &device),
            offsets: SequenceOffsets::new([1]),
        }))
    };
    let before = one_piece(&model);
    for (row, moves) in [(0, true), (1, false), (2, false)] {
        let mut tensors = weights::collect(&model, model.names());
        let table = tensors
            .get_mut("bert.embeddings.position_embeddings.weight")
            .unwrap();
        let width = table.shape[1];
        table.values[row * width..(row + 1) * width].fill(1.0);
        let changed = tempfile::tempdir().unwrap();
        model::save(&model, &config, changed.path()).unwrap();
        weights::write(&changed.path().join("model.safetensors"), &tensors).unwrap();
        let (model, _) = model::load(changed.path(), &device).unwrap();
        assert_eq!(one_piece(&model) != before, moves, "row {row}");
    }
}

#[test]
fn trap_an_all_masked_batch_has_loss_zero() {
    let device = Device::flex().autodiff();
    let logits = Tensor::<2>::zeros([0, 3], &device);
    let targets = Tensor::<1, Int>::from_data(TensorData::new(Vec::<i64>::new(), [0]), &device);
    let loss = Kernels::Cpu.cross_entropy(logits, targets, 0.0);
    let loss = loss.into_scalar::<f32>();
    assert_eq!(loss, 0.0);
}

/// By hand: two rows whose right label has probability 1/2 and 1/4, weighing 2.5 together.
#[test]
fn the_sum_of_losses_is_divided_by_what_the_rows_weigh() {
    let device = Device::flex();
    let third = 3f32.ln();
    let logits = Tensor::<2>::from_floats([[0.0, 0.0], [0.0, third]], &device);
    let targets = Tensor::<1, Int>::from_ints([1, 0], &device);
    // ln 2 + ln 4 = ln 8
    let expected = 8f64.ln() / 2.5;
    for kernels in [Kernels::Reference, Kernels::Cpu] {
        for scale in [1.0, 8.0] {
            let (logits, targets) = (logits.clone(), targets.clone());
            let loss = kernels.cross_entropy_scaled(logits, targets, 2.5, scale);
            let loss = f64::from(loss.into_scalar::<f32>());
            assert!((loss / scale - expected).abs() < 1e-6, "{loss}");
        }
    }
}

#[test]
fn trap_dropout_rates_are_the_configs_and_only_while_training() {
    let device = Device::flex();
    let ones = || Tensor::<2>::ones([200, 200], &device);
    let untouched = values(Kernels::Cpu.dropout(ones(), 0.3));
    assert!(
        untouched.iter().all(|v| *v == 1.0),
        "no dropout without autodiff"
    );
    let training = device.clone().autodiff();
    ops::seed_dropout(5);
    let dropped = values(Kernels::Cpu.dropout(Tensor::<2>::ones([200, 200], &training), 0.3));
    let zeros = dropped.iter().filter(|v| **v == 0.0).count() as f64 / dropped.len() as f64;
    let mean = dropped.iter().sum::<f64>() / dropped.len() as f64;
    assert!((zeros - 0.3).abs() < 0.02, "{zeros} dropped");
    assert!((mean - 1.0).abs() < 0.02, "the mean is kept: {mean}");
}

#[test]
fn the_starters_hidden_states_equal_pytorchs() {
    let Some(folder) = starter() else { return };
    let reference = json(&fixture("minilm/reference.json"));
    let device = Device::flex();
    let (model, _, report) =
        model::load_for_labels(&folder, &["O".to_owned()], None, 1, &device).unwrap();
    assert_eq!(report.head, Head::New);
    let mut unused = report.unused.clone();
    unused.sort();
    assert_eq!(
        unused,
        [
            "bert.embeddings.position_ids",
            "bert.pooler.dense.bias",
            "bert.pooler.dense.weight"
        ]
    );
    let stored = Weights::from_safetensors(&fixture("minilm").join("hidden.safetensors")).unwrap();
    let (name, weight) = stored.tensors.iter().next().unwrap();
    let expected: Vec<f64> = weight
        .read(name)
        .unwrap()
        .into_iter()
        .map(f64::from)
        .collect();
    let found = values(model.hidden(input(&reference, &device)));
    let difference = largest_difference(&found, &at_real(&reference, &expected));
    eprintln!("largest difference from PyTorch: {difference:e}");
    assert!(difference < 2e-5, "{difference:e}");
}

/// The largest difference of hidden states in a precision, prepared for inference, from PyTorch's in f32, as a
/// share of the largest of them.
fn off_in(name: &str, precision: Precision, quantisation: Quantisation) -> f64 {
    let folder = fixture("tiny").join(name);
    let reference = json(&folder.join("reference.json"));
    let cpu = device::list().remove(0);
    let labels = ["O".to_owned(), "B-X".to_owned()];
    let (model, _, _) = model::load_for_labels(&folder, &labels, None, 1, &Device::flex()).unwrap();
    let model = model
        .with_precision(precision, &cpu)
        .for_inference(quantisation);
    let found = values(model.hidden(input(&reference, &Device::flex())));
    let expected = at_real(&reference, &numbers(&reference["last_hidden_state"]));
    let largest = expected.iter().fold(0.0f64, |top, x| top.max(x.abs()));
    largest_difference(&found, &expected) / largest
}

/// With every activation, and with weights of eight bits, which take hidden states of either width.
#[test]
fn inference_in_16_bits_is_near_that_in_32() {
    for name in ["bert-token-classification", "bert-gelu-new", "bert-relu"] {
        let exact = off_in(name, Precision::F32, Quantisation::None);
        assert!(exact < 2e-5, "{name}: {exact:e}");
        let narrow = off_in(name, Precision::Bf16, Quantisation::None);
        assert!((1e-6..0.03).contains(&narrow), "{name} in bf16: {narrow:e}");
        let bytes = off_in(name, Precision::F32, Quantisation::Int8);
        let both = off_in(name, Precision::Bf16, Quantisation::Int8);
        assert!(both < bytes + 0.03, "{name} in int8: {bytes:e}, {both:e}");
    }
}
