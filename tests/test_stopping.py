"""TrainingStoppingCriterion: when training ends early, and which net comes back."""

import re

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    All,
    Automatic,
    LinearLayer,
    NetChain,
    NetError,
    NetInitialize,
    NetMeasurements,
    NetTrain,
    NetWarning,
    Quantity,
    SoftmaxLayer,
)
from wlnet.training.stopping import Rule

X, Y = example(23, 5), example(23, 3, seed=1)
OTHERS = (example(11, 5, seed=8), example(11, 3, seed=9))
CLASSES = (np.arange(23) % 3 + 1).tolist()
NET = NetInitialize(NetChain([31, "Tanh", 3], Input=5), RandomSeeding=1)
CLASSIFIER = NetInitialize(NetChain([31, "Tanh", 3, SoftmaxLayer()], Input=5), RandomSeeding=1)


def quiet(setting, *, net=NET, data=(X, Y), **options):
    """The results of a training that may end early."""
    standing = {"MaxTrainingRounds": 80, "RandomSeeding": 7, "TrainingProgressReporting": None, "LearningRate": 0.05}
    standing["ValidationSet"] = OTHERS
    return NetTrain(net, data, All, **{**standing, "TrainingStoppingCriterion": setting, **options})


FULL = quiet(None)["ValidationLossList"]
"""The validation losses of a training that does not end early: any other has the same ones, up to its end."""


def ends(losses, patience=0, initial=0, change=lambda best: 0.0):
    """The round after which training ends, by the definition: too many rounds without a change that counts."""
    best, since = np.inf, 0
    for number, loss in enumerate(losses, start=1):
        gain = best - loss if np.isfinite(best) else np.inf
        if gain > 0 and gain >= change(best):
            best, since = loss, number
        if number - max(since, initial) > patience:
            return number
    return len(losses)


def test_none_never_stops():
    results = quiet(None)
    assert results["TotalRounds"] == 80
    assert results["ReasonTrainingStopped"] == "MaxTrainingRounds was reached"


@pytest.mark.parametrize("setting", [Automatic, "Loss", {"Criterion": "Loss"}, {}], ids=str)
def test_automatic_and_loss_stop_when_the_loss_stops_improving(setting):
    results = quiet(setting)
    stop = ends(FULL)
    assert 1 < stop < 80
    assert results["ValidationLossList"] == FULL[:stop]
    best = min(FULL[:stop])
    assert results["ReasonTrainingStopped"] == (
        f"TrainingStoppingCriterion: Loss did not improve on {best:.4g} by round {stop}"
    )


@pytest.mark.parametrize("patience", [1, 3, 7, Quantity(5, "Rounds")], ids=str)
def test_patience_tolerates_rounds_in_a_row_without_improvement(patience):
    results = quiet({"Criterion": "Loss", "Patience": patience})
    number = patience if isinstance(patience, int) else patience.number
    assert results["TotalRounds"] == ends(FULL, patience=number)


@pytest.mark.parametrize("initial", [2, 13, 29])
def test_initial_patience_checks_only_after_so_many_rounds(initial):
    results = quiet({"InitialPatience": initial})
    assert results["TotalRounds"] == ends(FULL, initial=initial) > initial


@pytest.mark.parametrize("change", [0.001, 0.02, 0.3])
def test_absolute_change_is_the_smallest_that_counts_as_improvement(change):
    results = quiet({"Criterion": "Loss", "AbsoluteChange": change, "Patience": 2})
    assert results["TotalRounds"] == ends(FULL, 2, change=lambda best: change)


@pytest.mark.parametrize("change", [0.01, 0.1, Quantity(10, "Percent"), Quantity(1, "Percent")], ids=str)
def test_relative_change_is_a_fraction_of_the_best_or_a_quantity_of_percent(change):
    results = quiet({"Criterion": "Loss", "RelativeChange": change, "Patience": 2})
    fraction = change if isinstance(change, float) else change.number / 100
    assert results["TotalRounds"] == ends(FULL, 2, change=lambda best: fraction * best)


def test_many_small_improvements_count_together():
    rule = Rule("Loss", absolute=0.5)
    assert not rule.improves(0.7, 1.0)
    assert rule.improves(0.5, 1.0)  # 0.3 and then 0.2, against the last that counted


