"""Well-known architectures: the sizes that are inferred, and the numbers of elements that are published."""

import time
from functools import cache

import pytest

import wlnet
from tests import known_nets
from wlnet import (
    All,
    Automatic,
    CatenateLayer,
    ConvolutionLayer,
    DeconvolutionLayer,
    EmbeddingLayer,
    FlattenLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetChain,
    NetDecoder,
    NetError,
    NetExtract,
    NetGraph,
    NetPort,
    PartLayer,
    Ramp,
    Restricted,
    SequenceLastLayer,
    SoftmaxLayer,
    TotalLayer,
)


@cache
def built(name):
    """A net, the numbers of elements of its learned and of its moving arrays, and the seconds that this took."""
    start = time.process_time()
    net = getattr(known_nets, name)()
    counts = Information(net, "ArraysElementCounts")
    moving = sum(count for path, count in counts.items() if path[-1].startswith("Moving"))
    return net, sum(counts.values()) - moving, moving, time.process_time() - start


ELEMENTS = {
    # 20·1·5² + 20 + 50·20·5² + 50 + 500·(50·4²) + 500 + 10·500 + 10: NetModel["LeNet"], and Caffe's
    "lenet": (431_080, 0),
    # 64·3·11² + 64 + 192·64·5² + 192 + 384·192·9 + 384 + 256·384·9 + 256 + 256·256·9 + 256
    # + (256·6² + 1)·4096 + 4097·4096 + 4097·1000: torchvision
    "alexnet_of_torchvision": (61_100_840, 0),
    # 96·3·11² + 96 + 256·48·5² + 256 + 384·256·9 + 384 + 384·192·9 + 384 + 256·192·9 + 256, the same three behind: Caffe
    "alexnet_of_the_paper": (60_965_224, 0),
    # 14,714,688 in the convolutions (Keras without its top) + (512·7² + 1)·4096 + 4097·4096 + 4097·1000: both libraries
    "vgg16": (138_357_544, 0),
    # 3·9·32 + 2·32, for each step c → n 9·c + 2·c + c·n + 2·n, and 1024·1000 + 1000: Keras, trainable and not
    "mobilenet": (4_231_976, 21_888),
    # torchvision; the channels that are normalized are 64 + 4·64 + 5·(128 + 256 + 512) = 4,800, two moving ones each
    "resnet18": (11_689_512, 9_600),
    # torchvision; the channels that are normalized are 64 and for `count` blocks of n channels count·6·n + 4·n
    "resnet50": (25_557_032, 53_120),
    # 3·96·7² + 96, for each fire c → s → e, e c·s + s + s·e + e + 9·s·e + e, and 512·1000 + 1000: torchvision
    "squeezenet": (1_248_424, 0),
    # Caffe's bvlc_googlenet without the classifiers at the side
    "googlenet": (6_998_552, 0),
    # each layer of c channels has 2·c + 128·c + 2·128 + 9·128·32: torchvision, and Keras, trainable and not
    "densenet121": (7_978_856, 83_648),
    # 31.03 M; by hand: 18,842,048 to the left, 2,786,240 in the four up-convolutions, 9,402,240 to the right, 2·64 + 2
    "unet": (31_030_658, 0),
    # 10,000·650 + 2·4·(650·650 + 650·650 + 650) + 10,000·650 + 10,000: TensorFlow's, which has one bias a gate as well
    "language_model": (19_775_200, 0),
    # 26·12 + 3·(32·12 + 32·32 + 32) + 26·32 + 26
    "gated_classifier": (5_490, 0),
    # 4·(512·512 + 512) + (512·2048 + 2048 + 2048·512 + 512) + 2·2·512: PyTorch's TransformerEncoderLayer(512, 8)
    "transformer_block": (3_152_384, 0),
    # (30,522 + 512 + 2 + 2)·768 + 12·(4·(768² + 768) + 2·768·3072 + 3072 + 768 + 4·768) + 768² + 768: its 110 M
    "bert": (109_482_240, 0),
}
"""The numbers of elements that are learned, and that move, and who publishes them."""


@pytest.mark.parametrize("name", ELEMENTS)
def test_the_number_of_elements_is_the_published_one(name):
    assert built(name)[1:3] == ELEMENTS[name]


def test_biases_that_keras_keeps_in_front_of_a_normalization_are_the_difference_to_its_resnet():
    # every convolution of ours stands before a normalization, so there is a bias for each of its channels
    total, moving = 25_636_712, built("resnet50")[2]
    assert built("resnet50")[1] + moving + moving // 2 == total


