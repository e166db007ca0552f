"""TrainingProgressFunction and TrainingProgressReporting: each form, each interval, each way to go wrong."""

import csv
import json
import re
import sys
import types
import xml.etree.ElementTree

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    All,
    Automatic,
    DropoutLayer,
    LinearLayer,
    NetChain,
    NetError,
    NetExtract,
    NetInitialize,
    NetPort,
    NetTrain,
    NetWarning,
    Quantity,
    SoftmaxLayer,
)
from wlnet.display.curve import curve
from wlnet.training.panel import sparkline

X, Y = example(23, 5), example(23, 3, seed=1)
CLASSES = (np.arange(23) % 3 + 1).tolist()
BATCHES = {"Interval": Quantity(1, "Batches")}


def linear():
    return NetInitialize(LinearLayer(3, Input=5))


def quiet(net, data, *prop, **options):
    """NetTrain without output: three rounds of four batches."""
    standing = {"MaxTrainingRounds": 3, "BatchSize": 7, "RandomSeeding": 7, "TrainingProgressReporting": None}
    return NetTrain(net, data, *prop, **{**standing, **options})


def calls(setting, **options):
    """The batches, over the whole run, after which a function is called."""
    found = []
    quiet(
        linear(),
        (X, Y),
        TrainingProgressFunction=setting(lambda facts: found.append(facts["AbsoluteBatch"])),
        **options,
    )
    return found


# --- TrainingProgressFunction


def test_TrainingProgressFunction_None_calls_nothing():
    assert quiet(linear(), (X, Y), All, TrainingProgressFunction=None)["TotalRounds"] == 3


def test_TrainingProgressFunction_f_is_called_after_every_round():
    assert calls(lambda f: f) == [4, 8, 12]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (Quantity(2, "Rounds"), [8]),
        (Quantity(5, "Batches"), [5, 10]),
        (Quantity(25, "Percent"), [3, 6, 9, 12]),
        (Quantity(10, "Percent"), [2, 3, 4, 5, 6, 8, 9, 10, 11, 12]),
        (Quantity(1, "Hours"), []),
        (1e-9, list(range(1, 13))),
    ],
    ids=str,
)
def test_TrainingProgressFunction_Interval(interval, expected):
    assert calls(lambda f: (f, {"Interval": interval})) == expected


def test_TrainingProgressFunction_MinimumInterval_lets_no_call_come_too_soon():
    assert calls(lambda f: (f, {"Interval": Quantity(1, "Batches"), "MinimumInterval": 60})) == [1]


def test_TrainingProgressFunction_list_of_several():
    assert calls(lambda f: [f, (f, {"Interval": Quantity(5, "Batches")}), None]) == [4, 5, 8, 10, 12]


def test_TrainingProgressFunction_is_told_of_a_round_when_it_is_validated():
    found = []
    quiet(
        linear(),
        (X, Y),
        TrainingProgressFunction=lambda facts: found.append(facts["ValidationLossList"]),
        ValidationSet=(X, Y),
    )
    assert [len(each) for each in found] == [1, 2, 3]


def test_TrainingProgressFunction_StopTraining_keeps_the_best_net():
    def stop(facts):
        return "StopTraining" if facts["Round"] == 2 else None

    results = quiet(linear(), (X, Y), All, TrainingProgressFunction=stop)
    assert results["TotalRounds"] == 2
    assert results["ReasonTrainingStopped"] == "TrainingProgressFunction returned StopTraining"
    assert results["TrainedNet"] == quiet(linear(), (X, Y), MaxTrainingRounds=2)


def test_TrainingProgressFunction_AbortTraining_gives_no_result():
    abort = (lambda facts: "AbortTraining", {"Interval": Quantity(6, "Batches")})
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), TrainingProgressFunction=abort)
    assert str(caught.value) == (
        "training was aborted in round 2, batch 2: TrainingProgressFunction returned AbortTraining\n"
        "  hint: StopTraining ends training too, and gives the best net so far"
    )


