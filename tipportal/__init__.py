"""tipportal: an anonymous whistleblowing and public tip portal for Swedish municipalities."""

__version__ = "0.1.0"
