//! The device of a run: looked for and tested, with the precision that it computes in.

use crate::error::Error;
use crate::event::preparing;
use crate::run::RunFolder;
use crate::train::Control;
use tagsmith_encoder::Precision;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::{ComputeDevice, Watch, instead_of, precision_on, supports};
use tagsmith_protocol::{Event, Stage};

/// A device that a run may use.
pub(crate) struct RunDevice {
    pub info: ComputeDevice,
    /// Without autodiff.
    pub device: Device,
    pub precision: Precision,
    /// What the person should know.
    pub warnings: Vec<Event>,
}

/// Opens the device `id` for a run in `folder`, to compute in the precision `asked` for. `report` gets the
/// progress of its test.
///
/// # Errors
/// It is not there, computes wrongly, does not compute in that precision, or the run was asked to stop.
pub(crate) fn open_device(
    id: &str,
    asked: Precision,
    folder: &RunFolder,
    control: &Control,
    report: &mut dyn FnMut(Event),
) -> Result<RunDevice, Error> {
    let mut watch = Watch {
        report: &mut |device, progress| report(preparing(&device.id, Stage::Test, progress)),
        stops: &|| control.stops() || folder.stop().exists(),
    };
    let opened = control.devices.open(id, &mut watch)?;
    let precision = precision_on(&opened.info, asked);
    if !supports(&opened.info, precision) {
        return Err(Error::Setting {
            setting: "precision",
            found: precision.name().into(),
            expected: format!(
                "`auto` or `f32`: `{}` does not compute in it",
                opened.info.id
            ),
        });
    }
    let passed_over = opened.passed_over.iter();
    let mut warnings: Vec<Event> = passed_over
        .map(|reason| Event::warning("device", reason))
        .collect();
    if asked != Precision::Auto && asked != precision {
        let what = instead_of(&opened.info, asked, precision);
        warnings.push(Event::warning("precision", what));
    }
    Ok(RunDevice {
        info: opened.info,
        device: opened.device,
        precision,
        warnings,
    })
}
