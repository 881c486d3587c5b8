//! Which tag may follow which, and what each transition scores.

/// A table over pairs of tags, and over the edges of a document.
///
/// A transition is named by two outputs; `None` is the edge, before the first word or after the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Transitions {
    tags: usize,
    /// `[tags + 1][tags + 1]`, from by to, the edge last; −∞ where the transition is not allowed.
    scores: Vec<f32>,
}

impl Transitions {
    /// Transitions between this many tags, which all score 0 where `allows` permits them.
    pub fn new(tags: usize, allows: impl Fn(Option<usize>, Option<usize>) -> bool) -> Self {
        let free = Self {
            tags,
            scores: vec![0.0; (tags + 1) * (tags + 1)],
        };
        free.with_scores(|from, to| match allows(from, to) {
            true => 0.0,
            false => f32::NEG_INFINITY,
        })
    }

    /// The same transitions with scores, such as the log-potentials of a conditional random field, added to
    /// those they have. One that is not allowed stays so.
    #[must_use]
    pub fn with_scores(mut self, score: impl Fn(Option<usize>, Option<usize>) -> f32) -> Self {
        let ends: Vec<Option<usize>> = (0..self.tags).map(Some).chain([None]).collect();
        let pairs = ends
            .iter()
            .flat_map(|from| ends.iter().map(|to| (*from, *to)));
        for (own, (from, to)) in self.scores.iter_mut().zip(pairs) {
            *own += score(from, to);
        }
        self
    }

    /// How many tags there are.
    pub fn tags(&self) -> usize {
        self.tags
    }

    /// What a transition adds to the score of a sequence; −∞ where it is not allowed.
    pub fn score(&self, from: Option<usize>, to: Option<usize>) -> f32 {
        let index = |tag: Option<usize>| tag.unwrap_or(self.tags);
        self.scores[index(from) * (self.tags + 1) + index(to)]
    }

    /// All scores, `[tags + 1][tags + 1]`, from by to, the edge last; −∞ where a transition is not allowed.
    pub fn scores(&self) -> &[f32] {
        &self.scores
    }

    /// The same transitions with other scores in the order of [`Self::scores`]; one that is not allowed stays
    /// so.
    #[must_use]
    pub fn updated(mut self, scores: &[f32]) -> Self {
        for (own, score) in self.scores.iter_mut().zip(scores) {
            if *own > f32::NEG_INFINITY {
                *own = *score;
            }
        }
        self
    }

    /// Whether a transition is allowed.
    pub fn allows(&self, from: Option<usize>, to: Option<usize>) -> bool {
        self.score(from, to) > f32::NEG_INFINITY
    }
}
