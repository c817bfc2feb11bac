"""A notebook's global names as they stood at some moments, to answer a question among them.

A function finds what it uses by name, at each call, in the notebook's one namespace. What a later
cell does to that namespace (``sum = 0``, ``del np``, a helper written anew) would change an answer
that was right when it was given. So the namespace is copied at the moments that the judge names,
and a question is answered with the copy of its own moment in the place of the namespace.

Copied are the names, not the objects: a list that a later cell appends to, an attribute that it
sets, a module that it patches stay as the later cell left them. While there are more than
MOST_NAMES names nothing is copied: a question that ends then is answered by the last state.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from typing import Any

from dlcourse.check.answer import Status, status_of

Names = dict[str, Any]

MOST_NAMES = 100_000
"""Copies of more would take seconds and gigabytes; a notebook that teaches has hundreds."""

_ABSENT = object()


class Surroundings:
    """Copies of a namespace, and which of them stands in its place.

    Args:
        namespace: the dict that the learner's functions hold as their globals. It stays the same
            dict; its contents change.
    """

    def __init__(self, namespace: Names) -> None:
        self._namespace = namespace
        self._watched: Names = {}
        self._moments: dict[int, Names] = {}
        self._scopes: dict[str, Names] = {}
        self._entered = ""

    def watch(self, names: Iterable[str]) -> None:
        """Remember what these names are now."""
        self._watched = {name: self._namespace.get(name, _ABSENT) for name in names}

    def bound(self) -> list[str]:
        """The watched names that are another object than they were; one that is gone is none."""
        return [
            name
            for name, before in self._watched.items()
            if self._namespace.get(name, before) is not before
        ]

    def keep(self, moment: int) -> None:
        """Copy the namespace."""
        if len(self._namespace) <= MOST_NAMES:
            self._moments[moment] = dict(self._namespace)

    def settle(self, scopes: Mapping[str, int], chosen: Mapping[str, Mapping[str, int]]) -> None:
        """Say which moment each question is answered at; the other copies are dropped.

        A name that did not exist at that moment is what it is now, so that a cell below may still
        bring what an answer needs, unless it would hide one of Python's own names. A question's
        name that still held its placeholder then is what its own question made of it.

        Args:
            scopes: by question the moment of its surroundings.
            chosen: by question its names, and the moment at which each is what is graded.
        """
        moments, now = self._moments, self._namespace
        few = len(now) <= MOST_NAMES
        later = {n: v for n, v in now.items() if few and not hasattr(builtins, str(n))}
        graded = {
            name: moments[moment].get(name, _ABSENT)
            for names in chosen.values()
            for name, moment in names.items()
            if moment in moments
        }
        for question, moment in scopes.items():
            if moment not in moments:
                continue
            scope = later | moments[moment]
            for name, value in graded.items():
                open_ = status_of(scope, name) in (Status.MISSING, Status.UNTOUCHED)
                if value is not _ABSENT and (open_ or name in chosen.get(question, ())):
                    scope[name] = value
            self._scopes[question] = scope
        self._moments = {}
        self._watched = {}

    def enter(self, scope: str) -> None:
        """Put a question's surroundings in the namespace's place, or those of the notebook's end.

        What a call changes there, a counter or a cache, is there again at the question's next.
        """
        scope = scope if scope in self._scopes else ""
        if scope == self._entered:
            return
        self._scopes[self._entered] = dict(self._namespace)
        names = self._scopes[scope]
        for name in self._namespace.keys() - names.keys():
            del self._namespace[name]
        self._namespace.update(names)
        self._entered = scope
