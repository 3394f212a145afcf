"""Mail: what leaves the house and what the server answers, on a real server of this machine."""
