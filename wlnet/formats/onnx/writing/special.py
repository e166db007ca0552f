"""Functions that ONNX has no operator for, in double precision, by the approximations of kernels/minimax.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from wlnet.formats.onnx.writing.functions import Functions
from wlnet.formats.onnx.writing.tensor import Tensor
from wlnet.kernels import minimax

ROOT = math.sqrt(0.5)
HALF_LOG = 0.5 * math.log(2 * math.pi)


class Special(Functions):
    """The error function, the gamma function, and their kin."""

    ones_like: Callable[..., Tensor]

    def double(self, x: Tensor) -> Tensor:
        return self.cast(self.lift(x), np.float64)

    def single(self, x: Tensor) -> Tensor:
        return self.cast(x, np.float32)

    def polynomial(self, x: Tensor, coefficients: Sequence[float]) -> Tensor:
        """Highest power first."""
        y = x * coefficients[0]
        for coefficient in coefficients[1:-1]:
            y = (y + coefficient) * x
        return y + coefficients[-1]

    def ratio(self, x: Tensor, over: Sequence[float], under: Sequence[float]) -> Tensor:
        return self.polynomial(x, over) / self.polynomial(x, under)

    # --- the error function -------------------------------------------------------------------------------------------

    def erf(self, x: Tensor) -> Tensor:
        return self.one("Erf", x)

    def erfc(self, x: Tensor) -> Tensor:
        """1 - erf(x), right in the tail too."""
        x = self.double(x)
        size = self.abs(x)
        near = self.less_equal(size, minimax.ERF_EDGE)
        inner = self.where(near, x, 0.0)
        far = self.minimum(self.maximum(size, minimax.ERF_EDGE), 30.0)
        end = self.maximum(far, minimax.TAIL_EDGE)
        inverse = 1.0 / (end * end)
        tail = (1 / math.sqrt(math.pi) - inverse * self.ratio(inverse, *minimax.ERFC_TAIL)) / end
        middle = self.ratio(self.minimum(far, minimax.TAIL_EDGE), *minimax.ERFC_MIDDLE)
        outer = self.exp(-(far * far)) * self.where(far > minimax.TAIL_EDGE, tail, middle)
        small = 1.0 - inner * self.ratio(inner * inner, *minimax.ERF_NEAR)
        return self.single(self.where(near, small, self.where(x < 0.0, 2.0 - outer, outer)))

    def quantile(self, centred: Tensor, tail: Tensor) -> Tensor:
        """Where the normal distribution has the probability 1/2 + centred, the probability above being `tail`."""
        near = self.less_equal(centred, 0.425)
        inner = self.where(near, centred, 0.0)
        root = self.sqrt(-self.log(self.where(near, 0.05, tail)))
        middle, far = self.ratio(root - 1.6, *minimax.QUANTILE_MIDDLE), self.ratio(root - 5.0, *minimax.QUANTILE_TAIL)
        outer = self.where(self.equal(tail, 0.0), math.inf, self.where(root <= 5.0, middle, far))
        return self.where(near, inner * self.ratio(0.180625 - inner * inner, *minimax.QUANTILE_NEAR), outer)

    def erfinv(self, y: Tensor) -> Tensor:
        """The x for which erf(x) = y."""
        y = self.double(y)
        size = self.abs(y)
        x = self.quantile(size * 0.5, (1.0 - size) * 0.5) * ROOT
        return self.single(self.where(y < 0.0, -x, x))

    def erfcinv(self, y: Tensor) -> Tensor:
        """The x for which erfc(x) = y, for tiny y too."""
        y = self.double(y)
        small = self.minimum(y, 2.0 - y)
        x = self.quantile((1.0 - small) * 0.5, small * 0.5) * ROOT
        return self.single(self.where(y > 1.0, -x, x))

    # --- the gamma function -------------------------------------------------------------------------------------------

    def shifted(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x >= 0 moved up by whole steps to 8 or more, and the product of what was stepped over."""
        product = self.ones_like(x)
        for _ in range(int(minimax.FAR)):
            below = x < minimax.FAR
            product = product * self.where(below, x, 1.0)
            x = self.where(below, x + 1.0, x)
        return x, product

    def series(self, x: Tensor) -> Tensor:
        """Stirling's series, for x >= 8."""
        inverse = 1.0 / x
        return inverse * self.polynomial(inverse * inverse, minimax.STIRLING)

    def gamma(self, x: Tensor) -> Tensor:
        """By reflection for x < 0."""
        x = self.double(x)
        far, product = self.shifted(self.minimum(self.abs(x), 165.0))
        above = self.exp((far - 0.5) * self.log(far) - far + HALF_LOG + self.series(far)) / product
        whole = self.round(x)
        sign = self.where(self.equal(self.mod(whole, 2.0), 0.0), 1.0, -1.0)
        turn = self.where(self.equal(x, whole), math.nan, self.sin((x - whole) * math.pi) * sign)
        below = -math.pi / (self.where(self.equal(x, 0.0), 1.0, x) * turn * above)
        value = self.where(x < 0.0, below, above)
        return self.single(self.where(self.equal(x, 0.0), math.inf, value))

    def loggamma(self, x: Tensor) -> Tensor:
        """log(gamma(x)) for x >= 0; nan for x < 0."""
        x = self.double(x)
        far, product = self.shifted(x)
        value = (far - 0.5) * self.log(far) - far + HALF_LOG + self.series(far) - self.log(product)
        return self.single(self.where(x < 0.0, math.nan, value))
