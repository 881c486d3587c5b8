//! What is written is on the disk under its name.

use tagsmith_files::{write_bytes, write_json};
use tagsmith_testing::assert_durable;

#[test]
fn what_is_flushed_is_what_gets_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    assert_durable(&path, || write_json(&path, &1).unwrap());
    assert_durable(&path, || write_bytes(&path, b"2").unwrap());
}