def test_what_else_a_TrainingProgressFunction_returns_is_ignored():
    for value in ("Stop", True, np.zeros(3), 0):
        assert quiet(linear(), (X, Y), "TotalRounds", TrainingProgressFunction=lambda facts, value=value: value) == 3


def test_a_failing_TrainingProgressFunction_ends_training_with_the_best_net_and_says_so():
    def fail(facts):
        return 1 / (facts["Round"] - 2)

    with pytest.warns(NetWarning) as warned:
        results = quiet(linear(), (X, Y), All, TrainingProgressFunction=fail)
    reason = "TrainingProgressFunction failed: ZeroDivisionError: division by zero"
    assert str(warned[0].message) == f"training stopped early: {reason}; the best net so far is returned"
    assert warned[0].filename == __file__
    assert results["ReasonTrainingStopped"] == reason
    assert results["TrainedNet"] == quiet(linear(), (X, Y), MaxTrainingRounds=2)


def test_a_TrainingProgressFunction_changes_no_bit_of_the_net():
    net = NetInitialize(NetChain([7, DropoutLayer(), "Tanh", 3], Input=5))
    watched = quiet(net, (X, Y), TrainingProgressFunction=(lambda facts: dict(facts), BATCHES))
    assert watched == quiet(net, (X, Y))


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        (3, "TrainingProgressFunction: 3 is not a function\n  hint: give a function of the facts, (function, "
            '{"Interval": Quantity(10, "Batches")}), or a list of these'),
        ((print, {"Intervall": 3}), "TrainingProgressFunction: 'Intervall' is not a sub-option\n  hint: did you mean Interval?"),
        ((print, {"Interval": 0}), 'TrainingProgressFunction: "Interval" must be a positive number or a Quantity, got 0'),
        ((print, {"Interval": Quantity(3, "Days")}), 'TrainingProgressFunction: an "Interval" is no number of Days\n'
            "  hint: there are Rounds, Batches, Percent, Seconds, Minutes, Hours"),
        ((print, {"MinimumInterval": -1}), 'TrainingProgressFunction: "MinimumInterval" must be a number of seconds, got -1'),
    ],
)  # fmt: skip
def test_a_bad_TrainingProgressFunction_is_refused(setting, text):
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), TrainingProgressFunction=setting)
    assert str(caught.value) == text


# --- TrainingProgressReporting


def classifier(setting, **options):
    net = NetInitialize(NetChain([3, SoftmaxLayer()], Input=5))
    standing = {"ValidationSet": (X[:11], CLASSES[:11]), "TrainingProgressReporting": setting}
    return quiet(net, (X, CLASSES), All, **{**standing, **options})


def test_TrainingProgressReporting_Print_says_round_losses_and_measurements(capsys):
    results = classifier(("Print", {"Interval": Quantity(2, "Rounds")}))
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r"\d+\.\d s$", "", line) for line in lines] == [
        f"round {k} of 3  loss {results['RoundLossList'][k - 1]:.4g}, validation {results['ValidationLossList'][k - 1]:.4g}, "
        f"ErrorRate {results['RoundMeasurementsLists']['ErrorRate'][k - 1]:.4g}, "
        f"validation ErrorRate {results['ValidationMeasurementsLists']['ErrorRate'][k - 1]:.4g}  "
        for k in (2, 3)
    ]


def test_TrainingProgressReporting_Panel_in_a_terminal(capsys):
    results = classifier("Panel")
    shown = capsys.readouterr().out
    for text in ("training", "3 of 3", "4 of 4", f"{results['RoundLoss']:.4g}", "validation ErrorRate", "0.0 s left"):
        assert text in shown


