"""wlnet as a backend of ONNX: the single-node tests that onnx ships, of which onnx_backend_nodes.txt lists the included.

`python -m tests.test_onnx_backend` prints what is included and what comes of it.
"""

import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.backend.test.loader import load_model_tests

from wlnet import NetError
from wlnet.formats.onnx import backend

INCLUDED = (Path(__file__).parent / "onnx_backend_nodes.txt").read_text().split()
"""The tests that are run, by name. Not among them: strings, sequences and quantized numbers; operators that are not
read; inputs that hold nan, infinities or nothing; what is random or trains."""

LEAST = 600


@cache
def shipped():
    """The single-node tests of the onnx that is installed, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")

        every = load_model_tests(kind="node")
    return {test.name: test for test in every if test.model is not None and len(test.model.graph.node) == 1}


@dataclass
class Outcome:
    """What came of the included tests; of those that passed, `bound` read some inputs as settings when they ran."""

    passed: list = field(default_factory=list)
    bound: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    missing: list = field(default_factory=list)

    def __str__(self):
        return (
            f"{len(self.passed)} of {len(INCLUDED)} included single-node tests executed and passed, {len(self.bound)} of "
            f"them with inputs bound as settings; {len(self.failed)} failed; {len(self.missing)} not in this onnx, so not "
            f"executed; {len(shipped()) - len(set(INCLUDED) & set(shipped()))} of {len(shipped())} shipped are not included"
        )


def outcome():
    """Runs the included tests."""
    result = Outcome()
    for name in INCLUDED:
        test = shipped().get(name)
        if test is None:
            result.missing.append(name)
            continue
        try:
            bound = run(test)
        except (NetError, AssertionError) as error:
            result.failed[name] = str(error)
        else:
            result.passed.append(name)
            result.bound += [name] * bound
    return result


def run(test):
    """Runs one test; whether inputs were bound as settings."""
    prepared = backend.prepare(test.model)
    assert test.data_sets
    for inputs, outputs in test.data_sets:
        found = prepared.run([np.asarray(each) for each in inputs])
        for got, expected in zip(found, map(np.asarray, outputs), strict=True):
            assert got.dtype == expected.dtype
            assert got.shape == expected.shape
            np.testing.assert_allclose(got, expected, rtol=test.rtol, atol=test.atol)
    return bool(prepared.bound)


def test_the_included_single_node_tests_of_onnx_pass(capsys):
    result = outcome()
    with capsys.disabled():
        print(f"\nonnx backend: {result}")
    assert result.failed == {}
    assert len(result.passed) >= LEAST
    assert len(set(INCLUDED)) == len(INCLUDED)


def test_wlnet_is_a_backend_with_the_four_functions_of_onnx():
    node = helper.make_node("Add", ["a", "b"], ["c"])
    a, b = np.float32([[1], [2]]), np.float32([10, 20, 30])
    (found,) = backend.run_node(node, [a, b])
    assert found.tolist() == [[11, 21, 31], [12, 22, 32]]
    model = shipped()["test_matmul_2d"].model
    inputs = shipped()["test_matmul_2d"].data_sets[0][0]
    (one,) = backend.run_model(model, inputs)
    (other,) = backend.prepare(model).run(dict(zip("ab", inputs, strict=True)))
    np.testing.assert_allclose(one, inputs[0] @ inputs[1], rtol=1e-5)
    np.testing.assert_array_equal(one, other)
    assert [backend.supports_device(device) for device in ("CPU", "CPU:0", "CUDA", "CUDA:1")] == [
        True,
        True,
        False,
        False,
    ]
    assert backend.is_compatible(model)
    assert not backend.is_compatible(shipped()["test_nonzero_example"].model)


def test_a_device_that_the_backend_has_not_is_refused():
    with pytest.raises(NetError) as error:
        backend.prepare(onnx.ModelProto(), "CUDA")
    assert str(error.value) == "wlnet as a backend of ONNX runs on the CPU, not on 'CUDA'"


def test_too_many_inputs_for_a_model_are_refused():
    with pytest.raises(NetError) as error:
        backend.prepare(shipped()["test_relu"].model).run([np.ones((3, 4, 5), np.float32)] * 2)
    assert str(error.value) == "the model has 1 inputs, got 2"


if __name__ == "__main__":
    print(outcome())
