"""Tests of the envelope."""
