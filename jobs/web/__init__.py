"""What Dateline answers by HTTP."""
