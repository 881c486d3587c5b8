//! Hugging Face's names of the weights and ours: a table for each family, read in both directions.

/// A row of a table: what a part of the encoder is called here and in a checkpoint, both without the name
/// of the parameter (`weight` or `bias`). `#` stands for a number; `[1/3]` says that a checkpoint has three
/// parts in one, of which this is the one in the middle, counted from 0.
pub(crate) type Part = (&'static str, &'static str);

/// The names of a family's weights.
#[derive(Debug)]
pub struct NameTable {
    /// The prefix of the encoder's weights in a checkpoint with a head.
    pub prefix: &'static str,
    /// The name of the head, which has no prefix.
    pub head: &'static str,
    /// The name of what stands between encoder and head, which has no prefix; empty where nothing does.
    pub(crate) transform: &'static str,
    /// The parts of the encoder.
    pub(crate) parts: &'static [Part],
    /// Modules that transformers calls otherwise than a checkpoint does, as rows of a checkpoint's names (with the
    /// slice) and those of transformers.
    pub(crate) modules: &'static [Part],
    /// Ends of names that old checkpoints spell otherwise, as (old, present).
    pub(crate) old_suffixes: &'static [(&'static str, &'static str)],
    /// Weights that a checkpoint may hold although token classification has no use for them: whole names,
    /// or beginnings that end with a dot.
    pub(crate) unused: &'static [&'static str],
}

/// What training programs put before every name of a checkpoint: compiled and distributed modules, and
/// modules inside others.
const WRAPPERS: &[&str] = &["_orig_mod.", "module.", "model."];

impl NameTable {
    /// The name that transformers gives to a parameter of a part, for instance
    /// `bert.encoder.layer.0.attention.self.query.weight` for `groups.0.0.attention.query` and `weight`.
    ///
    /// # Panics
    /// The family has no such part.
    pub fn of_part(&self, part: &str, parameter: &str) -> String {
        let mut rows = self.parts.iter();
        let theirs = rows.find_map(|(ours, theirs)| translate(part, ours, theirs));
        let theirs = theirs.expect("the modules of a family are those that its table names");
        let (theirs, slice) = theirs.split_at(theirs.find('[').unwrap_or(theirs.len()));
        format!("{}.{theirs}.{parameter}{slice}", self.prefix)
    }

    /// What transformers calls part `part` of a checkpoint's `module`, where it calls it otherwise.
    pub(crate) fn peft_module(&self, module: &str, part: usize) -> Option<String> {
        let bare = module.strip_prefix(self.prefix)?.strip_prefix('.')?;
        let mut rows = self.modules.iter();
        let theirs = rows.find_map(|(form, theirs)| {
            let is_it = slice(form).is_none_or(|(at, _)| at == part);
            translate(bare, whole(form), theirs).filter(|_| is_it)
        })?;
        Some(format!("{}.{theirs}", self.prefix))
    }

    /// What a checkpoint calls the `module` of transformers, with a slice where it is a part of a joint one.
    pub(crate) fn of_peft_module(&self, module: &str) -> String {
        let of_row = |bare: &str, (ours, theirs): &Part| {
            let (form, slice) = ours.split_at(whole(ours).len());
            let name = translate(bare, theirs, form)?;
            Some(format!("{}.{name}{slice}", self.prefix))
        };
        let bare = module.strip_prefix(self.prefix);
        let bare = bare.and_then(|rest| rest.strip_prefix('.'));
        bare.and_then(|bare| self.modules.iter().find_map(|row| of_row(bare, row)))
            .unwrap_or_else(|| module.to_owned())
    }

    /// The name that transformers gives to a parameter of what stands before the head.
    pub fn of_transform(&self, part: &str, parameter: &str) -> String {
        format!("{}.{part}.{parameter}", self.transform)
    }

    /// The name that transformers gives to a parameter of the head.
    pub fn of_head(&self, parameter: &str) -> String {
        format!("{}.{parameter}", self.head)
    }

