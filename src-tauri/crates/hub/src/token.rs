//! The token of a person's account on the Hub: kept in the system's keyring, else in a file that only
//! they can read, and never shown again.

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring::Entry;
use serde::{Deserialize, Serialize};
use tagsmith_files::{create_folder_of, write_secret};

use crate::environment::{hugging_face_home, is_on, path, variable};
use crate::{HubError, Library};

/// How long the keyring may take; unlocking it can need the person.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(30);

/// A secret that names the person to the Hub. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Takes what a person pasted.
    ///
    /// # Errors
    /// It cannot be a token.
    pub fn new(text: &str) -> Result<Self, HubError> {
        let text = text.trim();
        let reason = if text.is_empty() {
            "it is empty"
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            "it has characters that no token has"
        } else if text.len() > 4096 {
            "it is too long"
        } else {
            return Ok(Self(text.into()));
        };
        Err(HubError::Token { reason })
    }

    /// The secret itself, for the one header that carries it.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

/// Where the token in use lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum TokenPlace {
    /// There is none.
    None,
    /// In the system's keyring.
    Keyring,
    /// In a file of the library that only its owner can read.
    File,
    /// Outside of Tagsmith: `HF_TOKEN`, or the token file of the Hugging Face tools.
    Environment,
}

/// What the library remembers: the token, or that the keyring has it.
#[derive(Serialize, Deserialize)]
struct SavedToken {
    place: TokenPlace,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// Keeps a token, in place of any before, and says where.
///
/// # Errors
/// It is no token, or neither keyring nor file could take it.
pub fn save(library: &Library, text: &str) -> Result<TokenPlace, HubError> {
    save_in(library, text, &with_keyring)
}

/// Forgets the token that was saved. One from outside of Tagsmith stays.
///
/// # Errors
/// The keyring or the file system refused.
pub fn forget(library: &Library) -> Result<(), HubError> {
    forget_in(library, &with_keyring)
}

/// Where the token in use lies. The keyring itself is not asked, so that it need not be unlocked.
pub fn place(library: &Library) -> TokenPlace {
    if from_variable().is_some() {
        return TokenPlace::Environment;
    }
    match kept(library) {
        Some(kept) => kept.place,
        None if from_tools().is_some() => TokenPlace::Environment,
        None => TokenPlace::None,
    }
}

/// The token to use: `HF_TOKEN`, else the saved one, else that of the Hugging Face tools.
pub fn load(library: &Library) -> Option<Token> {
    from_variable()
        .or_else(|| saved(library, &with_keyring))
        .or_else(from_tools)
}

/// The token that the environment gives, without any library.
pub(crate) fn from_environment() -> Option<Token> {
    from_variable().or_else(from_tools)
}

/// What is done with a keyring's entry.
#[derive(Clone)]
enum KeyringRequest {
    Put(String),
    Get,
    Delete,
}

/// A keyring: takes the entry's name and a request, and answers with the secret for `Get`.
type Keyring<'a> = &'a dyn Fn(String, KeyringRequest) -> Result<Option<String>, String>;

fn save_in(library: &Library, text: &str, keyring: Keyring) -> Result<TokenPlace, HubError> {
    let token = Token::new(text)?;
    let put = keyring(account(library), KeyringRequest::Put(token.0.clone()));
    let kept = match put {
        Ok(_) => SavedToken {
            place: TokenPlace::Keyring,
            token: None,
        },
        Err(_) => SavedToken {
            place: TokenPlace::File,
            token: Some(token.0),
        },
    };
    let path = file(library);
    serde_json::to_vec(&kept)
        .map_err(io::Error::from)
        .and_then(|bytes| create_folder_of(&path).and_then(|()| write_secret(&path, &bytes)))
        .map_err(HubError::io("write", &path))?;
    Ok(kept.place)
}

fn forget_in(library: &Library, keyring: Keyring) -> Result<(), HubError> {
    let path = file(library);
    if kept(library).is_some_and(|kept| kept.place == TokenPlace::Keyring) {
        keyring(account(library), KeyringRequest::Delete)
            .map_err(|reason| io::Error::other(format!("the keyring refused: {reason}")))
            .map_err(HubError::io("forget the token of", library.home()))?;
    }
    match fs::remove_file(&path) {
        Err(failure) if failure.kind() != io::ErrorKind::NotFound => {
            Err(HubError::io("remove", &path)(failure))
        }
        _ => Ok(()),
    }
}

fn saved(library: &Library, keyring: Keyring) -> Option<Token> {
    let kept = kept(library)?;
    let text = match kept.place {
        TokenPlace::Keyring => keyring(account(library), KeyringRequest::Get).ok()??,
        _ => kept.token?,
    };
    Token::new(&text).ok()
}

fn kept(library: &Library) -> Option<SavedToken> {
    serde_json::from_slice(&fs::read(file(library)).ok()?).ok()
}

fn file(library: &Library) -> PathBuf {
    library.home().join("token.json")
}

/// The keyring's name for the token: libraries in different places have different tokens.
fn account(library: &Library) -> String {
    format!("hub token of {}", library.home().display())
}

/// The system's keyring, on a thread of its own: its client blocks, which an asynchronous caller must
/// not, and it may wait for a person who never comes.
fn with_keyring(account: String, request: KeyringRequest) -> Result<Option<String>, String> {
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || {
        let done = Entry::new("tagsmith", &account).and_then(|entry| match request {
            KeyringRequest::Put(secret) => entry.set_password(&secret).map(|()| None),
            KeyringRequest::Get => entry.get_password().map(Some),
            KeyringRequest::Delete => match entry.delete_credential() {
                Err(keyring::Error::NoEntry) => Ok(None),
                done => done.map(|()| None),
            },
        });
        // Nobody may be waiting any more.
        let _ = answer.send(done.map_err(|failure| failure.to_string()));
    });
    answered
        .recv_timeout(KEYRING_TIMEOUT)
        .unwrap_or_else(|_| Err("it does not answer".into()))
}

