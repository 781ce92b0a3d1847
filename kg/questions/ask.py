"""Questions in plain words: a form and its names are found, the question is answered, the answer says how sure.

There is no language model: `queries/forms.toml` holds the forms, `queries/words.toml` how people speak. What no form
accounts for is refused with a few things that can be asked.
"""

from __future__ import annotations

from kg.questions import answerers
from kg.questions.answer import Answer
from kg.questions.queried import Asked
from kg.questions.understanding import can_be_asked, understand

__all__ = ["Asked", "ask", "can_be_asked", "understand"]


def ask(question: str, graph: Asked) -> Answer:
    """Answer a question in plain words.

    Parameters
    ----------
    question : str
        For instance "What conditions warrant caution with Klonopin?".
    graph : Graph
        The graph to ask.

    Raises
    ------
    NotUnderstoodError
        When no form accounts for the words, or the question is of a kind that is not answered.
    UnknownNameError
        When a form fits, but nothing in the graph has the name in it, or several things nearly have.
    """
    return answerers.answer(graph, question, understand(question, graph.names))
