//! Parts documents into a training and a held-out set.

use crate::document::Document;

pub fn hold_out(documents: Vec<Document>, share: f64, seed: u64) -> (Vec<Document>, Vec<Document>) {
    let _ = (documents, share, seed);
    todo!()
}