def test_TrainingProgressReporting_ProgressIndicator(capsys):
    results = classifier("ProgressIndicator")
    shown = capsys.readouterr().out
    for text in (
        "round 3 of 3",
        f"loss {results['RoundLoss']:.4g}",
        f"validation {results['ValidationLoss']:.4g}",
        "left",
    ):
        assert text in shown


@pytest.mark.parametrize("form", ["Panel", "ProgressIndicator"])
def test_a_terminal_that_shows_something_else_is_left_alone(form, monkeypatch, capsys):
    from rich.errors import LiveError
    from rich.live import Live

    def refuse(self, refresh=False):
        raise LiveError("Only one live display may be active at once")

    monkeypatch.setattr(Live, "start", refuse)
    with pytest.warns(NetWarning) as warned:
        results = classifier(form)
    assert str(warned[0].message) == (
        "TrainingProgressReporting: the terminal shows something else that moves, so that nothing is drawn; "
        '"Print" would say it'
    )
    assert (results["TotalRounds"], capsys.readouterr().out) == (3, "")


def test_TrainingProgressReporting_Function_gets_the_facts_once_a_round():
    found = []
    classifier((lambda facts: found.append(facts["Round"]), {"MinimumInterval": 0}))
    assert found == [1, 2, 3]


def test_TrainingProgressReporting_Function_waits_005_seconds():
    found = []
    classifier(lambda facts: found.append((facts["Event"], facts["TimeElapsed"])), MaxTrainingRounds=60)
    assert found[-1][0] == "End"
    times = [seconds for event, seconds in found if event != "End"]
    assert all(later - sooner >= 0.049 for sooner, later in zip(times, times[1:], strict=False))
    assert 1 <= len(found) < 60


def rows_of(path):
    """The rows of a report, read as another program reads them."""
    if path.suffix == ".json":
        return json.loads(path.read_text())
    if path.suffix == ".wl":
        return [wolfram(row) for row in re.findall(r"<\|(.*)\|>", path.read_text())]
    with path.open(newline="") as file:
        rows = csv.DictReader(file, delimiter="," if path.suffix == ".csv" else "\t")
        return [{name: float(value) if value else None for name, value in row.items()} for row in rows]


def wolfram(row):
    parts = re.findall(r'"(\w+)" -> ([^,]+)', row)
    return {name: None if value == "None" else float(value.replace("*^", "e")) for name, value in parts}


KINDS = [".csv", ".tsv", ".json", ".wl"]


