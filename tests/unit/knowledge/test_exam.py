"""What an exam asks, and how it judges what changed."""

import pytest

from knowledge.exam import Asked, Outcome, development, judge
from knowledge.examples import questions

RIGHT = frozenset({"right"})
ANSWERED = Outcome("answer", "right")
WRONG = Outcome("answer", "wrong")
OFFERED = Outcome("choices", None, ("right", "wrong"))
TURNED = Outcome("choices", None, ("wrong", "right"))
PERSON = Outcome("handoff", None)


def test_the_shipped_questions_are_the_development_set() -> None:
    asked = development()
    assert len(asked) > 3500
    assert sum(not one.right for one in asked) > 1500  # foreign ones
    assert {one.text for one in asked} == {q.text for q in questions()}


@pytest.mark.parametrize(
    ("right", "before", "after", "kind"),
    [
        (RIGHT, ANSWERED, ANSWERED, None),
        (RIGHT, ANSWERED, WRONG, "worse"),
        (RIGHT, WRONG, ANSWERED, "better"),
        (RIGHT, ANSWERED, OFFERED, "unanswered"),
        (RIGHT, ANSWERED, PERSON, "unanswered"),
        (RIGHT, PERSON, OFFERED, "better"),
        (RIGHT, OFFERED, TURNED, None),
        (frozenset[str](), PERSON, WRONG, "worse"),
        (frozenset[str](), WRONG, PERSON, "better"),
        (None, ANSWERED, WRONG, "different"),
        (None, ANSWERED, PERSON, "unanswered"),
        (None, PERSON, OFFERED, None),
    ],
)
def test_a_change_is_judged(
    right: frozenset[str] | None, before: Outcome, after: Outcome, kind: str | None
) -> None:
    assert judge(Asked("q", right), before, after) == kind