SHAPES = {
    "lenet": {(1,): (20, 24, 24), (3,): (20, 12, 12), (4,): (50, 8, 8), (7,): (800,), (8,): (500,), (): (10,)},
    "alexnet_of_torchvision": {
        ("features", 1): (64, 55, 55),
        ("features", 4): (192, 27, 27),
        ("features",): (256, 6, 6),
        (): (1000,),
    },
    "alexnet_of_the_paper": {
        ("conv1",): (96, 55, 55),
        ("conv2",): (256, 27, 27),
        ("conv3",): (384, 13, 13),
        ("pool5",): (256, 6, 6),
    },
    "vgg16": {(2,): (64, 224, 224), (5,): (64, 112, 112), (31,): (512, 7, 7), (32,): (25088,), (): (1000,)},
    "mobilenet": {(1,): (32, 112, 112), (10,): (64, 56, 56), (79,): (1024, 7, 7), (82,): (1024,)},
    "resnet18": {
        ("stem",): (64, 56, 56),
        ("stage1",): (64, 56, 56),
        ("stage2", 1, "shortcut"): (128, 28, 28),
        ("stage3",): (256, 14, 14),
        ("stage4",): (512, 7, 7),
        ("pool",): (512,),
    },
    "resnet50": {
        ("stage1", 1, "path", 1): (64, 56, 56),
        ("stage1", 1, "shortcut"): (256, 56, 56),
        ("stage2",): (512, 28, 28),
        ("stage3", 6, "path", 4): (256, 14, 14),
        ("stage4",): (2048, 7, 7),
    },
    "squeezenet": {
        ("conv1",): (96, 109, 109),
        ("pool1",): (96, 54, 54),
        ("fire4",): (256, 54, 54),
        ("fire8", "squeeze"): (64, 27, 27),
        ("fire8", "join"): (512, 27, 27),
        ("fire9",): (512, 13, 13),
        ("conv10",): (1000, 13, 13),
    },
    "googlenet": {  # the column "output size" of table 1 of the paper
        ("conv1",): (64, 112, 112),
        ("pool1",): (64, 56, 56),
        ("conv2",): (192, 56, 56),
        ("3a", "five", 1): (16, 28, 28),
        ("3a",): (256, 28, 28),
        ("3b",): (480, 28, 28),
        ("4a",): (512, 14, 14),
        ("4d",): (528, 14, 14),
        ("4e",): (832, 14, 14),
        ("5b",): (1024, 7, 7),
        ("pool5",): (1024, 1, 1),
    },
    "densenet121": {
        ("stem",): (64, 56, 56),
        ("block1", 1, "join"): (96, 56, 56),
        ("block1",): (256, 56, 56),
        ("transition1",): (128, 28, 28),
        ("block2",): (512, 28, 28),
        ("block3",): (1024, 14, 14),
        ("block4", 16, "new", 1): (992, 7, 7),
        ("block4",): (1024, 7, 7),
    },
    "unet": {  # figure 1 of the paper
        ("left1",): (64, 568, 568),
        ("left4",): (512, 64, 64),
        ("left5",): (1024, 28, 28),
        ("up4",): (512, 56, 56),
        ("crop4",): (512, 56, 56),
        ("join4",): (1024, 56, 56),
        ("right4",): (512, 52, 52),
        ("join1",): (128, 392, 392),
        (): (2, 388, 388),
    },
    "language_model": {("words",): ("Varying", 650), ("lstm2",): ("Varying", 650), (): ("Varying", 10000)},
    "gated_classifier": {("gru",): ("Varying", 32), ("last",): (32,), ("scores",): (26,)},
    "transformer_block": {
        ("key",): ("Varying", 8, 64),
        ("attend",): ("Varying", 8, 64),
        ("mix",): ("Varying", 512),
        ("think", 1): ("Varying", 2048),
        ("norm2",): ("Varying", 512),
    },
    "bert": {
        ("places",): ("Varying", 768),
        ("blocks", 12, "attend"): ("Varying", 12, 64),
        ("blocks", 12, "think", 2): ("Varying", 3072),
    },
}
"""The shapes of outputs by their places."""


@pytest.mark.parametrize("name", SHAPES)
def test_the_sizes_inside_are_those_of_the_paper(name):
    plan = built(name)[0].plan
    shapes = {path: tuple(map(plain, plan.shape(path, "Output"))) for path in SHAPES[name]}
    assert shapes == SHAPES[name]


def plain(dim):
    return dim if isinstance(dim, int) else str(dim)


def test_the_ports_of_nets_of_sequences_have_the_types_of_their_tables():
    words = ("Varying", Restricted("Integer", 30522))
    segments = ("Varying", Restricted("Integer", 2))
    assert Information(built("bert")[0], "InputPorts") == {"Words": words, "Segments": segments}
    assert Information(built("bert")[0], "OutputPorts") == {"Sequence": ("Varying", 768), "Pooled": 768}
    assert NetExtract(built("language_model")[0], "Input") == ("Varying", Restricted("Integer", 10000))


