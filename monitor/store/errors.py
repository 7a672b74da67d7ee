"""What can go wrong between us and the database, told so that somebody can act on it."""


class StoreError(Exception):
    """The database cannot be used.

    Attributes:
        what: What went wrong.
        where: The database, without its password.
        remedy: What to do about it.
    """

    def __init__(self, what: str, *, where: str, remedy: str) -> None:
        super().__init__(f"{what} ({where}). {remedy}.")
        self.what = what
        self.where = where
        self.remedy = remedy


class UnwritableError(ValueError):
    """A triple that the database refuses for what it says: no retry will make it writable."""
