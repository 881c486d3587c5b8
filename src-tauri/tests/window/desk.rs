//! A desk to put the program on: a screen of its own, a driver, an empty library, and an end to all
//! of them whatever happens.

use crate::tools::{Tools, free_port, lines_of, screen, session_bus};
use futures::FutureExt;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use tokio::time::{sleep, timeout};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tagsmith-desktop");
const SESSION_BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
/// The first start of a web view on a busy machine takes its time.
const FIRST_START: Duration = Duration::from_secs(90);

/// What a test wants of its desk.
pub struct Setup {
    /// Of the screen, in pixels.
    pub size: (u32, u32),
    /// The locale.
    pub lang: &'static str,
    /// What file dialogs answer; `None` lets them open.
    pub pick: Option<Vec<PathBuf>>,
    /// With the bus over which a screen reader asks; else none is there.
    pub accessible: bool,
    /// After so many the test has failed.
    pub seconds: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            size: (1280, 800),
            lang: "en_US.UTF-8",
            pick: None,
            accessible: false,
            seconds: 240,
        }
    }
}

/// A screen with the program on it.
pub struct Desk {
    /// Speaks to the page; there is one while the program runs.
    page: Option<WebDriver>,
    /// What the program inherits.
    variables: BTreeMap<&'static str, String>,
    folder: TempDir,
    tools: Tools,
    screen: Child,
    session_bus: Option<Child>,
    driver: Option<Child>,
}

/// Runs a test on a desk of its own; one at a time, since each trains on all cores. On a failure a
/// picture of the screen is left behind.
pub fn on_a_desk(name: &str, setup: Setup, test: impl AsyncFnOnce(&mut Desk)) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(tools) = Tools::find() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut desk = Desk::new(tools, &setup);
        let limit = Duration::from_secs(setup.seconds);
        let done = timeout(limit, AssertUnwindSafe(test(&mut desk)).catch_unwind()).await;
        let failure: Box<dyn std::any::Any + Send> = match done {
            Ok(Ok(())) => return,
            Ok(Err(panic)) => panic,
            Err(_) => Box::new(format!("`{name}` took more than {} s", setup.seconds)),
        };
        desk.bear_witness(name);
        drop(desk);
        std::panic::resume_unwind(failure);
    });
}

