"""How a verb takes its command line."""

from typing import Any

from typer.core import TyperCommand


class Verb(TyperCommand):
    """A verb that names the options it has when it is given one that it has not."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            # Filled in already where an option has a name that is nearly the same.
            if hasattr(error, "possibilities") and not error.possibilities:
                error.possibilities = [
                    name for each in self.params for name in each.opts if name.startswith("--")
                ]
            raise
