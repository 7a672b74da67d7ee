"""A report on service levels, written in each format; all of it is pure."""
