"""An opened case as an archive takes it: an E-ARK package with ERMS metadata, and a readable PDF.

FGS Paketstruktur 2.0 is E-ARK CSIP 2.1.0 with SIP 2.1.0, FGS Ärendehantering 2.0 is CITS ERMS 2.1. Written on a
member's own machine by the command line; no face and no use case may import it.
"""
