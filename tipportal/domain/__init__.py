"""Rules of the portal: frozen values, enumerations, pure functions. No IO, no clock, no randomness of its own."""
