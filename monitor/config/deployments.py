"""What routers call targets: one name a target, and each name of one target."""

from collections.abc import Iterator, Sequence

from monitor.config.errors import Finding, Place, show
from monitor.config.subject import Subject


def deployment_findings(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """Tell names that several targets would have, or of which it is not clear whose they are."""
    owners = {subject.key: subject.place for subject in subjects}
    for subject in subjects:
        yield from _misplaced(subject)
        name = subject.deployment
        if name is None:
            continue
        owner = owners.setdefault(name, subject.place)
        if owner != subject.place:
            place: Place = (*subject.place, "deployment")
            yield Finding(place, f"{show(owner)} is known by this name already")


def _misplaced(subject: Subject) -> Iterator[Finding]:
    if subject.body.deployment is None:
        return
    place: Place = (*subject.place[:4], "deployment")
    if subject.body.targets is not None:
        yield Finding(place, "is the name of one target", "write it under targets")
    if subject.body.discover is not None:
        yield Finding(place, "cannot stand beside discover, which makes several targets")
