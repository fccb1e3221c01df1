"""A module that is forked from the server can't tell, nor can its caller, but for the time that it takes."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.warm_start.wire import is_own
from tests.warm_start.caller import PATIENCE, Caller, asleep, calling, lives, wait_for_the_end_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's sockets and pidfd")


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    with calling(tmp_path, warm=True) as found:
        yield found


@pytest.fixture(params=["warm", "plain"])
def either(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Caller]:
    with calling(tmp_path, warm=request.param == "warm") as found:
        yield found


def is_warm(caller: Caller) -> bool:
    """Whether the server is the parent of what runs now."""
    caller.write("whose", "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())")
    return "common.warm_start.server" in caller.run("whose")[1]


def test_a_module_is_given_what_python_would_give_it(either: Caller) -> None:
    text = """
import os, sys
print(__name__, sys.argv[1:], os.getcwd(), os.environ["OF_THE_JOB"], sys.path[0], sys.argv[0])
print("an error", file=sys.stderr)
"""
    either.write("job", text)
    status, output, errors = either.run("job", "one", "--two=3 4", OF_THE_JOB="yes")
    folder = either.folder
    assert (status, errors) == (0, "an error\n")
    assert output == f"__main__ ['one', '--two=3 4'] {folder} yes {folder} {folder}/job.py\n"


THREAD = """
import threading, time
def last(): time.sleep(0.2); print("of a thread", file=sys.stderr)
threading.Thread(target=last).start()
"""


@pytest.mark.parametrize(
    ("statement", "status", "error"),
    [
        ("sys.exit('error: a sentence.')", 1, "error: a sentence.\n"),
        ("sys.exit(7)", 7, ""),
        ("raise ValueError('of the job')", 1, "ValueError: of the job\n"),
        ("os.kill(os.getpid(), 9)", -9, ""),
        ("os._exit(3)", 3, ""),
        ("sys.exit()", 0, ""),
        ("import atexit; atexit.register(print, 'at the end', file=sys.stderr)", 0, "at the end\n"),
        (THREAD, 0, "of a thread\n"),
    ],
)
def test_a_module_ends_as_in_a_process_of_its_own(
    either: Caller, statement: str, status: int, error: str
) -> None:
    either.write("job", f"import os, sys\n{statement}")
    found, _, errors = either.run("job")
    assert found == status
    assert errors.endswith(error)


def test_a_module_that_is_not_there_is_an_error(either: Caller) -> None:
    status, _, errors = either.run("no_such_job")
    assert status == 1
    assert "No module named no_such_job" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_client_is_one_to_the_module(either: Caller, number: signal.Signals) -> None:
    job, process, _ = asleep(either)
    job.send_signal(number)
    _, errors = job.communicate(timeout=PATIENCE)
    assert job.returncode == -number
    assert ("KeyboardInterrupt" in errors) == (number == signal.SIGINT)
    assert not lives(process)


def test_a_job_ends_with_its_client(caller: Caller) -> None:
    job, process, _ = asleep(caller)
    job.kill()
    job.communicate(timeout=PATIENCE)
    wait_for_the_end_of(process)
    assert is_warm(caller)  # the server goes on


def test_the_server_ends_once_its_snakemake_and_its_jobs_have_ended(caller: Caller) -> None:
    job, process, server = asleep(caller)
    caller.process.kill()
    caller.process.wait()
    time.sleep(0.3)
    assert lives(process)
    assert lives(server)
    job.terminate()
    job.communicate(timeout=PATIENCE)
    wait_for_the_end_of(server)


def test_jobs_start_the_plain_way_once_snakemake_has_ended(caller: Caller) -> None:
    assert is_warm(caller)
    caller.process.kill()
    caller.process.wait()
    assert not is_warm(caller)


def test_without_its_server_a_job_ends_and_says_so(caller: Caller) -> None:
    job, process, server = asleep(caller)
    os.kill(server, signal.SIGKILL)
    _, errors = job.communicate(timeout=PATIENCE)
    assert job.returncode == 1
    assert errors.startswith("error: the process that starts jobs has ended")
    wait_for_the_end_of(process)
    assert is_warm(caller)  # the next job starts another server


def test_many_jobs_at_once_are_served_by_one_server(caller: Caller) -> None:
    caller.write("job", "import os, time; time.sleep(0.3); print(os.getppid())")
    jobs = [caller.start("job") for _ in range(12)]
    parents = {job.communicate(timeout=PATIENCE)[0] for job in jobs}
    assert len(parents) == 1


LOADED = """
import sys
print(*[name for name in ("wave", "unladen", "common.atomic") if name in sys.modules])
import wave, unladen, common.atomic
print(unladen.VALUE)
"""


def test_modules_of_others_are_found_loaded_and_our_own_are_read_anew(caller: Caller) -> None:
    """`tests` is ours in the eyes of the server; `unladen` stands for a package of somebody else."""
    caller.write("unladen", "VALUE = 1")
    caller.write("job", LOADED)
    assert caller.run("job")[1] == "\n1\n"
    assert caller.run("job")[1] == "wave unladen\n1\n"


def test_our_own_code_that_was_edited_is_what_runs(caller: Caller) -> None:
    (caller.folder / "papers").mkdir()
    caller.write("papers/ours", "VALUE = 1")
    caller.write("job", "from papers.ours import VALUE; print(VALUE)")
    assert caller.run("job")[1] == "1\n"
    caller.write("papers/ours", "VALUE = 2000")
    assert caller.run("job")[1] == "2000\n"


def test_what_fails_to_be_imported_by_itself_is_left_to_the_jobs(caller: Caller) -> None:
    caller.write("picky", "import sys\nif 'wave' not in sys.modules: raise ImportError('wave first')\n")
    caller.write("job", "import sys, wave, picky; del sys.modules['wave']; print('well')")
    assert [caller.run("job")[1] for _ in range(2)] == ["well\n"] * 2


def test_after_a_package_with_threads_jobs_start_the_plain_way(caller: Caller) -> None:
    caller.write("threaded", "import threading, time\nthreading.Thread(target=time.sleep, args=(2,)).start()")
    caller.write("job", "import threaded")
    assert caller.run("job")[0] == 0
    assert not is_warm(caller)
    assert not is_warm(caller)


def test_a_job_of_several_threads_starts_the_plain_way(caller: Caller) -> None:
    caller.surroundings["OMP_NUM_THREADS"] = "2"
    assert not is_warm(caller)


def test_jobs_do_not_share_the_state_of_a_global_generator(caller: Caller) -> None:
    caller.write("job", "import random, numpy; print(random.random(), numpy.random.rand())")
    draws = [caller.run("job")[1].split() for _ in range(3)]
    assert len({first for first, _ in draws}) == len({second for _, second in draws}) == 3


def test_the_socket_of_another_user_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert is_own(ours)
        monkeypatch.setattr(os, "getuid", lambda: 123456)
        assert not is_own(ours)


TRAINING = """
import hashlib, sys
print("torch" in sys.modules)
import torch
torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Flatten(),
                              torch.nn.Linear(8 * 14 * 14, 10))
images, labels = torch.rand(64, 3, 16, 16), torch.arange(64) % 10
for _ in range(5):
    loss = torch.nn.functional.cross_entropy(network(images), labels)
    for weight, gradient in zip(network.parameters(), torch.autograd.grad(loss, network.parameters())):
        weight.data -= 0.1 * gradient
weights = b"".join(weight.detach().numpy().tobytes() for weight in network.parameters())
print(hashlib.sha256(weights).hexdigest())
"""


@pytest.mark.slow
def test_a_warm_training_is_bit_for_bit_a_plain_one(caller: Caller) -> None:
    caller.write("job", TRAINING)
    first, second = (caller.run("job")[1].split() for _ in range(2))
    plain = caller.run("job", WARM_START="no")[1].split()
    assert [answer[0] for answer in (first, second, plain)] == ["False", "True", "False"]
    assert first[1] == second[1] == plain[1]
