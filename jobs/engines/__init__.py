"""Who visits: one file for each engine, all calling the same `visit(host)`."""
