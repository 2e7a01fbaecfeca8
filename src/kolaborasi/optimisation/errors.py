"""What can be wrong with a problem, named before anything is solved.

Every error carries a stable `code` and `advice`: one sentence that says what to change. Rooms above translate the
code; the English text is for logs and developers.
"""

from __future__ import annotations


class BadProblem(ValueError):
    """The input cannot be planned as it stands; `advice` says what to change."""

    code = "bad_problem"
    advice = "Correct the input and plan again."

    def __init__(self, what: str, advice: str | None = None) -> None:
        self.what = what
        if advice is not None:
            self.advice = advice
        super().__init__(f"{what} {self.advice}")


class EmptyProblem(BadProblem):
    """There is no demand or no supply at all."""

    code = "empty"
    advice = "Give at least one supply and one demand with an amount above zero."


class ShapeMismatch(BadProblem):
    """Arrays that belong together differ in length, or a cost block has another shape than asked for."""

    code = "shape_mismatch"
    advice = "Give one entry per row in every array."


class NotANumber(BadProblem):
    """A NaN or an infinity where a finite number is needed."""

    code = "not_a_number"
    advice = "Remove the row or give it a finite value."


class NotWhole(BadProblem):
    """A fraction where amounts are counted in whole units."""

    code = "not_whole"
    advice = "Count in a smaller unit so that every amount is a whole number."


class NegativeValue(BadProblem):
    """An amount, a reach or a cost below zero."""

    code = "negative"
    advice = "Amounts, reaches and costs start at zero."


class TooLarge(BadProblem):
    """Numbers whose sums or products would leave 64-bit arithmetic."""

    code = "too_large"
    advice = "Use a larger unit of amount or cost, or split the problem."


class BadOption(BadProblem):
    """An option of the solver outside its range."""

    code = "bad_option"
    advice = "See the docstring of the option for its range."


class Infeasible(BadProblem):
    """A network whose supplies cannot reach its demands. A plan never is: what cannot be served stays unserved."""

    code = "infeasible"
    advice = "Check that supplies sum to zero and that capacities let them through."


class Unbounded(BadProblem):
    """A network whose cost can fall without end."""

    code = "unbounded"
    advice = "Give every arc of negative cost a finite capacity."


class BadFile(BadProblem):
    """A file that is not in the format it should be."""

    code = "bad_file"
    advice = "Check the format of the file at the line named."


class SolverFailed(RuntimeError):
    """The engine ended without an optimum although the problem was found sound; there is no half plan."""

    code = "solver_failed"
