"""Pure: what results add up to, and what we believe of a target because of them."""
