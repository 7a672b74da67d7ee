"""Write `grafana/dashboards/*.json` anew."""

from pathlib import Path

from grafana.boards.drawn import drawn

FOLDER = Path(__file__).parents[1] / "dashboards"


def write(folder: Path = FOLDER) -> None:
    """Write each dashboard into a file of its own."""
    folder.mkdir(exist_ok=True)
    for name, text in drawn().items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    write()