def test_a_net_that_is_better_by_less_than_counts_is_still_the_best():
    results = quiet({"Criterion": "Loss", "AbsoluteChange": 10, "Patience": 6})
    losses = results["ValidationLossList"]
    assert len(losses) == 8  # the first counts, and seven more are too many
    assert results["BestValidationRound"] == 1 + int(np.argmin(losses)) > 1


def test_the_best_net_by_the_criterion_comes_back():
    results = quiet({"Criterion": "Loss", "Patience": 5})
    losses = results["ValidationLossList"]
    error = float(((results["TrainedNet"](OTHERS[0]) - OTHERS[1]) ** 2).mean())
    assert error == pytest.approx(min(losses), rel=1e-4) and min(losses) < losses[-1]


# --- a measurement


def measured(key, **options):
    """A classifier's training that ends early by a measurement."""
    data = (X, CLASSES)
    validation = (OTHERS[0], (np.arange(11) % 3 + 1).tolist())
    return quiet(key, net=CLASSIFIER, data=data, ValidationSet=validation, **options)


@pytest.mark.parametrize(("key", "best"), [("ErrorRate", min), ("Accuracy", max), ("F1Score", max)])
def test_a_key_of_the_measurements_and_its_direction(key, best):
    criterion = {"Criterion": key, "Patience": 6}
    results = measured(criterion, TrainingProgressMeasurements=["ErrorRate", "Accuracy", "F1Score"])
    found = results["ValidationMeasurementsLists"][key]
    values = [np.nanmean(list(each.values())) if isinstance(each, dict) else each for each in found]
    sign = 1 if best is min else -1
    assert results["TotalRounds"] == ends([sign * value for value in values], 6) < 80
    validation = (OTHERS[0], (np.arange(11) % 3 + 1).tolist())
    again = NetMeasurements(results["TrainedNet"], validation, key)
    again = np.nanmean(list(again.values())) if isinstance(again, dict) else again
    assert again == pytest.approx(best(values))
    assert results["BestValidationRound"] == 1 + values.index(best(values))


def test_automatic_measurements_can_be_the_criterion():
    assert measured("ErrorRate")["ReasonTrainingStopped"].startswith(
        "TrainingStoppingCriterion: ErrorRate did not impr"
    )


def test_a_measurement_that_is_not_made_is_refused():
    with pytest.raises(NetError) as caught:
        measured("Recall")
    assert str(caught.value) == (
        "TrainingStoppingCriterion: 'Recall' is not measured in this training\n"
        '  hint: there are Loss, ErrorRate; ask for more by TrainingProgressMeasurements="Recall"'
    )
    with pytest.raises(NetError) as caught:
        measured("ErorRate")
    assert str(caught.value) == (
        "TrainingStoppingCriterion: 'ErorRate' is not measured in this training\n  hint: did you mean ErrorRate?"
    )


def test_a_measurement_of_no_direction_is_refused():
    with pytest.raises(NetError) as caught:
        measured("ConfusionMatrix", TrainingProgressMeasurements="ConfusionMatrix")
    assert str(caught.value) == (
        "TrainingStoppingCriterion: of 'ConfusionMatrix' neither more nor less is better\n"
        '  hint: give a function: {"Criterion": lambda facts: …}'
    )


# --- a function


@pytest.mark.parametrize("dictionary", [False, True])
def test_a_criterion_function_stops_on_true(dictionary):
    seen = []

    def enough(facts):
        seen.append(facts)
        return len(seen) == 6

    results = quiet({"Criterion": enough} if dictionary else enough)
    assert results["ReasonTrainingStopped"] == "TrainingStoppingCriterion: the function gave True in round 6"
    assert [facts["RoundLoss"] for facts in seen] == results["RoundLossList"]
    assert [facts["ValidationLoss"] for facts in seen] == results["ValidationLossList"] == FULL[:6]
    assert results["BestValidationRound"] == 1 + int(np.argmin(FULL[:6]))


def test_a_criterion_function_gets_measurements():
    seen = []
    measured(lambda facts: bool(seen.append(facts) or len(seen) > 2))
    assert set(seen[0]) == {"RoundLoss", "ValidationLoss", "RoundMeasurements", "ValidationMeasurements"}
    assert all(
        0 <= facts[key]["ErrorRate"] <= 1 for facts in seen for key in ("RoundMeasurements", "ValidationMeasurements")
    )