def test_arrays_have_the_shapes_that_groups_and_gates_leave():
    shapes = Information(built("alexnet_of_the_paper")[0], "ArraysDimensions")
    assert shapes["conv2", "Weights"] == (256, 48, 5, 5) and shapes["fc6", "Weights"] == (4096, 9216)
    assert Information(built("mobilenet")[0], "ArraysDimensions")[76, "Weights"] == (1024, 1, 3, 3)
    assert Information(built("unet")[0], "ArraysDimensions")["up4", "Weights"] == (1024, 512, 2, 2)
    shapes = Information(built("gated_classifier")[0], "ArraysDimensions")
    assert shapes["gru", "ResetGateInputWeights"] == (32, 12) and shapes["gru", "ResetGateStateWeights"] == (32, 32)


@pytest.mark.parametrize("name", ELEMENTS)
def test_a_net_is_written_as_what_makes_it(name):
    net = built(name)[0]
    assert eval(repr(net), vars(wlnet)) == net


# --- from the end to the beginning ------------------------------------------------------------------------------------


def test_a_picture_that_is_put_out_says_what_comes_in():
    # 3×64×64 ← 7×32×32 ← 5×34×34 (a 3×3 kernel takes away 2)
    weights = {"Weights": [[[[0.5] * 3] * 3] * 5] * 7}
    net = NetChain([ConvolutionLayer(**weights), Ramp, DeconvolutionLayer(Automatic, 2, Stride=2)], Output=(3, 64, 64))
    assert NetExtract(net, "Input") == (5, 34, 34)
    assert Information(net, "ArraysDimensions")[3, "Weights"] == (7, 3, 2, 2)


def test_a_convolution_has_as_many_channels_as_what_is_added_to_it():
    # what goes round the layer and what goes through it are added: 11 channels, though nobody says so of the layer
    net = NetGraph(
        {"conv": ConvolutionLayer(Automatic, 3, PaddingSize=1), "sum": TotalLayer()},
        [(NetPort("Input"), "conv"), ((NetPort("Input"), "conv"), "sum")],
        Input=(11, 7, 5),
    )
    assert Information(net, "ArraysDimensions") == {("conv", "Weights"): (11, 11, 3, 3), ("conv", "Biases"): (11,)}


def test_classes_say_the_size_of_the_layer_before():
    labels = ["cat", "dog", "emu", "fox", "gnu"]
    net = NetChain([ConvolutionLayer(2, 3), FlattenLayer(), LinearLayer(), SoftmaxLayer()], Input=(1, 9, 13),
                   Output=NetDecoder("Class", labels))  # fmt: skip
    assert Information(net, "ArraysDimensions")[3, "Weights"] == (5, 2 * 7 * 11)


def test_one_branch_has_the_channels_that_the_other_leaves():
    layers = {"one": ConvolutionLayer(3, 1), "three": ConvolutionLayer(Automatic, 3, PaddingSize=1)}
    net = NetGraph(layers | {"join": CatenateLayer()}, [(("one", "three"), "join")], Input=(2, 7, 5), Output=(13, 7, 5))
    assert NetExtract(net, ("three", "Output")) == (10, 7, 5)


def test_what_is_put_out_says_the_size_of_the_state():
    # Output says how large the state is, and the Input of the layer behind the words how large a word's vector is
    net = NetChain(
        [EmbeddingLayer(Automatic, 17), LongShortTermMemoryLayer(Input=("Varying", 3)), SequenceLastLayer()], Output=5
    )
    shapes = Information(net, "ArraysDimensions")
    assert shapes[1, "Weights"] == (17, 3) and shapes[2, "InputGateInputWeights"] == (5, 3)
    assert NetExtract(net, "Input") == ("Varying", Restricted("Integer", 17))


# --- what cannot be ----------------------------------------------------------------------------------------------------


def test_a_skip_that_is_not_cropped_is_refused():
    left = {"left": ConvolutionLayer(2, 3), "down": ConvolutionLayer(2, 3), "join": CatenateLayer()}
    edges = [("left", "down"), (("left", "down"), "join")]
    with pytest.raises(NetError) as e:
        NetGraph(left, edges, Input=(1, 13, 11))
    assert str(e.value) == (
        "net/join: CatenateLayer: sizes at level 2 of the output 11 and 9 must be equal (Input1 is 2×11×9 from net/left; "
        "Input2 is 2×9×7 from net/down)"
    )
    crop = {"crop": PartLayer((All, "2;;-2", "2;;-2"))}
    cropped = NetGraph(left | crop, [("left", "down"), ("left", "crop"), (("crop", "down"), "join")], Input=(1, 13, 11))
    assert NetExtract(cropped, "Output") == (4, 9, 7)


def test_all_of_them_are_built_and_inferred_in_seconds():
    assert sum(built(name)[3] for name in ELEMENTS) < 10