impl Desk {
    fn new(tools: Tools, setup: &Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            path.display().to_string()
        };
        let (screen, display) = screen(setup.size);
        let mut variables = BTreeMap::from([
            ("DISPLAY", display),
            ("HOME", made("home")),
            ("XDG_RUNTIME_DIR", made("runtime")),
            ("TAGSMITH_HOME", made("library")),
            ("TAGSMITH_CACHE", tools.cache.display().to_string()),
            ("LANG", setup.lang.into()),
            ("GDK_BACKEND", "x11".into()),
            // No test talks to the Hub.
            ("HF_HUB_OFFLINE", "1".into()),
        ]);
        let session_bus = if setup.accessible {
            let (bus, address) = session_bus(&variables);
            variables.insert(SESSION_BUS, address);
            Some(bus)
        } else {
            variables.insert("NO_AT_BRIDGE", "1".into());
            None
        };
        if let Some(pick) = &setup.pick {
            let joined = std::env::join_paths(pick).unwrap();
            variables.insert("TAGSMITH_PICK", joined.into_string().unwrap());
        }
        Self {
            page: None,
            variables,
            folder,
            tools,
            screen,
            session_bus,
            driver: None,
        }
    }

    /// The address of its session's bus; there is one where it was asked for.
    pub fn session_bus(&self) -> &str {
        &self.variables[SESSION_BUS]
    }

    /// A program in the surroundings of the desk: it sees neither this session nor its settings.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let reported = name.to_string_lossy();
            if ["XDG_", "LC_", "HF_", "TAGSMITH_", "DBUS_", "WAYLAND_"]
                .iter()
                .any(|own| reported.starts_with(own))
                || reported == "LANGUAGE"
            {
                command.env_remove(&name);
            }
        }
        command.envs(&self.variables).stdin(Stdio::null());
        command
    }

    /// The name of the screen.
    pub fn display(&self) -> &str {
        &self.variables["DISPLAY"]
    }

    /// The folder of this test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The library.
    pub fn library(&self) -> PathBuf {
        self.folder().join("library")
    }

    /// The engine.
    pub fn engine(&self) -> &Path {
        &self.tools.engine
    }

    /// Starts the program and waits for its page.
    pub async fn start(&mut self) {
        self.leave();
        let (port, native) = (free_port(), free_port());
        let log = fs::File::create(self.folder().join("driver.log")).unwrap();
        let driver = self
            .command(&self.tools.driver)
            .args(["--port", &port.to_string()])
            .args(["--native-port", &native.to_string()])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap();
        self.driver = Some(driver);
        let capabilities: Capabilities = serde_json::from_value(serde_json::json!({
            "browserName": "wry",
            "tauri:options": { "application": PROGRAM },
        }))
        .unwrap();
        let address = format!("http://127.0.0.1:{port}");
        let page = timeout(FIRST_START, async {
            loop {
                match WebDriver::new(&address, capabilities.clone()).await {
                    Ok(page) => return page,
                    // The driver does not listen yet.
                    Err(_) => sleep(Duration::from_millis(200)).await,
                }
            }
        })
        .await
        .unwrap_or_else(|_| {
            let log = fs::read_to_string(self.folder().join("driver.log")).unwrap_or_default();
            panic!("the program did not start; its driver wrote:\n{log}")
        });
        page.set_script_timeout(Duration::from_secs(30))
            .await
            .unwrap();
        self.page = Some(page);
        self.await_xpath("//nav").await;
    }

    /// The page.
    pub fn page(&self) -> &WebDriver {
        self.page.as_ref().expect("the program is not started")
    }

    /// The processes of the program itself on this desk.
    pub fn programs(&self) -> Vec<i32> {
        self.processes(Path::new(PROGRAM))
    }

    /// The engines on this desk.
    pub fn engines(&self) -> Vec<i32> {
        self.processes(&self.tools.engine)
    }

    /// The program and its web view's processes.
    pub fn window_processes(&self) -> Vec<i32> {
        let program = fs::canonicalize(PROGRAM).unwrap();
        self.all_processes(|exe| {
            let name = exe.file_name().unwrap_or_default().to_string_lossy();
            exe == program || (name.starts_with("WebKit") && name != "WebKitWebDriver")
        })
    }

    fn processes(&self, program: &Path) -> Vec<i32> {
        let program = fs::canonicalize(program).unwrap();
        self.all_processes(|exe| exe == program)
    }

    fn all_processes(&self, wanted: impl Fn(&Path) -> bool) -> Vec<i32> {
        let mark = format!("TAGSMITH_HOME={}", self.library().display());
        let ours = |pid: &i32| {
            let place = PathBuf::from(format!("/proc/{pid}"));
            fs::read_link(place.join("exe")).is_ok_and(|exe| wanted(&exe))
                && fs::read(place.join("environ")).is_ok_and(|variables| {
                    variables
                        .split(|byte| *byte == 0)
                        .any(|one| one == mark.as_bytes())
                })
        };
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(ours)
            .collect()
    }

    /// Ends the window as a crash or a power cut does.
    pub async fn kill_window(&mut self) {
        let programs = self.programs();
        for pid in &programs {
            signal("KILL", *pid);
        }
        self.await_that("the window is gone", 20, async |_| {
            programs.iter().all(|pid| has_ended(*pid))
        })
        .await;
        self.leave();
    }

    /// Lets go of the page and ends the driver, and with it the program if it still runs.
    fn leave(&mut self) {
        if let Some(page) = self.page.take() {
            // Its session ends with the driver; ending it by itself would wait for the program.
            let _ = page.leak();
        }
        if let Some(mut driver) = self.driver.take() {
            signal("KILL", -i32::try_from(driver.id()).unwrap());
            let _ = driver.wait();
        }
    }

    /// Waits until something holds; fails when it does not within so many seconds.
    pub async fn await_that(
        &self,
        what: &str,
        seconds: u64,
        mut holds: impl AsyncFnMut(&Self) -> bool,
    ) {
        let limit = Duration::from_secs(seconds);
        let waited = timeout(limit, async {
            while !holds(self).await {
                sleep(Duration::from_millis(150)).await;
            }
        });
        assert!(waited.await.is_ok(), "after {seconds} s not yet: {what}");
    }

    /// Leaves a picture of the screen and the logs where a failure is looked into.
    fn bear_witness(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window");
        let _ = fs::create_dir_all(&folder);
        let picture = folder.join(format!("{name}.png"));
        let taken = self
            .command("import")
            .args(["-window", "root"])
            .arg(&picture)
            .status();
        eprintln!("the screen: {} ({taken:?})", picture.display());
        for line in lines_of(&self.folder().join("driver.log"))
            .into_iter()
            .chain(self.log())
        {
            eprintln!("  {line}");
        }
    }

    /// The program's log.
    pub fn log(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.library().join("logs")) else {
            return Vec::new();
        };
        files.flatten().flat_map(|f| lines_of(&f.path())).collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Runs outlive the window, and must not outlive the test.
        for pid in self.engines() {
            signal("KILL", pid);
        }
        self.leave();
        for pid in self.programs() {
            signal("KILL", pid);
        }
        if let Some(bus) = &mut self.session_bus {
            let _ = bus.kill();
            let _ = bus.wait();
        }
        let _ = self.screen.kill();
        let _ = self.screen.wait();
    }
}

/// Sends a signal to a process, or with a negative number to a group.
pub fn signal(name: &str, pid: i32) {
    let _ = Command::new("kill")
        .args(["-s", name, "--", &pid.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// Whether a process has let go of everything, its lock on the library as well. Which program it runs cannot be
/// seen some time before that.
fn has_ended(pid: i32) -> bool {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return true;
    };
    let state = status.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|state| state.starts_with(['Z', 'X']))
}
