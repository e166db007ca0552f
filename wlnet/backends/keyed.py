"""Dicts with keys of any kind, for JAX to look into.

JAX sorts the keys of a dict, and the keys of wlnet's arrays, tuples of names and positions, do not compare.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import jax


@jax.tree_util.register_pytree_node_class
class Keyed:
    """A dict whose keys are part of the structure, in the order they came in."""

    def __init__(self, keys: tuple[Hashable, ...], values: Any) -> None:
        self.keys, self.values = keys, values

    def tree_flatten(self) -> tuple[Any, tuple[Hashable, ...]]:
        return tuple(self.values), self.keys

    @classmethod
    def tree_unflatten(cls, keys: tuple[Hashable, ...], values: Any) -> Keyed:
        return cls(keys, values)


def boxed(tree: Any) -> Any:
    """The tree with every dict in it as a `Keyed`.

    >>> unboxed(jax.tree.map(lambda x: x + 1, boxed({(1, "b"): 1, ("a", 2): (2, {}), None: None})))
    {(1, 'b'): 2, ('a', 2): (3, {}), None: None}
    """

    def box(node: Any) -> Any:
        return Keyed(tuple(node), [boxed(value) for value in node.values()]) if isinstance(node, dict) else node

    return jax.tree.map(box, tree, is_leaf=lambda node: isinstance(node, dict))


def unboxed(tree: Any) -> Any:
    """The tree with its dicts again."""

    def unbox(node: Any) -> Any:
        return dict(zip(node.keys, map(unboxed, node.values), strict=True)) if isinstance(node, Keyed) else node

    return jax.tree.map(unbox, tree, is_leaf=lambda node: isinstance(node, Keyed))
