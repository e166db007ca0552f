"""Exports of nets, run by onnxruntime beside our own evaluation."""

import numpy as np
import onnx
import onnxruntime

from tests.lawful import Case
from tests.laws import columns
from wlnet import NetInitialize
from wlnet.backends import backend
from wlnet.core.dims import Length
from wlnet.core.types import Integer
from wlnet.formats.onnx.writing.graph import initializers
from wlnet.formats.onnx.writing.model import model_of
from wlnet.verbs.data import Column
from wlnet.verbs.evaluate import collect_arrays
from wlnet.verbs.lengths import named_lengths, settled

TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": bool}
"""The types of inputs, as onnxruntime says them."""


def initialized(case: Case):
    return NetInitialize(case.net, RandomSeeding=7)


def model(net, opset=18, lengths=False):
    """The checked model of a net: what onnx's own checker and strict shape inference let pass."""
    made, arrays = model_of(net, opset, lengths)
    made.graph.initializer.extend(initializers(arrays))
    onnx.checker.check_model(made, full_check=True)
    onnx.shape_inference.infer_shapes(made, check_type=True, strict_mode=True, data_prop=True)
    return made


def session(made):
    """A model, or the path of one, ready to run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    content = made if isinstance(made, str) else made.SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def theirs(ready, data):
    """What onnxruntime gives for columns, by port; the lengths go in where the model asks for them."""
    given = {}
    for each in ready.get_inputs():
        values = data[each.name].array if each.name in data else data[each.name.removesuffix("Lengths")].lengths
        given[each.name] = values.astype(TYPES[each.type])
    return dict(zip([each.name for each in ready.get_outputs()], ready.run(None, given), strict=True))


def ours(net, data):
    """What our own evaluation gives for the same columns, in single precision, and the lengths of the net's names."""
    lengths = named_lengths(net.plan, data)
    count = len(next(iter(data.values())).array) if data else 1
    xp = backend("NumPy").context(dims=net.plan.at(settled(lengths, False))).derive(count=count)
    inputs = {
        port: c.array if isinstance(net.plan.types.get(((), port)), Integer) else c.array.astype(np.float32)
        for port, c in data.items()
    }
    with np.errstate(all="ignore"):
        return net.run(xp, collect_arrays(net, "float32"), inputs, ())[0], lengths


def batch(case: Case, net, count: int, length: int) -> dict:
    """So many examples, in which every sequence is of one length."""
    found = {}
    for port, column in columns(case).items():
        if column.lengths is None:
            found[port] = Column(column.array[:count])
        else:
            first = net.plan.shape((), port)[0]
            size = length + (first.const if len(first.terms) == 1 else 0)
            found[port] = Column(np.concatenate([column.array] * 2, 1)[:count, :size], np.full(count, size))
    return found


def error(found, expected) -> float:
    """The largest difference, relative to what is above 1; infinite where the one is finite and the other not."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    finite = np.isfinite(expected)
    if (np.isfinite(found) != finite).any():
        return np.inf
    with np.errstate(invalid="ignore"):
        apart = np.abs(found.astype(float) - expected) / np.maximum(1, np.abs(expected))
    return apart[finite].max(initial=0.0)


def varies(net) -> bool:
    return any(shape and isinstance(shape[0], Length) for (path, _), shape in net.plan.shapes.items() if not path)
