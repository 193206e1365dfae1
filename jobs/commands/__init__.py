"""What each command does, one file for each; jobs/cli.py parses, calls and prints."""
