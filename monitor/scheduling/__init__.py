"""When runs begin: the grid of slots, and the scheduler that keeps it."""
