"""The benchmarks run, and what they compare is the same: their figures are for `python -m tests.benchmarks`."""

from tests.benchmarks import rounds, training


def test_the_steps_that_are_raced_run():
    names = []
    for row in training.rows():
        row.ours()
        names.append(row.name)
    assert names == ["training step, digits net, batch 64", "training step, 784-512-512-10, batch 64"]


def test_a_round_written_out_in_numpy_is_that_of_NetTrain():
    rounds.check()


def test_the_report_on_a_round_tells_the_cost_of_a_batch_and_the_share_that_is_not_arithmetic(monkeypatch):
    monkeypatch.setattr(rounds, "figures", lambda: {"wlnet": 200.0, "by hand": 50.0, "PyTorch": 400.0})
    assert list(rounds.lines()) == [
        "a round of NetTrain, 4-32-3 net, batch 32: 200 µs a batch; by hand in NumPy 50 µs, so 75 % is not arithmetic",
        "the same in PyTorch: 400 µs a batch; ours is 0.50 of that",
    ]


def test_a_round_of_a_small_net_costs_little_beside_its_arithmetic():
    """At most ten times, on a machine however busy: about four is usual, and bookkeeping that grows shows here."""
    found = rounds.figures(turns=2)
    assert found["wlnet"] < 10 * found["by hand"]
