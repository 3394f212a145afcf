"""Reports of the follow-up in the formats that people read: web page, PDF, spreadsheet, letter, separated values, text.

What the libraries of a format take to load is paid when it is written and not before.
"""
