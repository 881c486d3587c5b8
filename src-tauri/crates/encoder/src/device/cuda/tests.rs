//! Made-up machines: where NVRTC and its headers lie, and what is taken or found missing.

use super::choice::{Choice, HALF, Missing, PRODUCTS, Version, absent, choose, remedy};
use super::folder::of_headers;
use super::places::{Machine, Place};
use std::path::{Path, PathBuf};

/// A machine of empty files, and links of the form `name -> target`.
fn machine(files: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        let (path, target) = match file.split_once(" -> ") {
            Some((path, target)) => (path, Some(target)),
            None => (*file, None),
        };
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match target {
            #[cfg(unix)]
            Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            _ => std::fs::write(path, "").unwrap(),
        }
    }
    root
}

fn headers(folder: &str) -> Vec<String> {
    ["cuda_fp16.h", "cuda_bf16.h", "mma.h", "crt/mma.h"]
        .map(|name| format!("{folder}/{name}"))
        .into()
}

fn version(major: u32, minor: u32) -> Version {
    Version { major, minor }
}

/// What is chosen on a machine with these files and variables, for a driver of CUDA 13.0.
fn chosen(
    files: &[&str],
    variables: &[(&str, &str)],
) -> (tempfile::TempDir, Result<Choice, Missing>) {
    let root = machine(files);
    let own = root.path().join("own");
    let places = Machine::made_up(root.path(), variables).places(&own);
    let choice = choose(&places, None, version(13, 0));
    (root, choice)
}

/// Paths of made-up machines start with a folder that has a new name each time.
fn within(root: &tempfile::TempDir, path: &Path) -> String {
    let path = path.strip_prefix(root.path()).unwrap_or(path);
    let parts = path.iter().map(|part| part.to_str().unwrap());
    parts.collect::<Vec<_>>().join("/")
}

/// Checks which NVRTC of which version is taken with which folders of headers.
#[track_caller]
fn check(
    files: &[&str],
    variables: &[(&str, &str)],
    nvrtc: &str,
    of: Option<Version>,
    from: &[&str],
) {
    let (root, choice) = chosen(files, variables);
    let choice = choice.unwrap();
    assert_eq!(within(&root, &choice.nvrtc.path), nvrtc);
    assert_eq!(choice.nvrtc.version, of);
    let folders: Vec<String> = choice
        .headers
        .iter()
        .map(|path| within(&root, path))
        .collect();
    assert_eq!(folders, from);
    assert!(has_all(&choice.headers));
}

fn has_all(folders: &[PathBuf]) -> bool {
    absent(&HALF, folders).is_none() && absent(&PRODUCTS, folders).is_none()
}

fn joined<'a>(files: &[&'a str], headers: &'a [String]) -> Vec<&'a str> {
    files
        .iter()
        .copied()
        .chain(headers.iter().map(String::as_str))
        .collect()
}

#[test]
#[cfg(unix)] // links
fn a_toolkit_in_its_usual_folder_and_the_newest_of_several() {
    let included = headers("usr/local/cuda-12.9/targets/x86_64-linux/include");
    let files = [
        "usr/local/cuda-12.9/lib64/libnvrtc.so.12 -> libnvrtc.so.12.9.86",
        "usr/local/cuda-12.9/lib64/libnvrtc.so.12.9.86",
        "usr/local/cuda-12.4/lib64/libnvrtc.so.12 -> libnvrtc.so.12.4.127",
        "usr/local/cuda-12.4/lib64/libnvrtc.so.12.4.127",
        "usr/local/cuda-12.9/include -> targets/x86_64-linux/include",
    ];
    check(
        &joined(&files, &included),
        &[],
        "usr/local/cuda-12.9/lib64/libnvrtc.so.12",
        Some(version(12, 9)),
        &["usr/local/cuda-12.9/include"],
    );
}

#[test]
fn what_the_person_chose_comes_before_what_is_newer() {
    let mut included = headers("usr/local/cuda/include");
    included.extend(headers("data/cuda-12.1/include"));
    let files = [
        "usr/local/cuda/lib64/libnvrtc.so.12",
        "data/cuda-12.1/lib64/libnvrtc.so.12",
        "data/cuda-12.1/lib64/libnvrtc-builtins.so.12.1",
    ];
    for variable in ["CUDA_PATH", "CUDA_HOME"] {
        check(
            &joined(&files, &included),
            &[(variable, "/data/cuda-12.1")],
            "data/cuda-12.1/lib64/libnvrtc.so.12",
            Some(version(12, 1)),
            &["data/cuda-12.1/include"],
        );
    }
}

#[test]
fn packages_of_a_distribution() {
    let files = [
        "usr/lib/x86_64-linux-gnu/libnvrtc.so.12",
        "usr/lib/x86_64-linux-gnu/libnvrtc-builtins.so.12.4",
    ];
    check(
        &joined(&files, &headers("usr/include")),
        &[],
        "usr/lib/x86_64-linux-gnu/libnvrtc.so.12",
        Some(version(12, 4)),
        &["usr/include"],
    );
    check(
        &joined(&["usr/lib64/libnvrtc.so.13"], &headers("usr/include/cuda")),
        &[],
        "usr/lib64/libnvrtc.so.13",
        None,
        &["usr/include/cuda"],
    );
}

