"""Vectors of the protocol, for clients in any language."""