@pytest.mark.parametrize("kind", KINDS)
def test_TrainingProgressReporting_File_has_a_row_a_round(kind, tmp_path):
    path = tmp_path / f"training{kind}"
    results = classifier(path, TrainingProgressMeasurements=["ErrorRate", "Recall", "ConfusionMatrix", "ROCCurve"])
    rows = rows_of(path)
    assert [row["Round"] for row in rows] == [1, 2, 3]
    assert [row["AbsoluteBatch"] for row in rows] == [4, 8, 12]
    assert [row["LearningRate"] for row in rows] == [0.001] * 3
    assert [row["BatchLoss"] for row in rows] == pytest.approx(results["BatchLossList"][3::4])
    assert [row["RoundLoss"] for row in rows] == pytest.approx(results["RoundLossList"])
    assert [row["ValidationLoss"] for row in rows] == pytest.approx(results["ValidationLossList"])
    recalls = results["RoundMeasurementsLists"]["Recall"]
    assert [row["Recall"] for row in rows] == pytest.approx([np.mean(list(each.values())) for each in recalls])
    assert [row["ValidationErrorRate"] for row in rows] == pytest.approx(
        results["ValidationMeasurementsLists"]["ErrorRate"]
    )
    assert list(rows[0]) == [
        "Round", "AbsoluteBatch", "TimeElapsed", "LearningRate", "BatchLoss", "RoundLoss", "ErrorRate", "Recall",
        "ValidationLoss", "ValidationErrorRate", "ValidationRecall",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_TrainingProgressReporting_File_can_be_read_while_training_runs(kind, tmp_path):
    path, found = tmp_path / f"training{kind}", []
    often = {"Interval": Quantity(3, "Batches")}
    classifier([(path, often), (lambda facts: found.append(len(rows_of(path))), {**often, "MinimumInterval": 0})])
    assert found == [1, 2, 3, 4]


def test_a_File_of_port_measurements_holds_the_mean_of_arrays(tmp_path):
    path = tmp_path / "training.json"
    array = {"Measurement": NetPort("Output"), "Key": "out"}
    results = classifier(path, TrainingProgressMeasurements=[array])
    assert [row["out"] for row in rows_of(path)] == pytest.approx([1 / 3] * 3, rel=1e-5)
    assert results["RoundMeasurements"]["out"].shape == (3,)


def test_TrainingProgressReporting_None_shows_nothing(capsys):
    classifier(None)
    assert capsys.readouterr() == ("", "")


def test_TrainingProgressReporting_Automatic_prints_where_nobody_looks(capsys):
    quiet(linear(), (X, Y), TrainingProgressReporting=Automatic)
    assert re.fullmatch(r"round 3 of 3  loss \S+  \d\.\d s\n", capsys.readouterr().out)


class Notebook:
    """What stands for IPython's display: the pieces of output, each as it was drawn last, and how often."""

    def __init__(self):
        self.pieces, self.draws = [], 0

    def display(self, piece, display_id):
        assert display_id is True
        self.pieces.append(piece)
        place = len(self.pieces) - 1
        return types.SimpleNamespace(update=lambda piece: self.update(place, piece))

    def update(self, place, piece):
        self.pieces[place] = piece
        self.draws += 1


@pytest.fixture
def notebook(monkeypatch):
    """A notebook with nothing but what a panel needs of it."""
    shown = Notebook()
    shell = types.SimpleNamespace(kernel=object())
    display = types.SimpleNamespace(HTML=str, display=shown.display)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell, display=display))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    yield shown


@pytest.mark.parametrize("form", ["Panel", Automatic], ids=str)
def test_TrainingProgressReporting_Panel_in_a_notebook_draws_in_its_place(form, notebook):
    results = classifier((form, {"Interval": Quantity(1, "Rounds")}))
    (piece,) = notebook.pieces
    assert notebook.draws == 3
    for text in ("3 of 3", f"{results['RoundLoss']:.4g}", f"{results['ValidationLoss']:.4g}", "validation ErrorRate"):
        assert text in piece
    root = xml.etree.ElementTree.fromstring(piece)
    lines = [each.get("points").split() for each in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(points) for points in lines] == [12, 3, 3]  # of batches, rounds, validations


def test_reports_of_several_kinds_at_once(tmp_path, capsys):
    found = []
    classifier(
        ["Print", tmp_path / "a.csv", ("File", str(tmp_path / "b.json")), None, lambda facts: found.append(facts)]
    )
    assert "round 3 of 3" in capsys.readouterr().out
    assert len(rows_of(tmp_path / "a.csv")) == len(rows_of(tmp_path / "b.json")) == 3
    assert found


