"""What failure bodies mean, as data: ordered rules with ids; `table` puts them in order."""
