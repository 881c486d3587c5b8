//! Settings that count the layers of a model, and what two settings together allow.

use super::{Limit, SettingFault, TrainSettings};

impl TrainSettings {
    /// Refuses settings that count more layers than a model has, and layers that are both drawn anew and
    /// frozen. `are_shared`: several layers of the model have the same weights.
    ///
    /// # Errors
    /// The first such setting, by name.
    pub fn check_layers(&self, layers: usize, are_shared: bool) -> Result<(), SettingFault> {
        let counted = |limit| limit == Some(Limit::LayersOfModel);
        let of_layers = Self::TABLE.iter().filter(|setting| counted(setting.limit));
        for setting in of_layers {
            let limit = (
                layers as f64,
                format!("at most {layers}, the model's layers"),
            );
            setting.check(&self.value(setting.name), Some(limit))?;
        }
        let fault = |expected: String| {
            Err(SettingFault {
                setting: "reinitialized_layers",
                found: self.reinitialized_layers.to_string(),
                expected,
            })
        };
        let left = layers - self.frozen_layers;
        match self.reinitialized_layers {
            0 => Ok(()),
            _ if are_shared => fault(
                "0: the layers of this model share their weights, and all would be lost".into(),
            ),
            drawn if drawn > left => fault(format!(
                "at most {left}, the layers that `frozen_layers` leaves to be trained"
            )),
            _ => Ok(()),
        }
    }

    /// How many of the lowest layers of a model with `layers` of them are frozen in an epoch, counted from 0:
    /// with gradual unfreezing (Howard and Ruder 2018) at first all that were not drawn anew.
    pub fn frozen_at(&self, epoch: usize, layers: usize) -> usize {
        if self.gradual_unfreezing == 0.0 {
            return self.frozen_layers;
        }
        let unfrozen = (epoch as f64 / self.gradual_unfreezing) as usize;
        layers
            .saturating_sub(self.reinitialized_layers)
            .saturating_sub(unfrozen)
            .max(self.frozen_layers)
    }

    /// What is wrong with R-Drop where nothing is dropped.
    pub fn needs_dropout(&self) -> SettingFault {
        SettingFault {
            setting: "r_drop",
            found: self.r_drop.to_string(),
            expected: "0: nothing is dropped, so both passes would be the same; set `dropout` too"
                .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_that_a_model_lacks_are_refused_by_name() {
        let fault = |frozen_layers, reinitialized_layers, are_shared| {
            let settings = TrainSettings {
                frozen_layers,
                reinitialized_layers,
                ..TrainSettings::default()
            };
            let checked = settings.check_layers(4, are_shared);
            checked.err().map(|fault| fault.setting)
        };
        assert_eq!(fault(4, 0, true), None);
        assert_eq!(fault(5, 0, false), Some("frozen_layers"));
        assert_eq!(fault(0, 4, false), None);
        assert_eq!(fault(0, 5, false), Some("reinitialized_layers"));
        assert_eq!(fault(2, 2, false), None);
        assert_eq!(fault(2, 3, false), Some("reinitialized_layers"));
        assert_eq!(fault(0, 1, true), Some("reinitialized_layers"));
    }

    #[test]
    fn layers_are_unfrozen_from_the_top_down_to_those_that_stay_frozen() {
        let frozen = |gradual_unfreezing, frozen_layers, reinitialized_layers| {
            let settings = TrainSettings {
                gradual_unfreezing,
                frozen_layers,
                reinitialized_layers,
                ..TrainSettings::default()
            };
            (0..6)
                .map(|epoch| settings.frozen_at(epoch, 4))
                .collect::<Vec<_>>()
        };
        assert_eq!(frozen(0.0, 2, 0), [2; 6]);
        assert_eq!(frozen(1.0, 0, 0), [4, 3, 2, 1, 0, 0]);
        assert_eq!(frozen(2.0, 0, 0), [4, 4, 3, 3, 2, 2]);
        assert_eq!(frozen(0.5, 1, 0), [4, 2, 1, 1, 1, 1]);
        assert_eq!(frozen(1.0, 0, 2), [2, 1, 0, 0, 0, 0]);
    }
}
