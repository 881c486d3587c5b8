//! Keeps the texts of the system's dialogs that the page sent, in `system-texts.json` of the library: a start that
//! finds the library in use has no page to ask.

use crate::disk;
use crate::dto::SystemTexts;
use crate::living::lock;
use std::path::PathBuf;
use std::sync::Mutex;
use tagsmith_hub::Library;
use tagsmith_protocol::Failure;

/// The texts, and where they are kept.
pub struct KeptTexts {
    file: PathBuf,
    texts: Mutex<SystemTexts>,
}

impl KeptTexts {
    /// Those that were kept last; empty ones in a new library.
    pub fn open(library: &Library) -> Self {
        let file = library.home().join("system-texts.json");
        let texts = disk::read_json(&file).unwrap_or_default();
        Self {
            file,
            texts: Mutex::new(texts),
        }
    }

    /// The texts now.
    pub fn get(&self) -> SystemTexts {
        lock(&self.texts).clone()
    }

    /// Keeps other texts.
    ///
    /// # Errors
    /// The file system refused; the dialogs speak the new language until the program ends.
    pub fn keep(&self, texts: SystemTexts) -> Result<(), Failure> {
        let mut kept = lock(&self.texts);
        if *kept == texts {
            return Ok(());
        }
        *kept = texts;
        disk::write_json(&self.file, &*kept)
    }
}

/// A refusal to start, as the window would say it: its first sentence and what the person can do.
pub fn refusal(failure: &Failure, library: &Library) -> (String, String) {
    let texts = KeptTexts::open(library).get();
    if failure.code != crate::app::IN_USE || texts.in_use.is_empty() {
        return (
            failure.message.clone(),
            failure.hint.clone().unwrap_or_default(),
        );
    }
    let folder = library.home().display().to_string();
    (texts.in_use.replace("{folder}", &folder), texts.in_use_next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_is_refused_in_the_language_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::at(folder.path(), folder.path());
        let failure = Failure::new(crate::app::IN_USE, "another window", "close it");
        let english = ("another window".into(), "close it".into());
        assert_eq!(refusal(&failure, &library), english);

        let german = SystemTexts {
            in_use: "Ein anderes Fenster arbeitet mit „{folder}“.".into(),
            in_use_next: "Schließen Sie es.".into(),
            ..SystemTexts::default()
        };
        KeptTexts::open(&library).keep(german.clone()).unwrap();
        assert_eq!(KeptTexts::open(&library).get(), german);
        let (what, next) = refusal(&failure, &library);
        let place = folder.path().display();
        assert_eq!(what, format!("Ein anderes Fenster arbeitet mit „{place}“."));
        assert_eq!(next, "Schließen Sie es.");

        let other = Failure::new("io", "cannot write", "make room");
        assert_eq!(refusal(&other, &library).0, "cannot write");
    }
}
