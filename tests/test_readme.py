"""The README's session gives what it shows, and its commands are what they say."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_the_session_gives_what_it_shows():
    text = (ROOT / "README.md").read_text()
    session = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    session = re.sub(r"\n\n(?!>>>)", "\n<BLANKLINE>\n", session)  # a blank line that is output
    test = doctest.DocTestParser().get_doctest(session, {}, "README", "README.md", 0)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not report, "".join(report)


def test_the_commands_are_one_line_each_and_make_their_own_environment():
    commands = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(commands) == 2
    for command in commands:
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv ")


@pytest.mark.parametrize(("name", "least"), [("digits", 0.97)])
def test_the_example_reaches_its_number(name, least):
    run = subprocess.run(
        [sys.executable, ROOT / "examples" / f"{name}.py"], capture_output=True, text=True, timeout=300, check=True
    )
    assert float(re.search(r"accuracy: (\d\.\d+)", run.stdout)[1]) >= least


def test_importing_wlnet_imports_no_extra_and_neither_backend():
    code = "import sys, wlnet; print(sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(eval(run.stdout))
    assert not loaded & {"jax", "scipy", "matplotlib", "PIL", "onnx", "torch", "autograd", "rich"}