#[test]
fn packages_of_pip_for_cuda_13_lie_in_one_folder() {
    let site = "home/ann/venv/lib/python3.12/site-packages/nvidia";
    let library = format!("{site}/cu13/lib/libnvrtc.so.13");
    let other = format!("{site}/cu13/lib/libnvrtc-builtins.so.13.0");
    let include = format!("{site}/cu13/include");
    check(
        &joined(&[&library, &other], &headers(&include)),
        &[("VIRTUAL_ENV", "/home/ann/venv")],
        &library,
        Some(version(13, 0)),
        &[&include],
    );
}

#[test]
fn packages_of_pip_in_the_folder_of_this_program() {
    let files = ["own/nvidia/cu13/lib/libnvrtc.so.13"];
    check(
        &joined(&files, &headers("own/nvidia/cu13/include")),
        &[],
        files[0],
        None,
        &["own/nvidia/cu13/include"],
    );
}

#[test]
fn packages_of_pip_for_cuda_12_are_put_together() {
    let site = "home/ann/.local/lib/python3.11/site-packages/nvidia";
    let library = format!("{site}/cuda_nvrtc/lib/libnvrtc.so.12");
    let files = [
        library.clone(),
        format!("{site}/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9"),
        format!("{site}/cuda_runtime/include/cuda_fp16.h"),
        format!("{site}/cuda_runtime/include/cuda_bf16.h"),
        format!("{site}/cuda_runtime/include/mma.h"),
        format!("{site}/cuda_nvcc/include/crt/mma.h"),
    ];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    check(
        &files,
        &[("HOME", "/home/ann")],
        &library,
        Some(version(12, 9)),
        &[
            &format!("{site}/cuda_runtime/include"),
            &format!("{site}/cuda_nvcc/include"),
        ],
    );
}

#[test]
fn an_environment_of_conda_active_or_not() {
    let files = [
        "opt/conda/envs/ner/lib/libnvrtc.so.12",
        "opt/conda/envs/ner/lib/libnvrtc-builtins.so.12.8",
    ];
    let include = "opt/conda/envs/ner/targets/x86_64-linux/include";
    for variables in [&[("CONDA_PREFIX", "/opt/conda/envs/ner")][..], &[]] {
        check(
            &joined(&files, &headers(include)),
            variables,
            "opt/conda/envs/ner/lib/libnvrtc.so.12",
            Some(version(12, 8)),
            &[include],
        );
    }
}

#[test]
fn the_python_on_the_path() {
    let site = "srv/python/lib/python3.13/site-packages/nvidia/cu13";
    let files = [
        format!("{site}/lib/libnvrtc.so.13"),
        "srv/python/bin/python3".into(),
    ];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    check(
        &joined(&files, &headers(&format!("{site}/include"))),
        &[("PATH", "/usr/bin:/srv/python/bin")],
        files[0],
        None,
        &[&format!("{site}/include")],
    );
}

#[test]
fn a_compiler_newer_than_the_driver_is_passed_over() {
    let mut included = headers("usr/local/cuda-13.5/include");
    included.extend(headers("usr/local/cuda-12.9/include"));
    let newer = [
        "usr/local/cuda-13.5/lib64/libnvrtc.so.13",
        "usr/local/cuda-13.5/lib64/libnvrtc-builtins.so.13.5",
    ];
    let fitting = [
        "usr/local/cuda-12.9/lib64/libnvrtc.so.12",
        "usr/local/cuda-12.9/lib64/libnvrtc-builtins.so.12.9",
    ];
    check(
        &joined(&[newer, fitting].concat(), &included),
        &[],
        fitting[0],
        Some(version(12, 9)),
        &["usr/local/cuda-12.9/include"],
    );
    let (_, alone) = chosen(&joined(&newer, &included), &[]);
    let missing = alone.unwrap_err();
    let text = missing.to_string();
    assert!(text.contains("is of CUDA 13.5"), "{text}");
    assert!(text.contains("CUDA 12.0 to 13.0"), "{text}");
}

#[test]
fn a_compiler_too_old_and_none_at_all() {
    let (_, old) = chosen(&["usr/local/cuda/lib64/libnvrtc.so.11.2"], &[]);
    assert_eq!(old, Err(Missing::Nvrtc));
    let (_, none) = chosen(
        &["usr/bin/python3"],
        &[("PATH", "/usr/bin"), ("HOME", "/home/ann")],
    );
    let missing = none.unwrap_err();
    assert_eq!(
        missing.to_string(),
        "NVRTC, the compiler of CUDA's kernels, was not found"
    );
    assert_eq!(
        remedy(version(12, 4), Path::new("/own")),
        "install NVIDIA's CUDA toolkit 12.0 to 12.4, or `pip install --target '/own' \
         'nvidia-cuda-nvrtc-cu12<12.5' 'nvidia-cuda-runtime-cu12<12.5'`"
    );
}