fn implicit() -> bool {
    !variable("HF_HUB_DISABLE_IMPLICIT_TOKEN").is_some_and(|value| is_on(&value))
}

fn from_variable() -> Option<Token> {
    variable("HF_TOKEN")
        .filter(|_| implicit())
        .and_then(|text| Token::new(&text).ok())
}

fn from_tools() -> Option<Token> {
    let path = path("HF_TOKEN_PATH")
        .or_else(|| Some(hugging_face_home()?.join("token")))
        .filter(|_| implicit())?;
    Token::new(&fs::read_to_string(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn library() -> (tempfile::TempDir, Library) {
        let root = tempfile::tempdir().unwrap();
        let library = Library::at(root.path().join("home"), root.path().join("cache"));
        (root, library)
    }

    #[test]
    fn without_a_keyring_a_file_takes_the_token_that_only_its_owner_reads() {
        let (_root, library) = library();
        let none = |_: String, _: KeyringRequest| Err("no keyring".to_owned());
        let place = save_in(&library, "  hf_secret\n", &none).unwrap();
        assert_eq!(place, TokenPlace::File);
        assert_eq!(kept(&library).unwrap().place, TokenPlace::File);
        assert_eq!(saved(&library, &none), Token::new("hf_secret").ok());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file(&library)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        forget_in(&library, &none).unwrap();
        assert_eq!(saved(&library, &none), None);
        assert!(!file(&library).exists());
        forget_in(&library, &none).unwrap();
    }

    #[test]
    fn with_a_keyring_no_file_has_the_token() {
        let (_root, library) = library();
        let held = RefCell::new(None);
        let keyring = |_: String, request: KeyringRequest| {
            match request {
                KeyringRequest::Put(secret) => *held.borrow_mut() = Some(secret),
                KeyringRequest::Get => {}
                KeyringRequest::Delete => *held.borrow_mut() = None,
            }
            Ok(held.borrow().clone())
        };
        let place = save_in(&library, "hf_secret", &keyring).unwrap();
        assert_eq!(place, TokenPlace::Keyring);
        assert!(
            !fs::read_to_string(file(&library))
                .unwrap()
                .contains("hf_secret")
        );
        assert_eq!(saved(&library, &keyring), Token::new("hf_secret").ok());
        forget_in(&library, &keyring).unwrap();
        assert_eq!(*held.borrow(), None);
        assert_eq!(saved(&library, &keyring), None);
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_repeated() {
        let (_root, library) = library();
        let none = |_: String, _: KeyringRequest| Err(String::new());
        for text in ["", "  ", "hf_sec ret", "hf_secrét", "hf_sec\nret"] {
            let failure = save_in(&library, text, &none).unwrap_err();
            assert!(
                !format!("{failure} {failure:?}").contains("sec"),
                "{failure}"
            );
        }
        assert_eq!(
            format!("{:?}", Token::new("hf_secret").unwrap()),
            "Token(…)"
        );
    }
}
