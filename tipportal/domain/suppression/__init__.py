"""Hiding of small figures (06) in what leaves the function: across tables, scopes and publications.

``families`` is what is counted and asked for, ``hiding.hide`` decides. Pure and deterministic.
"""
