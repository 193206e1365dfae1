"""When, and in which order: commands, visits, the daemon. The only package that reads settings."""
