"""What a database or its driver raised, in words for the operator."""

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from monitor.store.errors import StoreError
from monitor.store.location import where
from monitor.store.postgresql import remedy_for


def told(error: Exception, what: str, url: URL, remedy: str) -> StoreError:
    """Build the error that says what went wrong in the database's own words, on one line.

    Args:
        error: As it was raised.
        what: What could not be done.
        url: Of the database; its password is cut out of those words.
        remedy: What to do about it, unless the words are known and say more.
    """
    orig = error.orig if isinstance(error, DBAPIError) else error
    words = " ".join(str(orig).split())
    if url.password:
        words = words.replace(str(url.password), "***")
    known = None if url.drivername == "sqlite" else remedy_for(words)
    return StoreError(f"{what}: {words}", where=where(url), remedy=known or remedy)
