//! What reaches the window from outside of its page: the X server's windows, keys, and the wish of a
//! window manager that it close.

use crate::desk::Desk;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt, EventMask};

impl Desk {
    /// What xdotool answers; `None` when it found nothing.
    pub fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let output = self.command("xdotool").args(arguments).output().unwrap();
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(answer)
    }

    /// The number of the window with this title, once it is on the screen.
    pub async fn window(&self, title: &str) -> String {
        let exactly = format!("^{title}$");
        let search = ["search", "--onlyvisible", "--name", exactly.as_str()];
        self.await_that(&format!("a window called {title}"), 30, async |desk| {
            desk.xdotool(&search).is_some()
        })
        .await;
        let found = self.xdotool(&search).unwrap();
        found.lines().next().unwrap().to_owned()
    }

    /// Picks a file in the system's own dialog, by keys.
    pub async fn pick_in_dialog(&self, title: &str, path: &Path) {
        let window = self.window(title).await;
        let path = path.display().to_string();
        // The dialog opens a field for the path, and completes what is typed. It is the system's: nothing
        // of it can be seen from here, so that a moment must do.
        let pause = Duration::from_secs(1);
        sleep(pause).await;
        self.xdotool(&["windowfocus", "--sync", &window]);
        self.xdotool(&["key", "ctrl+l"]);
        sleep(pause).await;
        self.xdotool(&["type", "--delay", "8", &path]);
        sleep(pause).await;
        self.xdotool(&["key", "Return"]);
        let exactly = format!("^{title}$");
        self.await_that("the dialog is gone", 20, async |desk| {
            desk.xdotool(&["search", "--onlyvisible", "--name", &exactly])
                .is_none()
        })
        .await;
    }

    /// Asks the window to close, as the cross in its title does; a screen without a window manager
    /// has none.
    pub async fn ask_to_close(&self) {
        let window: u32 = self.window("Tagsmith").await.parse().unwrap();
        let (connection, _) = x11rb::connect(Some(self.display())).unwrap();
        let atom = |name: &str| {
            let asked = connection.intern_atom(false, name.as_bytes()).unwrap();
            asked.reply().unwrap().atom
        };
        let wish = [atom("WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS"), wish);
        connection
            .send_event(false, window, EventMask::NO_EVENT, message)
            .unwrap()
            .check()
            .unwrap();
        connection.flush().unwrap();
    }
}
