"""How far a simulated stream has come."""

from monitor.simulator.dialect import Progress
from monitor.simulator.plan import Channel, Finish
from tests.unit.simulator.asked import COMMENT, COUNTS, ERROR, LENGTH, USAGE, thought, word


def test_a_comment_begins_nothing() -> None:
    progress = Progress()

    progress.take(COMMENT)

    assert not progress.begun
    assert progress.channel is None


def test_what_was_sent_is_known_by_channel() -> None:
    progress = Progress()
    for step in (thought("a "), word("b "), word("c "), LENGTH):
        progress.take(step)

    assert progress.begun
    assert progress.channel is Channel.TEXT
    assert progress.tokens == {Channel.REASONING: 1, Channel.TEXT: 2}
    assert progress.text(Channel.TEXT) == "b c "
    assert progress.finish is Finish.LENGTH
    assert not progress.failed


def test_of_an_endless_answer_the_beginning_is_kept() -> None:
    progress = Progress()
    for _ in range(20_100):
        progress.take(word("x"))

    assert len(progress.text(Channel.TEXT)) == 20_000
    assert progress.tokens[Channel.TEXT] == 20_100


def test_counts_errors_and_numbers_are_noted() -> None:
    progress = Progress()
    progress.take(COUNTS)
    progress.take(ERROR)

    assert progress.usage == USAGE
    assert progress.failed
    assert [progress.number(), progress.number()] == [0, 1]
