"""Tests. They mirror the house: one folder per room, plus promises, browser, vectors and support."""
