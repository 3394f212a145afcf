"""Tests of the web foundation."""
