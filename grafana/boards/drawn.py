"""All dashboards, as the text of their files."""

from grafana.boards import fleet, model, monitor, routing, target
from grafana.boards.frame import text_of


def drawn() -> dict[str, str]:
    """Give the text of each dashboard's file, by its name."""
    boards = (fleet.board(), target.board(), model.board(), routing.board(), monitor.board())
    return {f"{board.name}.json": text_of(board) for board in boards}