    /// The present name of a weight, with the prefix, however a checkpoint spells it; and whether a
    /// training program had put something before it.
    pub fn canonical_name(&self, name: &str) -> (String, bool) {
        let present = self.old_suffixes.iter().find_map(|(old, present)| {
            let stem = name.strip_suffix(old)?;
            Some(format!("{stem}{present}"))
        });
        let name = present.unwrap_or_else(|| name.to_owned());
        let mut bare = name.as_str();
        loop {
            if self.is_known(bare) {
                return (bare.to_owned(), bare != name);
            }
            let prefixed = format!("{}.{bare}", self.prefix);
            if self.is_known(&prefixed) {
                return (prefixed, bare != name);
            }
            let mut wrappers = WRAPPERS.iter();
            match wrappers.find_map(|wrapper| bare.strip_prefix(wrapper)) {
                Some(inner) => bare = inner,
                None => return (name, false),
            }
        }
    }

    /// Whether a checkpoint may hold this weight although token classification has no use for it.
    pub fn may_be_unused(&self, name: &str) -> bool {
        let mut unused = self.unused.iter();
        unused.any(|known| name == *known || known.ends_with('.') && name.starts_with(known))
    }

    /// Whether a weight belongs to the encoder, by its canonical name.
    pub fn is_of_encoder(&self, name: &str) -> bool {
        is_below(name, self.prefix)
    }

    /// Whether a weight belongs to the head.
    pub fn is_of_head(&self, name: &str) -> bool {
        is_below(name, self.head)
    }

    /// Whether a weight belongs to what stands before the head.
    pub fn is_of_transform(&self, name: &str) -> bool {
        !self.transform.is_empty() && is_below(name, self.transform)
    }

    /// Whether parts of the encoder lie in a module of this name, without the prefix.
    pub(crate) fn begins_with(&self, module: &str) -> bool {
        let mut rows = self.parts.iter();
        rows.any(|(_, theirs)| *theirs == module || is_below(theirs, module))
    }

    fn is_known(&self, name: &str) -> bool {
        if self.may_be_unused(name) || self.is_of_head(name) || self.is_of_transform(name) {
            return true;
        }
        let part = name
            .strip_prefix(self.prefix)
            .and_then(|rest| rest.strip_prefix('.')?.rsplit_once('.'));
        let mut rows = self.parts.iter();
        part.is_some_and(|(part, _)| rows.any(|(_, theirs)| numbers(part, whole(theirs)).is_some()))
    }
}

/// Whether a name is one of something in a module.
pub(crate) fn is_below(name: &str, parent: &str) -> bool {
    let rest = name.strip_prefix(parent);
    rest.is_some_and(|rest| rest.starts_with('.'))
}

