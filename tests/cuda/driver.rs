//! A stand-in for NVIDIA's driver library: it says that there is a card, gives out memory of the
//! processor, copies bytes, and takes each kernel without running it.
//!
//! With it the engine's way over CUDA runs on a machine without a card up to the kernels themselves:
//! NVRTC is found and loaded, every kernel is generated and compiled. No number that comes out of it
//! means anything. `scripts/check-cuda-kernels` builds it as `libcuda.so.1`.
//!
//! Variables: `FAKE_CUDA_ARCH`, the compute capability (80 is 8.0, the default; 90 a Hopper);
//! `FAKE_CUDA_VERSION`, the newest CUDA that the driver knows, as drivers state it (13000, the default).
//! `FAKE_CUDA_CARDS`, how many cards there are (1, the default).
//!
//! Names, arguments and numbers are those of the CUDA Driver API 13.0. Only what cubecl-cuda calls is
//! here: what is missing is named by a panic in cudarc.
#![allow(non_snake_case)]
#![allow(unsafe_code, clippy::missing_safety_doc, missing_docs)]

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::ptr;

/// `CUresult`.
type Code = c_int;
const SUCCESS: Code = 0;

/// Handles are never looked into; any address that is not 0 serves.
type Handle = *mut c_void;
const SOME: Handle = 0x10 as Handle;

/// `CUdeviceptr`: an address of this process.
type Address = u64;

/// Memory of the card, in bytes. It is taken from the system only as far as it is touched.
const MEMORY: usize = 16 << 30;

