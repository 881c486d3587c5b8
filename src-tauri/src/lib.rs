//! The desktop window. Starts the engine as a child and shows what it does; links no tensor code.
