"""`python -m crossdock_simulators` is the `crossdock-simulators` command."""

import sys

from crossdock_simulators.main import run

sys.exit(run())
