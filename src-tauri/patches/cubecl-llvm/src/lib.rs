//! The names that cubecl-cuda 0.11.3 takes from its LLVM backend, without LLVM.
//!
//! cubecl-cuda has two ways from a kernel to the card: CUDA C++, which NVIDIA's run-time compiler
//! NVRTC turns into PTX, and LLVM. Both are always compiled in, its feature `cpp` only says which one
//! is used, and the second one's crate fetches an LLVM of about 100 MB from the network while it is
//! built. Tagsmith takes the first way and builds without a download, so `[patch.crates-io]` in the
//! workspace's manifest puts this crate in the other's place.
//!
//! What stands here has the shape that cubecl-cuda compiles against and no more. Nothing of it is
//! reached with `cpp` on, except [`PtxVersion::for_driver`](nvptx::ptx_version::PtxVersion::for_driver),
//! whose answer is not read then. A kernel that is given to [`PlironCompiler`] all the same is refused
//! with an error.
//!
//! The version in `Cargo.toml` is exact on purpose: with another cubecl, cargo leaves the patch aside and
//! says so, and these names must be compared with what the new one uses.

use core::fmt;
use cubecl_core::ir::nvidia::SmArch;
use cubecl_core::prelude::KernelDefinition;
use cubecl_core::environment::backtrace::BackTrace;
use cubecl_server::compiler::{CompilationError, Compiler};
use cubecl_server::kernel::BufferIOAttr;

/// What the LLVM backend would generate code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LlvmTarget {
    /// PTX for NVIDIA's cards.
    Nvptx,
}

/// The compiler that is not here: it refuses every kernel.
#[derive(Clone, Debug)]
pub struct PlironCompiler {
    /// What it would generate code for.
    pub target: LlvmTarget,
}

/// What cubecl-cuda says to the compiler about the card and its driver.
#[derive(Clone, Debug, Default)]
pub struct PlironOptions {
    /// The name of an architecture, for targets other than NVIDIA's.
    pub arch: Option<String>,
    /// The card's compute capability.
    pub sm_arch: Option<SmArch>,
    /// The newest version of PTX that the driver loads.
    pub ptx_version: Option<nvptx::ptx_version::PtxVersion>,
    /// Whether the launch's parameters come as grid constants.
    pub grid_constants: bool,
    /// cubecl-cuda fills in the rest with `..Default::default()`, so there must be a rest.
    pub rest: (),
}

/// A kernel as PTX.
#[derive(Clone, Debug)]
pub struct NvptxModule {
    /// PTX, with a zero at the end.
    pub ptx: Vec<core::ffi::c_char>,
    /// The text that logs show.
    pub ir: String,
    /// Dynamic shared memory of a launch, in bytes.
    pub shared_memory_size: usize,
    /// Whether the kernel reads or writes each buffer, in the order of its bindings.
    pub io: Vec<BufferIOAttr>,
}

/// What a compilation would give.
#[derive(Clone, Debug)]
pub enum PlironArtifact {
    /// A kernel for NVIDIA's cards.
    NvptxCode(NvptxModule),
    /// A kernel for anything else: cubecl-cuda has an arm for the others.
    Other,
}

impl fmt::Display for PlironArtifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NvptxCode(module) => f.write_str(&module.ir),
            Self::Other => Ok(()),
        }
    }
}

impl Compiler for PlironCompiler {
    type Representation = PlironArtifact;
    type CompilationOptions = PlironOptions;

    fn compile(
        &mut self,
        _: KernelDefinition,
        _: &PlironOptions,
    ) -> Result<PlironArtifact, CompilationError> {
        Err(CompilationError::Generic {
            reason: "this program is built without cubecl's LLVM backend: build cubecl-cuda with its \
                     feature `cpp`"
                .into(),
            backtrace: BackTrace::capture(),
        })
    }

    fn extension(&self) -> &'static str {
        "ll"
    }

    fn lang_tag(&self) -> &'static str {
        "llvm"
    }
}

/// What concerns PTX.
pub mod nvptx {
    /// Versions of PTX.
    pub mod ptx_version {
        use core::fmt;

        /// A version of PTX. There is none, because nothing here writes PTX.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum PtxVersion {}

        impl PtxVersion {
            /// The newest version that a driver loads, of those that this backend writes: none.
            /// `_driver` is the CUDA version that the driver states, 12080 for 12.8.
            pub fn for_driver(_driver: i32) -> Option<Self> {
                None
            }
        }

        impl fmt::Display for PtxVersion {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {}
            }
        }
    }
}

/// What is the same for all targets.
pub mod shared {
    /// Which features of a card the backend can use.
    pub mod lowered_features {
        /// A target whose features are restricted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum GpuTarget {
            /// PTX for NVIDIA's cards.
            Nvptx,
        }

        /// Takes away what the LLVM backend cannot do. It is only called where that backend compiles.
        pub fn restrict_features(_: &mut cubecl_core::ir::DeviceProperties, _: GpuTarget) {}
    }
}
