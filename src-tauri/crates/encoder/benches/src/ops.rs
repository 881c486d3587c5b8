//! As the encoder's own module, whose files name each other by their places in it.

pub mod cpu;
