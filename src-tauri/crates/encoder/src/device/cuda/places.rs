//! Where CUDA's run-time compiler and its headers may be installed on a machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a variable of the environment says.
type Variables = Box<dyn Fn(&str) -> Option<OsString>>;

/// The machine as it is searched: its files and the variables of this process. Tests make up both.
pub(super) struct Machine {
    /// What stands for `/`.
    root: PathBuf,
    variables: Variables,
}

/// An installation: folders that may hold NVRTC, and folders that may hold headers.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) libraries: Vec<PathBuf>,
    pub(super) headers: Vec<PathBuf>,
}

impl Machine {
    /// This one.
    pub(super) fn here() -> Self {
        Self {
            root: PathBuf::new(),
            variables: Box::new(|name| std::env::var_os(name).filter(|value| !value.is_empty())),
        }
    }

    #[cfg(test)]
    pub(super) fn made_up(root: &Path, variables: &[(&str, &str)]) -> Self {
        let root = root.to_path_buf();
        // Values that are paths start with `/` and are in the made-up machine.
        let value = |text: &str| {
            let parts = text.split(':').map(|part| match part.strip_prefix('/') {
                Some(path) => root.join(path),
                None => part.into(),
            });
            std::env::join_paths(parts).expect("no path of a test has a separator in it")
        };
        let variables: Vec<(String, OsString)> = variables
            .iter()
            .map(|(name, text)| ((*name).into(), value(text)))
            .collect();
        Self {
            root,
            variables: Box::new(move |wanted| {
                let found = variables.iter().find(|(name, _)| name == wanted);
                found.map(|(_, value)| value.clone())
            }),
        }
    }

    /// All places, those that the person chose first, then systems' own, then Pythons. `own` holds
    /// Python packages as those of a Python do.
    pub(super) fn places(&self, own: &Path) -> Vec<Place> {
        let mut places = Vec::new();
        let chosen = ["CUDA_PATH", "CUDA_HOME", "CUDA_ROOT"];
        places.extend(
            chosen
                .iter()
                .filter_map(|name| self.path(name))
                .map(toolkit),
        );
        places.extend(site_packages(own));
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
            places.extend(self.path(name).map(environment).unwrap_or_default());
        }
        places.extend(
            self.paths("LD_LIBRARY_PATH")
                .into_iter()
                .map(beside_library),
        );
        for (folder, prefix) in [("/usr/local", "cuda"), ("/opt", "cuda")] {
            places.extend(
                newest_first(self.at(folder), prefix)
                    .into_iter()
                    .map(toolkit),
            );
        }
        if let Some(programs) = self.path("ProgramFiles") {
            let folder = programs.join("NVIDIA GPU Computing Toolkit/CUDA");
            places.extend(newest_first(folder, "v").into_iter().map(toolkit));
        }
        places.push(self.distribution());
        for prefix in self.pythons() {
            places.extend(environment(prefix));
        }
        places
    }

    /// Where the packages of Debian, Ubuntu, Fedora and their kin put both.
    fn distribution(&self) -> Place {
        let libraries = [
            "lib/x86_64-linux-gnu",
            "lib/aarch64-linux-gnu",
            "lib64",
            "lib",
        ];
        let headers = ["/usr/include", "/usr/include/cuda", "/usr/lib/cuda/include"];
        Place {
            libraries: libraries.map(|part| self.at("/usr").join(part)).into(),
            headers: headers.map(|path| self.at(path)).into(),
        }
    }

    /// The folders that Pythons are installed in, whose packages may bring CUDA.
    fn pythons(&self) -> Vec<PathBuf> {
        let mut prefixes = Vec::new();
        for folder in self.paths("PATH") {
            if folder.join("python3").exists() {
                prefixes.extend(folder.parent().map(Path::to_path_buf));
            }
            if folder.join("python.exe").exists() {
                prefixes.push(folder);
            }
        }
        prefixes.extend(["/usr/local", "/usr"].map(|path| self.at(path)));
        let homes = ["miniconda3", "anaconda3", "miniforge3", "mambaforge"];
        let mut condas = vec![self.at("/opt/conda")];
        if let Some(home) = self.path("HOME").or_else(|| self.path("USERPROFILE")) {
            prefixes.push(home.join(".local"));
            prefixes.extend(folders(home.join(".pyenv/versions")));
            condas.extend(homes.map(|name| home.join(name)));
        }
        if let Some(local) = self.path("LOCALAPPDATA") {
            prefixes.extend(folders(local.join("Programs/Python")));
        }
        for conda in condas {
            let others = folders(conda.join("envs"));
            prefixes.push(conda);
            prefixes.extend(others);
        }
        let mut seen = std::collections::BTreeSet::new();
        prefixes.retain(|prefix| seen.insert(prefix.clone()));
        prefixes
    }

    fn at(&self, path: &str) -> PathBuf {
        match self.root.as_os_str().is_empty() {
            true => path.into(),
            false => self.root.join(path.trim_start_matches('/')),
        }
    }

    fn path(&self, variable: &str) -> Option<PathBuf> {
        (self.variables)(variable).map(PathBuf::from)
    }

    fn paths(&self, variable: &str) -> Vec<PathBuf> {
        let value = (self.variables)(variable).unwrap_or_default();
        let paths = std::env::split_paths(&value);
        paths.filter(|path| path.is_absolute()).collect()
    }
}

