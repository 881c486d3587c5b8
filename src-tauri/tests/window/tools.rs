//! What the tests need of the machine: a screen without a screen, a driver, the engine, the starter.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Programs and folders that must be there.
pub struct Tools {
    /// Drives the window.
    pub driver: PathBuf,
    /// Beside the program under test.
    pub engine: PathBuf,
    /// The cache with the starter model.
    pub cache: PathBuf,
}

impl Tools {
    /// Finds them; says what is missing, which under `CI=true` is a failure.
    pub fn find() -> Option<Self> {
        let cache = std::env::var_os("TAGSMITH_CACHE")
            .map(PathBuf::from)
            .or_else(|| dirs::cache_dir().map(|cache| cache.join("tagsmith")))
            .expect("there is no cache folder");
        let driver = on_path("tauri-driver").or_else(|| {
            let kept = cache.join("tools/bin/tauri-driver");
            kept.is_file().then_some(kept)
        });
        let engine = Path::new(crate::desk::PROGRAM).with_file_name("tagsmith");
        let mut missing: Vec<&str> = [
            "Xvfb",
            "WebKitWebDriver",
            "xdotool",
            "import",
            "dbus-daemon",
        ]
        .into_iter()
        .filter(|name| on_path(name).is_none())
        .collect();
        if driver.is_none() {
            missing.push("tauri-driver");
        }
        if !engine.is_file() {
            missing.push("the engine (cargo build --release --workspace)");
        }
        if !cache.join("models/starter/model.safetensors").is_file() {
            missing.push("the starter model (scripts/fetch-starter)");
        }
        if !missing.is_empty() {
            let missing = missing.join(", ");
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "missing: {missing}"
            );
            eprintln!("skipped; missing: {missing}");
            return None;
        }
        Some(Self {
            driver: driver?,
            engine,
            cache,
        })
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|place| place.is_file())
}

/// A screen of this size on a free display, and its name. The server picks the number itself, so
/// that two tests cannot take the same.
pub fn screen((width, height): (u32, u32)) -> (Child, String) {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
        .args(["-screen", "0", &format!("{width}x{height}x24")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb was there a moment ago");
    let mut number = String::new();
    let mut reported = BufReader::new(server.stdout.take().unwrap());
    reported.read_line(&mut number).unwrap();
    assert!(!number.trim().is_empty(), "Xvfb found no free display");
    (server, format!(":{}", number.trim()))
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The lines of a file that may be absent.
pub fn lines_of(path: &Path) -> Vec<String> {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().map(str::to_owned).collect()
}

/// The bus of a session in which these variables are set, and its address. The bus of accessibility is
/// started by it.
pub fn session_bus(variables: &BTreeMap<&'static str, String>) -> (Child, String) {
    let mut bus = Command::new("dbus-daemon")
        .args(["--session", "--print-address=1", "--nofork", "--nopidfile"])
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon was there a moment ago");
    let mut address = String::new();
    let mut reported = BufReader::new(bus.stdout.take().unwrap());
    reported.read_line(&mut address).unwrap();
    (bus, address.trim().to_owned())
}