def test_a_report_shows_the_end_however_training_ends(tmp_path, capsys):
    stop = lambda facts: "StopTraining" if facts["AbsoluteBatch"] == 6 else None
    quiet(
        linear(),
        (X, Y),
        TrainingProgressFunction=(stop, BATCHES),
        TrainingProgressReporting=["Print", tmp_path / "a.csv"],
    )
    assert capsys.readouterr().out.startswith("round 2 of 3")
    assert [row["AbsoluteBatch"] for row in rows_of(tmp_path / "a.csv")] == [4, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_that_goes_on_adds_to_the_rows_up_to_its_checkpoint(kind, tmp_path):
    path, checkpoint = tmp_path / f"training{kind}", tmp_path / "training.safetensors"
    often = {"Interval": Quantity(3, "Batches")}

    def broken(facts):
        if facts["AbsoluteBatch"] == 10:
            raise KeyboardInterrupt

    kept = ("File", checkpoint, {"Interval": Quantity(5, "Batches")})
    options = {"TrainingProgressReporting": (path, often), "TrainingProgressCheckpointing": kept}
    quiet(linear(), (X, Y), TrainingProgressFunction=(broken, BATCHES), **options)
    before = rows_of(path)
    assert [row["AbsoluteBatch"] for row in before][:3] == [3, 6, 9]
    with path.open("a") as file:
        file.write("a row cut sh")
    NetTrain(checkpoint, (X, Y), TrainingProgressReporting=(path, often))
    rows = rows_of(path)
    assert [row["AbsoluteBatch"] for row in rows][:4] == [3, 6, 9, 12]
    unbroken = tmp_path / f"unbroken{kind}"
    quiet(linear(), (X, Y), TrainingProgressReporting=(unbroken, often))
    assert [row["BatchLoss"] for row in rows] == [row["BatchLoss"] for row in rows_of(unbroken)]


def test_a_report_of_another_training_is_begun_anew(tmp_path):
    path = tmp_path / "training.csv"
    for rounds in (5, 2):
        quiet(linear(), (X, Y), MaxTrainingRounds=rounds, TrainingProgressReporting=path)
    assert [row["Round"] for row in rows_of(path)] == [1, 2]


def test_json_knows_no_infinity_and_wolfram_does(tmp_path):
    huge = {"Measurement": lambda Output: np.inf, "Key": "huge"}
    json_path, wolfram_path = tmp_path / "a.json", tmp_path / "a.wl"
    quiet(linear(), (X, Y), TrainingProgressReporting=[json_path, wolfram_path], TrainingProgressMeasurements=huge)
    assert [row["huge"] for row in rows_of(json_path)] == [None] * 3
    assert wolfram_path.read_text().count('"huge" -> Infinity') == 3


def test_numbers_of_the_wolfram_language():
    from wlnet.training.report_files import wolfram_number

    assert [wolfram_number(x) for x in (3, 0.25, 1.5e-7, -np.inf, np.nan, None)] == [
        "3", "0.25", "1.5*^-07", "-Infinity", "Indeterminate", "None"
    ]  # fmt: skip


def failing_report(path, change):
    """Trains while something happens to the file after the first round; the reason why training ended."""
    with pytest.warns(NetWarning) as warned:
        results = classifier([path, (change, {"MinimumInterval": 0})])
    assert str(warned[0].message).endswith("; the best net so far is returned")
    assert NetExtract(results["TrainedNet"], (1, "Weights")).shape == (3, 5)
    return results["ReasonTrainingStopped"]


def test_a_full_disk_ends_training_with_the_best_net(tmp_path):
    path = tmp_path / "full.csv"
    path.symlink_to("/dev/full")
    reason = failing_report(path, lambda facts: None)
    assert reason == f"TrainingProgressReporting: {path} cannot be written: No space left on device"


def test_a_file_that_is_gone_ends_training_with_the_best_net(tmp_path):
    path = tmp_path / "training.json"
    reason = failing_report(path, lambda facts: path.unlink(missing_ok=True))
    assert reason == f"TrainingProgressReporting: {path} cannot be written: No such file or directory"


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("Pannel", 'TrainingProgressReporting: "Pannel" is not a form of report\n  hint: did you mean Panel?'),
        (3, 'TrainingProgressReporting: 3 is not a form of report\n  hint: give None, Automatic, "Panel", "Print", '
            '"ProgressIndicator", a function, a file (.csv .tsv .json .wl), or a list of them'),
        ("losses.txt", "TrainingProgressReporting: losses.txt ends in .txt, which is no kind of report\n"
            "  hint: let it end in .csv, .tsv, .json, .wl"),
        ("no/where/losses.csv", "TrainingProgressReporting: there is no directory no/where\n  hint: make it first"),
        (["a.csv", "./a.csv"], "TrainingProgressReporting: a.csv is named twice\n  hint: name another file"),
        (("Print", {"Often": 3}), "TrainingProgressReporting: 'Often' is not a sub-option\n"
            "  hint: there are Interval, MinimumInterval"),
        (("Print", {"Interval": "often"}),
            "TrainingProgressReporting: \"Interval\" must be a positive number or a Quantity, got 'often'"),
    ],
)  # fmt: skip
def test_a_bad_TrainingProgressReporting_is_refused(setting, text):
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), TrainingProgressReporting=setting)
    assert str(caught.value) == text


