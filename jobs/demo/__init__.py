"""A small newsroom that comes with the package: four invented publishers, served on loopback for a first look."""
