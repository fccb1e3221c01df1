"""What holds in every test: no telemetry, no model hub, and fixed examples in continuous integration."""

import os
import signal

from hypothesis import settings

import common  # noqa: F401  (installs the repair of torchvision before a test imports timm)

# Read once, when the libraries are imported; programs that tests start inherit them.
os.environ |= {
    "DVC_NO_ANALYTICS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
    # Tests hold small tensors, for which threads that wait for each other cost more than they share.
    "OMP_NUM_THREADS": "1",
}

# What a shell starts in the background ignores Ctrl-C, and so would programs that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A shared machine's timing says nothing about the code, so no example has a deadline.
settings.register_profile("developer", deadline=None)
settings.register_profile("continuous_integration", deadline=None, derandomize=True, database=None)
settings.load_profile("continuous_integration" if os.environ.get("CI") else "developer")
