//! Makes the program smaller as it is linked for release: functions that came out equal become one.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    // There rustc brings the linker (LLD); that of another system may not know the option.
    let brings_linker = is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64");
    if brings_linker && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bin=tagsmith=-Wl,--icf=all");
    }
}
