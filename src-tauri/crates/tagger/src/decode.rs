//! Logits to tags: the best legal sequence of a document, and how sure the model is of each entity.

use crate::tags::TagSet;
use crate::transitions::Transitions;
use tagsmith_corpus::{Document, Span};
use tagsmith_protocol::Decoding;

/// The log-probabilities of each word's tags, `[words][tags]`; `None` for a word without pieces.
pub type Emissions = Vec<Option<Vec<f32>>>;

/// Of two schemes that the same outputs may have, the one in which a document's best sequence of tags is more
/// probable; the first of equals. The document alone decides, so that the others read with it change nothing.
pub fn more_probable<'a>(emissions: &Emissions, [first, second]: [&'a TagSet; 2]) -> &'a TagSet {
    let score = |tags: &TagSet| viterbi(emissions, tags.transitions(), tags.outside()).1;
    match score(second) > score(first) {
        true => second,
        false => first,
    }
}

/// The chosen output for each word. Words without pieces are `O`.
pub fn decode(emissions: &Emissions, tags: &TagSet, decoding: Decoding) -> Vec<usize> {
    match decoding {
        Decoding::Argmax => emissions
            .iter()
            .map(|word| match word {
                Some(scores) => argmax(scores),
                None => tags.outside(),
            })
            .collect(),
        Decoding::Viterbi => viterbi(emissions, tags.transitions(), tags.outside()).0,
    }
}

fn argmax(scores: &[f32]) -> usize {
    // The first of equals, as PyTorch's argmax takes it on the CPU.
    let mut best = 0;
    for (id, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = id;
        }
    }
    best
}

/// The sequence with the highest sum of emissions and transitions, `[words]`, and that sum. A word without an
/// emission can only be `outside`.
fn viterbi(emissions: &Emissions, transitions: &Transitions, outside: usize) -> (Vec<usize>, f32) {
    let Some((first, others)) = emissions.split_first() else {
        return (Vec::new(), 0.0);
    };
    let emission = |word: &Option<Vec<f32>>, id: usize| match word {
        Some(scores) => scores[id],
        None if id == outside => 0.0,
        None => f32::NEG_INFINITY,
    };
    let n = transitions.tags();
    let mut best: Vec<f32> = (0..n)
        .map(|id| emission(first, id) + transitions.score(None, Some(id)))
        .collect();
    let mut came_from: Vec<Vec<usize>> = Vec::with_capacity(others.len());
    for word in others {
        let mut next = vec![f32::NEG_INFINITY; n];
        let mut back = vec![outside; n];
        for to in 0..n {
            for (from, score) in best.iter().enumerate() {
                let score = score + transitions.score(Some(from), Some(to));
                if score > next[to] {
                    next[to] = score;
                    back[to] = from;
                }
            }
            next[to] += emission(word, to);
        }
        best = next;
        came_from.push(back);
    }
    let mut last = outside;
    let mut highest = f32::NEG_INFINITY;
    for (id, score) in best.iter().enumerate() {
        let score = score + transitions.score(Some(id), None);
        if score > highest {
            (last, highest) = (id, score);
        }
    }
    let mut path = vec![last];
    for back in came_from.iter().rev() {
        last = back[last];
        path.push(last);
    }
    path.reverse();
    (path, highest)
}