def test_a_file_that_is_no_report_is_not_written_over(tmp_path):
    for name, text in (("data.csv", "x,y\n1,2\n"), ("data.json", '[\n{"x": 1}\n]\n'), ("data.wl", "{1, 2, 3}")):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(NetError) as caught:
            quiet(linear(), (X, Y), TrainingProgressReporting=path)
        assert str(caught.value) == (
            f"TrainingProgressReporting: {path} is there already, and is no report of training\n"
            "  hint: name another file, or delete this one"
        )
        assert path.read_text() == text


def test_a_directory_is_no_report(tmp_path):
    path = tmp_path / "a.csv"
    path.mkdir()
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), TrainingProgressReporting=path)
    assert str(caught.value) == f"TrainingProgressReporting: {path} is a directory\n  hint: write {path}/training.csv"


def test_a_report_with_other_columns_is_not_gone_on_with(tmp_path):
    path, checkpoint = tmp_path / "training.csv", tmp_path / "training.safetensors"
    classifier(tmp_path / "training.csv")
    quiet(linear(), (X, Y), TrainingProgressCheckpointing=("File", checkpoint))
    with pytest.raises(NetError) as caught:
        NetTrain(checkpoint, (X, Y), MaxTrainingRounds=5, TrainingProgressReporting=path)
    assert str(caught.value) == (
        f"TrainingProgressReporting: {path} has other columns than this training\n  hint: name another file"
    )


# --- the pictures


def test_a_curve_is_in_powers_of_ten_where_values_are_far_apart():
    def heights(values):
        root = xml.etree.ElementTree.fromstring(curve({"a": ([1, 2, 3], values)}))
        points = next(root.iter("{http://www.w3.org/2000/svg}polyline")).get("points").split()
        return [float(point.split(",")[1]) for point in points]

    high, middle, low = heights([1, 0.1, 0.01])
    assert middle == pytest.approx((high + low) / 2, abs=0.1)
    high, middle, low = heights([3, 2, 1])
    assert middle == pytest.approx((high + low) / 2, abs=0.1)
    assert low > middle > high  # SVG counts downwards


def test_a_curve_in_powers_of_ten_leaves_out_0():
    root = xml.etree.ElementTree.fromstring(curve({"a": ([1, 2, 3], [1, 0.001, 0]), "b": ([1], [0])}))
    (line,) = root.iter("{http://www.w3.org/2000/svg}polyline")
    assert len(line.get("points").split()) == 2


def test_a_curve_leaves_out_what_is_no_number_and_ends_with_the_last_point():
    assert curve({}) == "" and curve({"a": ([1], [np.nan])}) == ""
    root = xml.etree.ElementTree.fromstring(curve({"<a>": (list(range(1, 5001)), [1.0] * 4999 + [2.0])}))
    points = next(root.iter("{http://www.w3.org/2000/svg}polyline")).get("points").split()
    assert len(points) <= 300 and points[-1] == "470.0,20.0"


def test_a_sparkline_falls_from_full_to_empty():
    assert sparkline([8, 7, 6, 5, 4, 3, 2, 1]) == "█▇▆▅▄▃▂▁"
    assert len(sparkline(list(range(1000)))) == 40
    assert sparkline([]) == ""
