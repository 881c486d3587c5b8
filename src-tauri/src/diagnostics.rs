//! What a person can paste into a report of a fault: versions, devices, the last complaints. No data,
//! no token, and the home folder only as `~`.

use crate::dto::ComputeDevice;
use crate::logging;
use std::fmt::Write as _;

/// The diagnostics as text.
pub fn text(devices: Option<&[ComputeDevice]>) -> String {
    let mut text = format!(
        "Tagsmith {}\nsystem: {} {}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    let web = tauri::webview_version().unwrap_or_else(|_| "unknown".into());
    let _ = writeln!(text, "web view: {web}, Tauri {}", tauri::VERSION);
    if devices.is_none() {
        text.push_str("devices: no answer\n");
    }
    for device in devices.unwrap_or_default() {
        let _ = writeln!(text, "device: {}", described(device));
    }
    for variable in ["XDG_SESSION_TYPE", "LANG", "WEBKIT_DISABLE_DMABUF_RENDERER"] {
        if let Ok(value) = std::env::var(variable) {
            let _ = writeln!(text, "{variable}={value}");
        }
    }
    let complaints = logging::complaints();
    let _ = writeln!(
        text,
        "last complaints: {}",
        match complaints.len() {
            0 => "none".into(),
            n => n.to_string(),
        }
    );
    for complaint in complaints {
        let _ = writeln!(text, "  {complaint}");
    }
    without_home(&text)
}

fn described(device: &ComputeDevice) -> String {
    let driver = device.driver.as_deref();
    let test = match &device.check {
        Some(check) if check.passed => "passed its test".into(),
        Some(check) => format!("not used: {}", check.detail),
        None => "not tested".into(),
    };
    let facts = [Some(device.name.as_str()), driver, Some(&test)];
    let facts: Vec<&str> = facts.into_iter().flatten().collect();
    format!("{} ({})", device.id, facts.join(", "))
}

fn without_home(text: &str) -> String {
    match dirs::home_dir() {
        Some(home) if home.parent().is_some() => text.replace(&*home.to_string_lossy(), "~"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostics_name_no_home() {
        let home = dirs::home_dir().unwrap();
        let text = without_home(&format!("cannot read `{}/x`", home.display()));
        assert_eq!(text, "cannot read `~/x`");
    }
}
