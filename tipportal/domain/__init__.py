"""Rules of the portal: frozen values, enumerations and pure functions. Nothing here does IO, reads a clock or draws randomness."""
