import pytest
from tests import test_laws as laws
from tests.lawful_losses import CASES
every = pytest.mark.parametrize("case", CASES, ids=repr)
@every
def test_all(case):
    for name in dir(laws):
        if name.startswith("test_") and "numpy_and_jax" not in name and "single" not in name:
            getattr(laws, name)(case)
    for engine in ("NumPy","JAX"):
        laws.test_single_precision_stays(case, engine)
    for training in (False, True):
        laws.test_numpy_and_jax_agree(case, training)
