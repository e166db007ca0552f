"""Sample: images read between their pixels, bilinearly, with zeros around them."""

from __future__ import annotations

import numpy as np

from wlnet.kernels.kernel import Array, Kernel


def near(place: Array, size: int) -> tuple[Array, Array, Array]:
    """(the neighbour before each place in an image with a border of one, the way from there, whether it is near).

    Beyond one pixel outside there is nothing but zeros, so a place is held there, and has no slope.
    """
    inside = np.logical_and(place > -1, place < size)
    held = np.clip(place, -1, size)  # nan stays nan
    low = np.minimum(np.floor(np.where(np.isnan(held), -1, held)), size - 1)
    return low.astype(np.intp) + 1, (held - low).astype(place.dtype), inside


def bordered(x: Array) -> Array:
    """x (B, C, H, W) with zeros around each image, which then is flat: (B, C, (H + 2) · (W + 2))."""
    wide = np.zeros((*x.shape[:2], x.shape[2] + 2, x.shape[3] + 2), x.dtype)
    wide[:, :, 1:-1, 1:-1] = x
    return wide.reshape(*x.shape[:2], -1)


def corners(x: Array, row: Array, column: Array) -> tuple[list[Array], Array, Array, Array, Array]:
    """The four neighbours of every place (B, places) in the flat bordered image, row by row, and the ways to them."""
    top, down, inside = near(row.reshape(len(x), -1), x.shape[2])
    left, right, within = near(column.reshape(len(x), -1), x.shape[3])
    first, width = top * (x.shape[3] + 2) + left, x.shape[3] + 2
    return [first, first + 1, first + width, first + width + 1], down, right, inside, within


def sample_forward(x: Array, row: Array, column: Array) -> tuple[Array, None]:
    """x (B, C, H, W) at places row, column (B, h, w), which count from 0 -> (B, C, h, w).

    >>> x = np.array([[[[1.0, 2.0], [3.0, 5.0]]]])
    >>> sample_forward(x, np.array([[[0.0, 0.5]]]), np.array([[[1.0, 1.5]]]))[0].tolist()
    [[[[2.0, 1.75]]]]
    """
    places, down, right, _, _ = corners(x, row, column)
    flat, y = bordered(x), np.empty((*x.shape[:2], places[0].shape[1]), x.dtype)
    for k in range(len(x)):
        above, below = (between(flat[k], places[at][k], places[at + 1][k], right[k]) for at in (0, 2))
        below -= above
        below *= down[k]
        np.add(above, below, out=y[k])
    return y.reshape(*x.shape[:2], *row.shape[1:]), None


def between(flat: Array, left: Array, right: Array, way: Array) -> Array:
    """Channels (C, places) part of the way from one place to another."""
    start = flat[:, left]
    step = flat[:, right]
    step -= start
    step *= way
    step += start
    return step


def sample_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: None, x: Array, row: Array, column: Array
) -> tuple[Array, ...]:
    """The gradients of the images, and of the places: the slope from neighbour to neighbour, over all channels."""
    places, down, right, inside, within = corners(x, row, column)
    g = g.reshape(*x.shape[:2], -1)
    found = {}
    if 0 in wanted:
        shares = (1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right
        found[0] = scattered(g, places, shares, x.shape)
    if 1 in wanted or 2 in wanted:
        slopes = np.empty((2, *down.shape), row.dtype)
        flat = bordered(x)
        for k in range(len(x)):
            a, b, c, d = (np.einsum("cp,cp->p", g[k], flat[k][:, place[k]]) for place in places)
            slopes[0, k] = (c - a) * (1 - right[k]) + (d - b) * right[k]
            slopes[1, k] = (b - a) * (1 - down[k]) + (d - c) * down[k]
        slopes *= np.logical_and(inside, within)
        found[1], found[2] = (slope.reshape(row.shape) for slope in slopes)
    return tuple(found[number] for number in wanted)


def scattered(g: Array, places: list[Array], shares: tuple[Array, ...], shape: tuple[int, ...]) -> Array:
    """g (B, C, places) added to zeros of a shape, its shares each at a neighbour; what falls on the border is lost."""
    count, channels, height, width = shape
    total = np.zeros((count * channels, (height + 2) * (width + 2)), g.dtype)
    rows = np.arange(count * channels).reshape(count, channels, 1) * total.shape[1]
    for place, share in zip(places, shares, strict=True):
        np.add.at(total.reshape(-1), (rows + place[:, None]).ravel(), (g * share[:, None]).ravel())  # one axis: fast
    return total.reshape(count, channels, height + 2, width + 2)[:, :, 1:-1, 1:-1]


sample = Kernel(sample_forward, sample_backward)