#[test]
fn headers_that_are_not_all_there_are_named() {
    let (_root, choice) = chosen(
        &[
            "usr/local/cuda/lib64/libnvrtc.so.12",
            "usr/local/cuda/include/cuda_fp16.h",
            "usr/local/cuda/include/cuda_bf16.h",
        ],
        &[],
    );
    let headers = choice.unwrap().headers;
    assert_eq!(absent(&HALF, &headers), None);
    assert_eq!(absent(&PRODUCTS, &headers), Some("mma.h"));
}

/// cudarc asks the system's loader for `libnvrtc.so`, then `.13`, then `.12`: what is loaded by path is
/// only found under its own name, so an earlier name that the loader knows wins.
#[test]
fn trap_what_the_loader_finds_first_cannot_be_avoided() {
    let root = machine(&[
        "a/lib/libnvrtc.so.12",
        "b/lib/libnvrtc.so.13",
        "b/lib/libnvrtc-builtins.so.13.0",
    ]);
    let place = |name: &str| Place {
        libraries: vec![root.path().join(name).join("lib")],
        headers: Vec::new(),
    };
    let places = [place("a"), place("b")];
    let path = |name: &str| root.path().join(name);
    let with_loader = |rank, loaded: &str| -> PathBuf {
        let loader = path(loaded);
        let choice = choose(&places, Some((rank, &loader)), version(13, 0));
        choice.unwrap().nvrtc.path
    };
    // The loader knows `.12` alone: both can be loaded before.
    assert_eq!(
        with_loader(2, "a/lib/libnvrtc.so.12"),
        path("a/lib/libnvrtc.so.12")
    );
    // It knows `.13`, which comes before `.12`.
    assert_eq!(
        with_loader(1, "b/lib/libnvrtc.so.13"),
        path("b/lib/libnvrtc.so.13")
    );
    // It knows the plain name, which stands for one file.
    assert_eq!(
        with_loader(0, "b/lib/libnvrtc.so.13"),
        path("b/lib/libnvrtc.so.13")
    );
}

#[test]
#[cfg(unix)] // links
fn headers_of_several_folders_become_one() {
    let files = headers("one/include");
    let root = machine(&[
        "a/include/cuda_fp16.h",
        "a/include/cuda_bf16.h",
        "a/include/mma.h",
        "b/include/mma.h",
        "b/include/crt/mma.h",
    ]);
    let made = root.path().join("cache");
    let parts = ["a/include", "b/include"].map(|part| root.path().join(part));
    for _ in 0..2 {
        assert_eq!(of_headers(&parts, &made).unwrap(), made);
        assert!(has_all(&[made.join("include")]));
    }
    let first = std::fs::read_link(made.join("include/mma.h")).unwrap();
    assert_eq!(first, parts[0].join("mma.h"));
    // Where a toolkit was removed, the links lead nowhere.
    std::fs::remove_dir_all(root.path().join("b")).unwrap();
    let other = machine(&files.iter().map(String::as_str).collect::<Vec<_>>());
    let odd = other.path().join("one");
    std::fs::rename(odd.join("include"), odd.join("headers")).unwrap();
    assert_eq!(of_headers(&[odd.join("headers")], &made).unwrap(), made);
    assert!(has_all(&[made.join("include")]));
}

#[test]
fn a_folder_that_has_all_headers_is_taken_as_it_is() {
    let files = headers("opt/cuda/include");
    let root = machine(&files.iter().map(String::as_str).collect::<Vec<_>>());
    let prefix = root.path().join("opt/cuda");
    let taken = of_headers(&[prefix.join("include")], Path::new("/nonexistent")).unwrap();
    assert_eq!(taken, prefix);
}

/// What PyTorch brings of CUDA: `mma.h` is there, and what it includes is not.
#[test]
#[cfg(unix)] // links
fn trap_half_of_the_header_of_products_is_replaced_by_our_own() {
    let root = machine(&[
        "include/cuda_fp16.h",
        "include/cuda_bf16.h",
        "include/mma.h",
    ]);
    let made = root.path().join("cache");
    let folders = [root.path().join("include")];
    let ours = |made: &Path| std::fs::read_to_string(made.join("include/mma.h")).unwrap();
    assert_eq!(of_headers(&folders, &made).unwrap(), made);
    assert_eq!(ours(&made), include_str!("mma.h"));
    assert_eq!(absent(&HALF, &[made.join("include")]), None);
    // One of an earlier version of the program is made again.
    std::fs::write(made.join("include/mma.h"), "// an earlier one").unwrap();
    of_headers(&folders, &made).unwrap();
    assert_eq!(ours(&made), include_str!("mma.h"));
}

#[test]
fn versions_as_the_driver_states_them() {
    assert_eq!(Version::of_driver(12090), version(12, 9));
    assert_eq!(Version::of_driver(13000), version(13, 0));
    assert!(version(12, 9).suits(version(13, 0)));
    assert!(!version(13, 1).suits(version(13, 0)));
    assert!(!version(11, 8).suits(version(13, 0)));
}
