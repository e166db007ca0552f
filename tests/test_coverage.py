"""docs/coverage.md says what the code says."""

import wlnet
from tests.coverage_table import PATH, SYMBOLS, coverage, row, tables
from wlnet import Layer, LinearLayer


def test_the_page_is_what_the_code_gives():
    assert PATH.read_text() == coverage(), "run: python -m tests.coverage_table"


def test_every_public_layer_has_a_row():
    rows = {cells[0] for table in tables().values() for cells in table}
    public = {name for name in wlnet.__all__ if isinstance(getattr(wlnet, name), type)}
    layers = {name for name in public if issubclass(getattr(wlnet, name), Layer)} - {"Layer"}
    assert layers - rows == set()
    assert len(layers) > 15


def test_a_symbol_stands_once():
    names = [name for group in SYMBOLS.values() for name in group.split()]
    assert len(set(names)) == len(names)


def test_a_row_tells_form_options_and_status():
    found = {cells[0]: cells for table in tables().values() for cells in table}
    assert found["ContrastiveLossLayer"] == (
        "ContrastiveLossLayer", "`ContrastiveLossLayer(margin=0.5)`",
        "`Input=Automatic, Target=Automatic, Loss=Automatic`", "there",
    )  # fmt: skip
    assert found["LinearLayer"][2] == f"`{', '.join(f'{name}=Automatic' for name in LinearLayer.options())}`"
    assert row("NetUnheard", None) == ("NetUnheard", "", "", "not yet")
    assert found["ValidationSet"] == ("ValidationSet", "`NetTrain: None`", "", "there")
    assert found["NetInformation"] == ("NetInformation", "now Information", "", "there")
