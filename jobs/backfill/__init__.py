"""Fetching the past: looking in its parts, on hosts and in files, and driving a backfill to its end."""