/// The entities of a document at exact offsets of its text, each with its score.
///
/// The score is the mean probability, 0–1, of the tags chosen for the entity's words.
pub fn spans(
    document: &Document,
    emissions: &Emissions,
    ids: &[usize],
    tags: &TagSet,
) -> Vec<Span> {
    tags.spans_of(ids)
        .into_iter()
        .map(|span| {
            let probabilities: Vec<f32> = (span.first..span.end)
                .filter_map(|word| Some(emissions[word].as_ref()?[ids[word]].exp()))
                .collect();
            let score = probabilities.iter().sum::<f32>() / probabilities.len().max(1) as f32;
            Span {
                start: document.words[span.first].start,
                end: document.words[span.end - 1].end,
                label: span.label,
                score: Some(score),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_corpus::Scheme;

    fn tags(names: &str) -> TagSet {
        TagSet::from_names(names.split(' ').map(str::to_owned).collect(), None).unwrap()
    }

    fn emissions(rows: &[&[f32]]) -> Emissions {
        rows.iter()
            .map(|row| {
                let sum: f32 = row.iter().sum();
                (sum > 0.0).then(|| row.iter().map(|p| (p / sum).ln()).collect())
            })
            .collect()
    }

    #[test]
    fn viterbi_is_the_best_legal_sequence_of_all() {
        let tags = tags("O B-X I-X B-Y I-Y");
        let mut seed = 3u64;
        let mut random = || {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (seed >> 40) as f32 / (1 << 24) as f32 + 1e-3
        };
        for _ in 0..200 {
            let rows: Vec<Vec<f32>> = (0..4).map(|_| (0..5).map(|_| random()).collect()).collect();
            let emissions = emissions(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let score = |path: &[usize]| -> f32 {
                path.iter()
                    .zip(&emissions)
                    .map(|(id, e)| e.as_ref().unwrap()[*id])
                    .sum()
            };
            let legal = |path: &[usize]| {
                let allows = |from, to| tags.transitions().allows(from, to);
                allows(None, Some(path[0]))
                    && allows(Some(path[3]), None)
                    && path
                        .windows(2)
                        .all(|pair| allows(Some(pair[0]), Some(pair[1])))
            };
            let best = (0..5usize.pow(4))
                .map(|code| [code / 125, code / 25 % 5, code / 5 % 5, code % 5])
                .filter(|path| legal(path))
                .max_by(|a, b| score(a).total_cmp(&score(b)))
                .unwrap();
            let found = decode(&emissions, &tags, Decoding::Viterbi);
            assert!((score(&found) - score(&best)).abs() < 1e-5);
            assert!(legal(&found));
        }
    }

    /// By hand, two tags and three words; the emissions alone would take 0, 1, 0 with 3.
    #[test]
    fn scores_of_transitions_decide_with_the_emissions() {
        let words = vec![
            Some(vec![1.0, 0.5]),
            Some(vec![0.0, 1.0]),
            Some(vec![1.0, 0.5]),
        ];
        let free = Transitions::new(2, |_, _| true);
        assert_eq!(viterbi(&words, &free, 0).0, [0, 1, 0]);
        // A change of tag costs 1: 0, 0, 0 scores 2; 1, 1, 1 also, and 0.5 more at the end.
        let staying = free.with_scores(|from, to| match (from, to) {
            (Some(from), Some(to)) if from != to => -1.0,
            (Some(1), None) => 0.5,
            _ => 0.0,
        });
        assert_eq!(viterbi(&words, &staying, 0).0, [1, 1, 1]);
        // 2 more for beginning with 0 and 0.25 for ending with it: 0, 0, 0 scores 4.25; 0, 1, 1 scores 4.
        let from_zero = staying.with_scores(|from, to| match (from, to) {
            (None, Some(0)) => 2.0,
            (Some(0), None) => 0.25,
            _ => 0.0,
        });
        assert_eq!(viterbi(&words, &from_zero, 0).0, [0, 0, 0]);
        // What the scheme forbids stays forbidden, whatever it scores.
        let never_zero = Transitions::new(2, |from, to| from != Some(0) && to != Some(0));
        let tempting = never_zero.with_scores(|from, to| match (from, to) {
            (_, Some(0)) | (Some(0), _) => 100.0,
            _ => 0.0,
        });
        assert!(!tempting.allows(None, Some(0)));
        assert_eq!(viterbi(&words, &tempting, 0).0, [1, 1, 1]);
    }

    #[test]
    fn an_entity_never_starts_inside_and_argmax_may() {
        let tags = tags("O B-X I-X");
        let emissions = emissions(&[&[0.2, 0.3, 0.5], &[0.1, 0.1, 0.8]]);
        assert_eq!(decode(&emissions, &tags, Decoding::Viterbi), [1, 2]);
        assert_eq!(decode(&emissions, &tags, Decoding::Argmax), [2, 2]);
    }

    #[test]
    fn a_document_is_read_in_the_scheme_in_which_its_tags_are_more_probable() {
        let iob2 = tags("O B-X I-X");
        let iob1 = iob2.in_scheme(Scheme::Iob1);
        let scheme = |rows: &[&[f32]]| {
            let emissions = emissions(rows);
            more_probable(&emissions, [&iob2, &iob1]).scheme()
        };
        let (outside, begin, inside): (&[f32], &[f32], &[f32]) =
            (&[0.8, 0.1, 0.1], &[0.1, 0.8, 0.1], &[0.1, 0.1, 0.8]);
        assert_eq!(scheme(&[inside, outside]), Scheme::Iob1);
        assert_eq!(scheme(&[outside, begin, inside]), Scheme::Iob2);
        // Both have it: nothing, and an entity beside another one.
        assert_eq!(scheme(&[outside, outside]), Scheme::Iob2);
        assert_eq!(scheme(&[inside, inside, begin, outside]), Scheme::Iob1);
        // One mistake of a model beside entities as it writes them.
        let unsure: &[f32] = &[0.4, 0.15, 0.45];
        assert_eq!(scheme(&[begin, inside, outside, unsure]), Scheme::Iob2);
        assert_eq!(scheme(&[]), Scheme::Iob2);
    }

    #[test]
    fn words_without_pieces_are_outside() {
        let tags = tags("O B-X I-X");
        let emissions = emissions(&[&[0.1, 0.8, 0.1], &[0.0, 0.0, 0.0], &[0.1, 0.1, 0.8]]);
        for decoding in [Decoding::Viterbi, Decoding::Argmax] {
            let ids = decode(&emissions, &tags, decoding);
            assert_eq!(ids[1], 0);
        }
        assert_eq!(
            decode(&Vec::new(), &tags, Decoding::Viterbi),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn scores_are_mean_probabilities_and_offsets_those_of_the_text() {
        let tags = tags("O B-X I-X");
        let document = Document::from_text("im Café  Müller!");
        let emissions = emissions(&[
            &[0.9, 0.1, 0.0001],
            &[0.1, 0.8, 0.1],
            &[0.3, 0.1, 0.6],
            &[1.0, 0.01, 0.01],
        ]);
        let ids = decode(&emissions, &tags, Decoding::Viterbi);
        let spans = spans(&document, &emissions, &ids, &tags);
        assert_eq!(spans.len(), 1);
        assert_eq!(&document.text[spans[0].start..spans[0].end], "Café  Müller");
        assert!((spans[0].score.unwrap() - 0.7).abs() < 1e-6);
    }
}
