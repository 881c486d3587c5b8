//! The GPUs that this build can reach through burn's runtimes.

use super::memory::{CardMemory, of_card};
use super::{ComputeDevice, DeviceKind, catching};
use burn::tensor::{Device, DeviceType};
use burn_dispatch::DispatchDevice;
use burn_dispatch::devices::CubeDevice;

/// All GPUs, the runtime to prefer first, a discrete card before one without memory of its own.
pub(super) fn find(software: bool) -> Vec<(ComputeDevice, Device)> {
    super::kernels::configure();
    let mut found = Vec::new();
    #[cfg(feature = "cuda")]
    found.extend(of_runtime("cuda", DeviceType::Cuda));
    #[cfg(feature = "metal")]
    found.extend(of_runtime("metal", DeviceType::Metal));
    #[cfg(feature = "vulkan")]
    found.extend(of_runtime("vulkan", DeviceType::Vulkan));
    #[cfg(not(any(feature = "vulkan", feature = "metal", feature = "cuda")))]
    found.extend(of_runtime("wgpu", DeviceType::Wgpu));
    found.retain(|(info, _)| software || info.kind != DeviceKind::Software);
    #[cfg(feature = "cuda")]
    say_what_cuda_misses(&mut found);
    found
}

/// Cards of CUDA that cannot be used before something is installed say so, and what is used meanwhile.
#[cfg(feature = "cuda")]
fn say_what_cuda_misses(found: &mut [(ComputeDevice, Device)]) {
    let Some(missing) = super::cuda::missing() else {
        return;
    };
    let is_of = |info: &ComputeDevice, runtime: &str| info.id.starts_with(runtime);
    let instead = found
        .iter()
        .any(|(info, _)| is_of(info, "vulkan:") && info.kind == DeviceKind::Discrete);
    let instead = if instead {
        "; Vulkan is used instead"
    } else {
        ""
    };
    for (info, _) in found.iter_mut().filter(|(info, _)| is_of(info, "cuda:")) {
        info.check = Some(super::check::incomplete(format!("{missing}{instead}")));
    }
}

/// A runtime without its driver has no devices, or panics: both mean none.
fn of_runtime(name: &str, runtime: DeviceType) -> Vec<(ComputeDevice, Device)> {
    let devices = catching(|| Device::enumerate(runtime).into_iter().collect::<Vec<_>>());
    let devices = devices.unwrap_or_default();
    let described = devices
        .into_iter()
        .enumerate()
        .filter_map(|(place, device)| {
            let info = catching(|| describe(format!("{name}:{place}"), &device)).ok()??;
            Some((info, device))
        });
    described.collect()
}

/// The memory in bytes that the driver says may be used. Opens the device.
pub(super) fn stated_memory(device: &Device) -> Option<u64> {
    match device.as_dispatch() {
        DispatchDevice::Cube(device) => device.client().properties().memory.max_memory(),
        _ => None,
    }
}

/// Nothing for what only a graphics API reaches.
fn describe(id: String, device: &Device) -> Option<ComputeDevice> {
    let DispatchDevice::Cube(cube) = device.as_dispatch() else {
        unreachable!("the runtimes asked for are those of burn's cube backend");
    };
    let (name, driver, kind, address) = match cube {
        #[cfg(any(feature = "wgpu", feature = "vulkan", feature = "metal"))]
        CubeDevice::Wgpu(adapter) => wgpu::describe(adapter)?,
        _ => {
            // CUDA's cards report their name and PCI address only when opened.
            let identity = device.identity();
            let address = identity.as_ref().and_then(|identity| {
                let address = identity.physical.as_ref()?.pci_address.as_ref()?;
                Some(address.to_string())
            });
            let name = identity.map_or_else(|| id.clone(), |identity| identity.name);
            (name, cuda_driver(), DeviceKind::Discrete, address)
        }
    };
    let memory = address.as_deref().map_or(CardMemory::default(), of_card);
    Some(ComputeDevice {
        id,
        name,
        threads: None,
        memory_bytes: memory.total,
        kind,
        free_bytes: memory.free,
        driver,
        instructions: Vec::new(),
        address,
        check: None,
    })
}

/// The versions of NVIDIA's kernel driver and of what compiles kernels: with either of them a device can
/// begin to compute wrongly, or cease to.
fn cuda_driver() -> Option<String> {
    let text = std::fs::read_to_string("/proc/driver/nvidia/version").ok();
    let driver = text
        .as_deref()
        .and_then(|text| text.lines().next())
        .map(str::to_owned);
    #[cfg(feature = "cuda")]
    let compiler = super::cuda::compiler();
    #[cfg(not(feature = "cuda"))]
    let compiler = None;
    let parts: Vec<String> = driver.into_iter().chain(compiler).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(any(feature = "wgpu", feature = "vulkan", feature = "metal"))]
mod wgpu {
    use super::super::DeviceKind;
    use burn_dispatch::devices::wgpu::wgpu;
    use burn_dispatch::devices::{WgpuBackend, WgpuDevice, WgpuDeviceKind};

    /// What an adapter reports without being opened: name, driver, kind, PCI address.
    type Told = (String, Option<String>, DeviceKind, Option<String>);

    /// Nothing where the adapter is reached through OpenGL alone.
    pub(super) fn describe(device: &WgpuDevice) -> Option<Told> {
        let (kind, wanted, place) = match device.kind {
            WgpuDeviceKind::DiscreteGpu(n) => {
                (DeviceKind::Discrete, wgpu::DeviceType::DiscreteGpu, n)
            }
            WgpuDeviceKind::IntegratedGpu(n) => {
                (DeviceKind::Integrated, wgpu::DeviceType::IntegratedGpu, n)
            }
            WgpuDeviceKind::VirtualGpu(n) => (DeviceKind::Virtual, wgpu::DeviceType::VirtualGpu, n),
            WgpuDeviceKind::Cpu => (DeviceKind::Software, wgpu::DeviceType::Cpu, 0),
            WgpuDeviceKind::Other(n) => (DeviceKind::Other, wgpu::DeviceType::Other, n),
            _ => (DeviceKind::Other, wgpu::DeviceType::Other, 0),
        };
        // Devices are counted by kind, in the order in which the system names the adapters.
        let adapter = adapters(&device.backend)
            .into_iter()
            .filter(|adapter| adapter.device_type == wanted)
            .nth(place)?;
        let driver = format!("{} {}", adapter.driver, adapter.driver_info);
        let reported = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let address = reported(&adapter.device_pci_bus_id);
        Some((adapter.name, reported(&driver), kind, address))
    }

    fn adapters(api: &WgpuBackend) -> Vec<wgpu::AdapterInfo> {
        let backends = match api {
            WgpuBackend::Vulkan => wgpu::Backends::VULKAN,
            WgpuBackend::Metal => wgpu::Backends::METAL,
            _ => wgpu::Backends::PRIMARY,
        };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let adapters = burn_backend::read_sync(instance.enumerate_adapters(backends));
        adapters.iter().map(wgpu::Adapter::get_info).collect()
    }
}
