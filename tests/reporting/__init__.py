"""Tests of the reports' formats."""
