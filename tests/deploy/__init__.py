"""Tests of what `deploy/` installs."""
