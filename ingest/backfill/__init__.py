"""The past: where it is kept, and what of it is wanted. One module for each kind of source; none touches the store."""