fn number(variable: &str, otherwise: c_int) -> c_int {
    let text = std::env::var(variable).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn architecture() -> c_int {
    number("FAKE_CUDA_ARCH", 80)
}

/// Functions that succeed and do nothing.
macro_rules! nothing {
    ($($name:ident($($argument:ty),*);)*) => {
        $(#[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($(_: $argument),*) -> Code { SUCCESS })*
    };
}

/// Functions that write a handle to where their first argument points.
macro_rules! handles {
    ($($name:ident($($argument:ty),*);)*) => {
        $(#[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut Handle, $(_: $argument),*) -> Code {
            unsafe { out.write(SOME) };
            SUCCESS
        })*
    };
}

nothing! {
    cuInit(c_uint);
    cuCtxSetCurrent(Handle);
    cuCtxSynchronize();
    cuDevicePrimaryCtxRelease_v2(c_int);
    cuModuleUnload(Handle);
    cuFuncSetAttribute(Handle, c_int, c_int);
    cuStreamSynchronize(Handle);
    cuStreamDestroy_v2(Handle);
    cuStreamWaitEvent(Handle, Handle, c_uint);
    cuStreamBeginCapture_v2(Handle, c_int);
    cuEventRecord(Handle, Handle);
    cuEventQuery(Handle);
    cuEventSynchronize(Handle);
    cuEventDestroy_v2(Handle);
    cuGraphDestroy(Handle);
    cuGraphExecDestroy(Handle);
    cuGraphLaunch(Handle, Handle);
    cuGraphUpload(Handle, Handle);
    cuLaunchKernel(Handle, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, Handle, Handle, Handle);
    cuTensorMapEncodeTiled(Handle, c_int, c_uint, Handle, Handle, Handle, Handle, Handle, c_int, c_int, c_int, c_int);
}

handles! {
    cuDevicePrimaryCtxRetain(c_int);
    cuCtxGetCurrent();
    cuModuleLoadData(*const c_void);
    cuModuleGetFunction(Handle, *const c_char);
    cuStreamCreate(c_uint);
    cuStreamCreateWithPriority(c_uint, c_int);
    cuEventCreate(c_uint);
    cuGraphInstantiateWithFlags(Handle, u64);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDriverGetVersion(version: *mut c_int) -> Code {
    unsafe { version.write(number("FAKE_CUDA_VERSION", 13_000)) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetCount(count: *mut c_int) -> Code {
    unsafe { count.write(number("FAKE_CUDA_CARDS", 1)) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGet(device: *mut c_int, index: c_int) -> Code {
    unsafe { device.write(index) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetName(name: *mut c_char, length: c_int, _: c_int) -> Code {
    let text = format!("A card that computes nothing (sm_{})", architecture());
    unsafe { write_text(name, length, &text) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetPCIBusId(
    id: *mut c_char,
    length: c_int,
    device: c_int,
) -> Code {
    unsafe { write_text(id, length, &format!("0000:{device:02x}:00.0")) }
}

unsafe fn write_text(to: *mut c_char, length: c_int, text: &str) -> Code {
    let text = CString::new(text).expect("no zero is in it");
    let bytes = text.as_bytes_with_nul();
    let length = bytes.len().min(length.unsigned_abs() as usize);
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), to, length) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceTotalMem_v2(bytes: *mut usize, _: c_int) -> Code {
    unsafe { bytes.write(MEMORY) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> Code {
    unsafe {
        free.write(MEMORY);
        total.write(MEMORY);
    }
    SUCCESS
}

/// The numbers of `CUdevice_attribute` that are asked for, answered as an A100 or an H100 does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetAttribute(
    value: *mut c_int,
    attribute: c_int,
    _: c_int,
) -> Code {
    let is_hopper = architecture() >= 90;
    let answer = match attribute {
        1 | 2 | 3 => 1024, // threads of a block, and its width and height
        4 => 64,           // its depth
        5 => c_int::MAX,   // blocks of a grid
        6 | 7 => 65_535,
        8 => 49_152, // shared memory of a block, in bytes
        10 => 32,    // threads of a warp
        16 => {
            if is_hopper {
                132
            } else {
                108
            }
        } // multiprocessors
        75 => architecture() / 10,
        76 => architecture() % 10,
        97 => {
            if is_hopper {
                232_448
            } else {
                166_912
            }
        } // shared memory of a block that asks for more
        115 => 1, // memory pools
        _ => 0,
    };
    unsafe { value.write(answer) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetStreamPriorityRange(
    least: *mut c_int,
    greatest: *mut c_int,
) -> Code {
    for place in [least, greatest] {
        if !place.is_null() {
            unsafe { place.write(0) };
        }
    }
    SUCCESS
}

/// Zeros, so that each run sees the same numbers; never given back in part.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAlloc_v2(address: *mut Address, bytes: usize) -> Code {
    unsafe { address.write(zeros(bytes) as Address) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocAsync(address: *mut Address, bytes: usize, _: Handle) -> Code {
    unsafe { cuMemAlloc_v2(address, bytes) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocHost_v2(address: *mut *mut c_void, bytes: usize) -> Code {
    unsafe { address.write(zeros(bytes)) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFree_v2(address: Address) -> Code {
    unsafe { free(address as *mut c_void) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeAsync(address: Address, _: Handle) -> Code {
    unsafe { cuMemFree_v2(address) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeHost(address: *mut c_void) -> Code {
    unsafe { free(address) };
    SUCCESS
}

unsafe extern "C" {
    fn aligned_alloc(alignment: usize, bytes: usize) -> *mut c_void;
    fn free(address: *mut c_void);
}

fn zeros(bytes: usize) -> *mut c_void {
    // Kernels' buffers are aligned to 512 bytes on a card.
    let bytes = bytes.max(1).next_multiple_of(512);
    unsafe {
        let address = aligned_alloc(512, bytes);
        ptr::write_bytes(address.cast::<u8>(), 0, bytes.min(1 << 20));
        address
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2(
    to: Address,
    from: *const c_void,
    bytes: usize,
    _: Handle,
) -> Code {
    unsafe { ptr::copy(from.cast::<u8>(), to as *mut u8, bytes) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2(
    to: *mut c_void,
    from: Address,
    bytes: usize,
    _: Handle,
) -> Code {
    unsafe { ptr::copy(from as *const u8, to.cast::<u8>(), bytes) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync_v2(
    to: Address,
    from: Address,
    bytes: usize,
    _: Handle,
) -> Code {
    unsafe { ptr::copy(from as *const u8, to as *mut u8, bytes) };
    SUCCESS
}

/// `CUDA_MEMCPY2D`, of which the copies here use addresses of one side each.
#[repr(C)]
pub struct Copy2D {
    source_x: usize,
    source_y: usize,
    source_type: c_int,
    source_host: *const u8,
    source_device: Address,
    source_array: Handle,
    source_pitch: usize,
    target_x: usize,
    target_y: usize,
    target_type: c_int,
    target_host: *mut u8,
    target_device: Address,
    target_array: Handle,
    target_pitch: usize,
    width: usize,
    height: usize,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DAsync_v2(copy: *const Copy2D, _: Handle) -> Code {
    const HOST: c_int = 1;
    let copy = unsafe { &*copy };
    let from = match copy.source_type {
        HOST => copy.source_host,
        _ => copy.source_device as *const u8,
    };
    let to = match copy.target_type {
        HOST => copy.target_host,
        _ => copy.target_device as *mut u8,
    };
    for row in 0..copy.height {
        unsafe {
            ptr::copy(
                from.add(row * copy.source_pitch),
                to.add(row * copy.target_pitch),
                copy.width,
            )
        };
    }
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime_v2(
    milliseconds: *mut f32,
    _: Handle,
    _: Handle,
) -> Code {
    unsafe { milliseconds.write(1.0) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamEndCapture(_: Handle, graph: *mut Handle) -> Code {
    unsafe { graph.write(SOME) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetNodes(_: Handle, nodes: *mut Handle, count: *mut usize) -> Code {
    if nodes.is_null() {
        unsafe { count.write(0) };
    }
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamIsCapturing(_: Handle, status: *mut c_int) -> Code {
    unsafe { status.write(0) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorString(_: Code, text: *mut *const c_char) -> Code {
    unsafe { text.write(c"the stand-in for the driver knows no errors".as_ptr()) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorName(_: Code, text: *mut *const c_char) -> Code {
    unsafe { text.write(c"UNKNOWN".as_ptr()) };
    SUCCESS
}

/// NVRTC asks the driver for tables of functions by their number, and reads what it gets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetExportTable(table: *mut *const c_void, _: *const c_void) -> Code {
    const NOT_FOUND: Code = 500;
    unsafe { table.write(std::ptr::null()) };
    NOT_FOUND
}
