"""What news is, and how bytes become it: no database, no scheduler, no settings."""