/// The name of the tensor that a name with a slice, such as `[1/3]`, is a part of.
pub fn whole(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// Which part of how many a name with a slice means.
pub fn slice(name: &str) -> Option<(usize, usize)> {
    let (_, slice) = name.split_once('[')?;
    let (at, of) = slice.strip_suffix(']')?.split_once('/')?;
    Some((at.parse().ok()?, of.parse().ok()?))
}

/// A name of the form `from` in the form `to`.
fn translate(name: &str, from: &str, to: &str) -> Option<String> {
    let numbers = numbers(name, from)?;
    // A form that says which group it means names one number less.
    let mut numbers = numbers.into_iter();
    let segments = to.split('.').map(|segment| match segment {
        "#" => numbers.next(),
        other => Some(other),
    });
    let segments: Option<Vec<_>> = segments.collect();
    Some(segments?.join("."))
}

/// The numbers in a name of this form.
fn numbers<'a>(name: &'a str, form: &str) -> Option<Vec<&'a str>> {
    let (mut segments, mut numbers) = (name.split('.'), Vec::new());
    for expected in form.split('.') {
        let segment = segments.next()?;
        match expected {
            "#" if segment.bytes().all(|byte| byte.is_ascii_digit()) => numbers.push(segment),
            expected if expected == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(numbers)
}

/// One table of the rows of two.
pub(crate) const fn concat<const N: usize>(first: &[Part], second: &[Part]) -> [Part; N] {
    let (mut all, mut at) = ([("", ""); N], 0);
    while at < N {
        all[at] = match at < first.len() {
            true => first[at],
            false => second[at - first.len()],
        };
        at += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{slice, whole};
    use crate::families::of_model_type;

    #[test]
    fn names_of_both_directions() {
        let cases = [
            (
                "bert",
                "groups.0.3.attention.query",
                "bert.encoder.layer.3.attention.self.query.weight",
            ),
            (
                "bert",
                "groups.0.11.feed_forward_norm",
                "bert.encoder.layer.11.output.LayerNorm.weight",
            ),
            (
                "bert",
                "embeddings.norm",
                "bert.embeddings.LayerNorm.weight",
            ),
            (
                "xlm-roberta",
                "groups.0.0.attention_norm",
                "roberta.encoder.layer.0.attention.output.LayerNorm.weight",
            ),
            ("electra", "projection", "electra.embeddings_project.weight"),
            (
                "albert",
                "groups.1.2.feed_forward.inner",
                "albert.encoder.albert_layer_groups.1.albert_layers.2.ffn.weight",
            ),
            (
                "mpnet",
                "relative.table",
                "mpnet.encoder.relative_attention_bias.weight",
            ),
            (
                "deberta-v2",
                "groups.0.5.attention.key",
                "deberta.encoder.layer.5.attention.self.key_proj.weight",
            ),
            ("modernbert", "norm", "model.final_norm.weight"),
        ];
        for (family, ours, theirs) in cases {
            let names = of_model_type(family).unwrap().names;
            assert_eq!(names.of_part(ours, "weight"), theirs);
            assert_eq!(names.canonical_name(theirs), (theirs.to_owned(), false));
        }
        let bert = of_model_type("bert").unwrap().names;
        assert_eq!(bert.of_head("bias"), "classifier.bias");
        let modern = of_model_type("modernbert").unwrap().names;
        let key = modern.of_part("groups.0.5.attention.key", "weight");
        assert_eq!(key, "model.layers.5.attn.Wqkv.weight[1/3]");
        assert_eq!(
            (whole(&key), slice(&key)),
            ("model.layers.5.attn.Wqkv.weight", Some((1, 3)))
        );
        let bare = modern.canonical_name("layers.5.attn.Wqkv.weight");
        assert_eq!(bare, (whole(&key).to_owned(), false));
    }

    #[test]
    fn names_with_or_without_prefix_old_or_wrapped() {
        let cases = [
            (
                "bert.embeddings.LayerNorm.gamma",
                "bert.embeddings.LayerNorm.weight",
                false,
            ),
            (
                "embeddings.LayerNorm.beta",
                "bert.embeddings.LayerNorm.bias",
                false,
            ),
            (
                "encoder.layer.1.output.dense.weight",
                "bert.encoder.layer.1.output.dense.weight",
                false,
            ),
            ("pooler.dense.bias", "bert.pooler.dense.bias", false),
            ("classifier.weight", "classifier.weight", false),
            ("cls.predictions.bias", "cls.predictions.bias", false),
            (
                "_orig_mod.module.bert.embeddings.word_embeddings.weight",
                "bert.embeddings.word_embeddings.weight",
                true,
            ),
            (
                "model.embeddings.word_embeddings.weight",
                "bert.embeddings.word_embeddings.weight",
                true,
            ),
            ("module.classifier.bias", "classifier.bias", true),
            ("module.something.else", "module.something.else", false),
            (
                "encoder.layer.x.output.dense.bias",
                "encoder.layer.x.output.dense.bias",
                false,
            ),
        ];
        let names = of_model_type("bert").unwrap().names;
        for (found, expected, is_wrapped) in cases {
            let canonical = (expected.to_owned(), is_wrapped);
            assert_eq!(names.canonical_name(found), canonical);
        }
    }
}
