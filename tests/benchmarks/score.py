"""How often the classifier agrees with answers that a person has judged.

`python -m tests.benchmarks.score FILE.jsonl`: each line is an object with `id`, `status`,
`headers`, `body`, `dialect`, `provider`, `expect` and `also_ok`. The exit status is 1 below 97 %
agreement, or if one row was laid at the wrong door.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.model.outcome import Outcome, Verdict, fault_of
from monitor.probes.judge import judge

LEAST_AGREEMENT = 0.97


@dataclass(frozen=True)
class Judged:
    """A row, what is right for it, and what the classifier said."""

    id: str
    right: tuple[Outcome, ...]
    verdict: Verdict

    @property
    def agrees(self) -> bool:
        """The outcome is the expected one, or another that will do."""
        return self.verdict.outcome in self.right

    @property
    def is_confused(self) -> bool:
        """The fault is that of none of the right outcomes."""
        status = self.verdict.http_status
        return self.verdict.fault not in {fault_of(each, http_status=status) for each in self.right}

    def __str__(self) -> str:
        """One line for a person."""
        right = " or ".join(self.right)
        verdict = self.verdict
        return f"  {self.id}: {verdict.outcome} ({verdict.fault}, {verdict.rule}), not {right}"


def score(rows: Iterable[Mapping[str, Any]]) -> list[Judged]:
    """Classify each row as `monitor classify --jsonl` does."""
    return [
        Judged(
            id=str(row["id"]),
            right=tuple(Outcome(each) for each in (row["expect"], *(row.get("also_ok") or ()))),
            verdict=judge(
                status=row.get("status"),
                headers=row.get("headers") or {},
                body=str(row.get("body") or "").encode(),
                dialect=row.get("dialect") or "openai_chat",
                provider=row.get("provider"),
            ),
        )
        for row in rows
    ]


def report(judged: list[Judged]) -> tuple[str, bool]:
    """Write the score as text, and say whether it is good enough."""
    wrong = [each for each in judged if not each.agrees]
    confused = [each for each in judged if each.is_confused]
    agreement = 1 - len(wrong) / len(judged) if judged else 0.0
    lines = [
        f"agreement {len(judged) - len(wrong)}/{len(judged)} = {agreement:.1%}",
        f"disagreements: {len(wrong)}",
        *map(str, wrong),
        f"confusions of fault: {len(confused)}",
        *map(str, confused),
    ]
    return "\n".join(lines), agreement >= LEAST_AGREEMENT and not confused


def main(arguments: list[str]) -> int:
    """Score the file that *arguments* name; the exit status of the program."""
    if len(arguments) != 1:
        print("usage: python -m tests.benchmarks.score FILE.jsonl", file=sys.stderr)  # noqa: T201
        return 2
    lines = Path(arguments[0]).read_text(encoding="utf-8").splitlines()
    text, is_good = report(score(json.loads(line) for line in lines if line.strip()))
    print(text)  # noqa: T201 - what the script is for
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
