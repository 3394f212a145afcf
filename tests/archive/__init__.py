"""Packages for an archive."""
