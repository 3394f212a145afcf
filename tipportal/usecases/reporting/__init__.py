"""Reports of the follow-up: read from the log, made, and verified from a log's export (06)."""
