"""Every net through every format of the table: rows that are added there are tested here with no further line."""

import os

import pytest
from hypothesis import given

from tests import mutations
from tests.examples import assert_close, example
from tests.random_nets import FAST, input_for, nets
from wlnet import (
    BatchNormalizationLayer,
    Export,
    Import,
    Information,
    LinearLayer,
    NetArray,
    NetChain,
    NetDecoder,
    NetGraph,
    NetInitialize,
    NetReplacePart,
    SoftmaxLayer,
    ThreadingLayer,
)
from wlnet.formats.files import FORMATS

NET = NetInitialize(NetChain({"enc": LinearLayer(3), "soft": SoftmaxLayer()}, Input=5), RandomSeeding=2)
BOTH_WAYS = [name for name, row in FORMATS.items() if row.reads and row.writes]


@pytest.mark.parametrize("name", BOTH_WAYS)
@pytest.mark.parametrize("changed", ["net", "net.onnx", "net.wl", "net.params", "net.SAFETENSORS", "net.tar.gz"])
def test_a_file_with_a_wrong_or_no_extension_is_recognised(tmp_path, name, changed):
    Export(tmp_path / f"net{FORMATS[name].extensions[0]}", NET)
    start = (tmp_path / f"net{FORMATS[name].extensions[0]}").read_bytes()[:4096]
    (tmp_path / f"net{FORMATS[name].extensions[0]}").rename(tmp_path / changed)
    assert FORMATS[name].recognises(start, os.path.getsize(tmp_path / changed))
    assert_close(Import(tmp_path / changed)(example(5)), NET(example(5)))


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_no_format_takes_another_for_its_own(tmp_path, name):
    place = tmp_path / "net"
    Export(place, NET, name)
    start, size = place.read_bytes()[:4096], place.stat().st_size
    assert [row.name for row in FORMATS.values() if row.recognises(start, size)] == [name]


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"{", b"\0" * 4096, bytes(range(256)) * 16, b"hello, world\n" * 99], ids=repr
)
def test_no_format_recognises_what_is_none(content):
    assert [row.name for row in FORMATS.values() if row.recognises(content, len(content))] == []


SHOWN = {
    "a decoder": NetInitialize(NetChain([LinearLayer(2), SoftmaxLayer()], Input=3, Output=NetDecoder("Class", ["a", "b"]))),
    "statistics": NetInitialize(NetChain([LinearLayer(3), BatchNormalizationLayer()], Input=5)),
    "a shared array": NetInitialize(NetChain([LinearLayer(2, Weights=NetArray("w", Array=example(2, 2))),
                                              LinearLayer(2, Weights=NetArray("w", Array=example(2, 2)))], Input=2)),
    "two edges": NetInitialize(NetGraph({"a": LinearLayer(3), "b": LinearLayer(3), "c": ThreadingLayer("Plus")},
                                        [(("a", "b"), "c")], Input=5)),
}  # fmt: skip


def through(net, name, place):
    """The net after a file of a format has held it, and the same file written again."""
    back = Import(Export(place, net, name), Format=name)
    if FORMATS[name].exact:
        assert back == net
        assert Import(Export(place, back, name), Format=name) == back
    else:
        assert_close(back(input_for(net)), net(input_for(net)))
    return back


@pytest.mark.parametrize("name", BOTH_WAYS)
@FAST
@given(net=nets())
def test_random_nets_go_through_every_format(tmp_path_factory, name, net):
    through(net, name, tmp_path_factory.mktemp("net") / "file")


@pytest.mark.parametrize("name", BOTH_WAYS)
@pytest.mark.parametrize("said", SHOWN)
def test_nets_of_special_content_go_through_every_format(tmp_path, name, said):
    net = SHOWN[said]
    back = through(
        net
        if FORMATS[name].exact
        else NetInitialize(NetReplacePart(net, {"Output": None}) if "decoder" in said else net),
        name,
        tmp_path / "file",
    )
    assert FORMATS[name].exact is False or Information(back, "SharedArraysCount") == Information(
        net, "SharedArraysCount"
    )


@pytest.mark.parametrize("name", [name for name in BOTH_WAYS if FORMATS[name].exact])
@FAST
@given(net=nets())
def test_random_nets_without_values_go_through_every_format_that_keeps_nets(tmp_path_factory, name, net):
    through(NetInitialize(net, None), name, tmp_path_factory.mktemp("net") / "file")


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_damaged_files_of_no_name_give_a_value_or_a_net_error(tmp_path, name):
    """The front alone: each format's own tests damage its files 10,000 times."""
    content = [Export(tmp_path / f"net{k}", net, name).read_bytes() for k, net in enumerate((NET, SHOWN["two edges"]))]

    def attempt(damaged):
        (tmp_path / "file").write_bytes(damaged)
        Import(tmp_path / "file", "Rules")

    well, tried = mutations.stands(attempt, mutations.bytes_of(content, 500), tmp_path, whole=content[0])
    assert 0 < well < tried
