"""Imports point one way: design.md section 3, held by walking every file of the package."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "wlnet"
FILES = sorted(ROOT.rglob("*.py"))

MAY_IMPORT = {
    "core": {"core"},
    "layers": {"core", "layers"},
    "nets": {"core", "layers", "nets"},
    "coders": {"core", "coders"},
    "kernels": {"kernels", "core"},
    "backends": {"backends", "kernels", "core"},
    "verbs": {"core", "layers", "nets", "coders", "backends", "verbs"},
    "display": {"core", "layers", "nets", "coders", "verbs", "display"},
    "formats": {"core", "layers", "nets", "coders", "kernels", "backends", "verbs", "formats"},
    "training": {"core", "layers", "nets", "coders", "backends", "verbs", "display", "formats", "training"},
}
ARRAY_LIBRARIES = {"numpy", "autograd", "jax", "scipy"}
EXTRAS = {"jax", "onnx", "onnxruntime", "matplotlib", "PIL", "tokenizers", "wolframclient", "h5py", "scipy", "sklearn"}
MAY_USE_EXTRAS = {
    "backends/jax.py": {"jax"},
    "backends/keyed.py": {"jax"},
    "backends/jaxwords.py": {"jax"},
    "coders/library.py": {"tokenizers"},
    "coders/pictures.py": {"PIL"},
    "coders/sounds.py": {"scipy"},
    "formats/wolfram/hdf5.py": {"h5py"},
    "formats/wolfram/wxf.py": {"wolframclient"},
    "formats/onnx/backend.py": {"onnx"},
    "formats/onnx/reading/fold.py": {"onnx"},
    "formats/onnx/reading/graph.py": {"onnx"},
    "formats/onnx/reading/model.py": {"onnx"},
    "formats/onnx/reading/node.py": {"onnx"},
    "formats/onnx/tensors.py": {"onnx"},
    "formats/onnx/writing/graph.py": {"onnx"},
    "formats/onnx/writing/model.py": {"onnx"},
    "training/line_figures.py": {"matplotlib"},
    "training/measurement_figures.py": {"matplotlib"},
}


def imported(path: Path) -> list[tuple[str, bool]]:
    """Every module that a file imports, and whether the import stands inside a function."""
    tree = ast.parse(path.read_text())
    inner = {id(n) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.Lambda)) for n in ast.walk(f)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in inner) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide their room"
            found.append((node.module or "", id(node) in inner))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    relative = path.relative_to(ROOT)
    room = relative.parts[0] if len(relative.parts) > 1 else None
    for module, hidden in imported(path):
        assert not hidden, f"{relative} hides the import of {module} in a function"
        parts = module.split(".")
        if parts[0] == "wlnet" and room is not None:
            assert parts[1] in MAY_IMPORT[room], f"{relative} may not import {module}"
        if room == "layers":
            assert parts[0] not in ARRAY_LIBRARIES, f"{relative} gets its arithmetic through xp, not from {module}"
        allowed = MAY_USE_EXTRAS.get(str(relative), set())
        assert parts[0] not in EXTRAS - allowed, f"{relative} imports {module}, which is an extra"


def test_every_file_of_the_package_is_walked():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} >= {"core", "layers", "nets", "verbs", "__init__.py"}
