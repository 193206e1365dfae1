"""What is remembered: tables, transactions, questions. No opinions, no network."""