/// A folder with the structure of NVIDIA's toolkit; conda's environments have the same.
fn toolkit(prefix: PathBuf) -> Place {
    let targets = folders(prefix.join("targets"));
    let libraries = [
        "lib64",
        "lib",
        "bin",
        "bin/x64",
        "bin/x86_64",
        "Library/bin",
    ];
    let mut libraries: Vec<PathBuf> = libraries.map(|part| prefix.join(part)).into();
    libraries.extend(targets.iter().map(|target| target.join("lib")));
    let mut headers: Vec<PathBuf> = ["include", "Library/include"]
        .map(|part| prefix.join(part))
        .into();
    headers.extend(targets.iter().map(|target| target.join("include")));
    Place { libraries, headers }
}

/// A folder on the path of the system's loader, and the headers that are usually beside it.
pub(super) fn beside_library(folder: PathBuf) -> Place {
    let above = folder.ancestors().skip(1).take(2);
    Place {
        headers: above.map(|prefix| prefix.join("include")).collect(),
        libraries: vec![folder],
    }
}

/// A Python or conda environment: CUDA as conda's packages, and as pip's.
fn environment(prefix: PathBuf) -> Vec<Place> {
    let mut sites = vec![prefix.join("Lib/site-packages")];
    for library in ["lib", "lib64"] {
        for python in newest_first(prefix.join(library), "python3") {
            sites.extend(["site-packages", "dist-packages"].map(|name| python.join(name)));
        }
    }
    let mut places: Vec<Place> = sites.iter().flat_map(|site| site_packages(site)).collect();
    places.push(toolkit(prefix));
    places
}

/// What pip's packages bring: of CUDA 13 all in one folder, of CUDA 12 a folder for each package.
fn site_packages(site: &Path) -> Vec<Place> {
    let nvidia = site.join("nvidia");
    let mut places: Vec<Place> = newest_first(nvidia.clone(), "cu1")
        .into_iter()
        .map(toolkit)
        .collect();
    let headers = ["cuda_runtime", "cuda_nvcc", "cuda_cccl"];
    places.push(Place {
        libraries: ["lib", "bin"]
            .map(|part| nvidia.join("cuda_nvrtc").join(part))
            .into(),
        headers: headers.map(|name| nvidia.join(name).join("include")).into(),
    });
    places
}

/// The folders in a folder; none where it cannot be read.
fn folders(folder: PathBuf) -> Vec<PathBuf> {
    newest_first(folder, "")
}

/// The folders in a folder whose names start with `prefix`: the plain name, which points to the one in
/// use, then the highest version first.
fn newest_first(folder: PathBuf, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(bool, Vec<u32>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let rest = name.to_str()?.strip_prefix(prefix)?;
            let numbers = rest.split(|c: char| !c.is_ascii_digit());
            let numbers = numbers.filter_map(|number| number.parse().ok()).collect();
            entry
                .path()
                .is_dir()
                .then(|| (rest.is_empty(), numbers, entry.path()))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(.., path)| path).collect()
}
