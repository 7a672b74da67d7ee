"""Keeps what a run leaves behind: health stepped in memory, and one thread that writes."""
