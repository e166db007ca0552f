"""Doctests see wlnet's public names, as a user has them after `from wlnet import *`; a plugin of pytest."""

import numpy as np
import pytest

import wlnet


@pytest.fixture(autouse=True)
def public_names(doctest_namespace):
    names = [name for name in wlnet.__all__ if name != "backend"]  # in wlnet.backends that is the look-up
    doctest_namespace.update({name: getattr(wlnet, name) for name in names}, np=np)