def test_patience_with_a_function_counts_how_often_in_a_row_it_says_true():
    answers = iter([True, True, False, True, True, True, True])
    results = quiet({"Criterion": lambda facts: next(answers), "Patience": 2})
    assert results["TotalRounds"] == 6
    assert quiet({"Criterion": lambda facts: np.True_, "InitialPatience": 4})["TotalRounds"] == 5


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda facts: facts["Round"], "TrainingStoppingCriterion failed: KeyError: 'Round'"),
        (lambda facts: None, "TrainingStoppingCriterion gave None, which is neither True nor False"),
    ],
)
def test_a_criterion_function_that_fails_ends_training_and_keeps_the_net(function, text):
    with pytest.warns(NetWarning, match=re.escape(f"training stopped early: {text}; the best net so far is returned")):
        results = quiet(function)
    assert results["ReasonTrainingStopped"] == text
    assert (results["TotalRounds"], results["BestValidationRound"]) == (1, 1)


# --- what is compared


def test_without_a_validation_set_it_warns_and_takes_training_values():
    text = "TrainingStoppingCriterion looks at what training measures, since there is no ValidationSet"
    with pytest.warns(NetWarning, match=text):
        results = quiet({"Patience": 1}, ValidationSet=None, LearningRate=0.5, BatchSize=5, MaxTrainingRounds=200)
    losses = results["RoundLossList"]
    assert results["TotalRounds"] == ends(losses, 1) < 200
    assert results["BestValidationRound"] == 1 + int(np.argmin(losses))


def test_it_is_checked_at_each_validation():
    results = quiet({"Patience": 4}, ValidationSet=(OTHERS, {"Interval": 3}))
    losses = results["ValidationLossList"]
    assert losses == FULL[2::3][: len(losses)]
    best = 3 * (1 + int(np.argmin(losses)))
    assert results["BestValidationRound"] == best
    assert results["TotalRounds"] == best + 6  # after 3 rounds it waits, after 6 it does not


def test_the_plan_says_when_training_stops():
    text = str(quiet({"Patience": 2, "RelativeChange": 0.01})["TrainingPlan"])
    assert "\nstops early: by Loss, Patience 2, RelativeChange 0.01\n" in text
    assert "\nstops early: a function, InitialPatience 79\n" in str(
        quiet({"Criterion": lambda facts: False, "InitialPatience": 79})["TrainingPlan"]
    )


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        (3, 'TrainingStoppingCriterion must be None, Automatic, "Loss", the key of a measurement, a function or a dict, '
            'got 3\n  hint: write {"Criterion": "Loss", "Patience": 3}'),
        ({"Patiense": 1}, "TrainingStoppingCriterion: 'Patiense' is not a sub-option\n  hint: did you mean Patience?"),
        ({"Patience": -1}, "TrainingStoppingCriterion: Patience must be a whole number of rounds, 0 or more, got -1"),
        ({"Patience": 1.5}, "TrainingStoppingCriterion: Patience must be a whole number of rounds, 0 or more, got 1.5"),
        ({"InitialPatience": True},
         "TrainingStoppingCriterion: InitialPatience must be a whole number of rounds, 0 or more, got True"),
        ({"AbsoluteChange": "1"}, "TrainingStoppingCriterion: AbsoluteChange must be a number, 0 or more, got '1'"),
        ({"AbsoluteChange": Quantity(1, "Percent")},
         'TrainingStoppingCriterion: AbsoluteChange must be a number, 0 or more, got Quantity(1, "Percent")'),
        ({"RelativeChange": -0.1}, 'TrainingStoppingCriterion: RelativeChange must be a fraction or a Quantity in '
                                   '"Percent", 0 or more, got -0.1'),
        ({"Criterion": len, "AbsoluteChange": 1}, "TrainingStoppingCriterion: a function says itself when to stop: it "
                                                  "goes with no AbsoluteChange and no RelativeChange"),
    ],
    ids=str,
)  # fmt: skip
def test_bad_criteria_are_refused(setting, text):
    with pytest.raises(NetError) as caught:
        quiet(setting)
    assert str(caught.value) == text


def test_a_line_that_is_learned_stops():
    data = (X, X[:, :1] + 2)
    results = quiet(
        {"Patience": 20}, net=LinearLayer(1, Input=5), data=data, ValidationSet=data, MaxTrainingRounds=5000
    )
    assert results["TotalRounds"] < 5000 and min(results["ValidationLossList"]) < 1e-4
