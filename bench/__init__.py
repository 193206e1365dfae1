"""What Dateline costs and what it survives: each bench prints lines for people and ends with one JSON line."""
