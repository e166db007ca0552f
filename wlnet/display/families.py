"""Which family a layer is of, and the family's colours in a picture: a box's filling and its outline."""

from wlnet.core.layer import Layer

COLOURS = {
    "linear": ("#d6e4f7", "#4a7ebb"),
    "convolution": ("#d3ecea", "#2f8f86"),
    "pooling": ("#e0f0d9", "#5b9a42"),
    "sequence": ("#e8def4", "#8560b5"),
    "elementwise": ("#fdeed0", "#c48a1c"),
    "structure": ("#e6e9ed", "#79838f"),
    "arithmetic": ("#f3e6d8", "#a8703b"),
    "training": ("#dff0f7", "#3f8fb0"),
    "loss": ("#f9dcdc", "#c25454"),
    "custom": ("#f6dcec", "#b6548f"),
    "net": ("#eceff3", "#5b6675"),
}
"""By family: what fills a box, and its outline; text on a filling is dark, so both read on any page."""

MODULES = {
    "linear": "dense",
    "convolution": "convolution deconvolution",
    "pooling": "pooling resizing",
    "sequence": "recurrent attention sequence embedding",
    "elementwise": "elementwise scaling arrays",
    "structure": "joining structure positions reshape parts transposition",
    "arithmetic": "products aggregation",
    "training": "dropout images normalization",
    "loss": "losses contrastive sequence_losses",
    "custom": "compiled placeholder aliases",
}
"""By family: the files of layers/ that its layers stand in."""

FAMILIES = {module: family for family, modules in MODULES.items() for module in modules.split()}


def family(net: Layer) -> str:
    """The family of a layer; what holds nets, and a layer made elsewhere, is a "net" or "custom".

    >>> family(LinearLayer(3)), family(NetChain([]))
    ('linear', 'net')
    """
    for cls in type(net).__mro__:
        parts = cls.__module__.split(".")
        if parts[:2] == ["wlnet", "nets"]:
            return "net"
        if parts[:2] == ["wlnet", "layers"] and parts[-1] in FAMILIES:
            return FAMILIES[parts[-1]]
    return "custom"
