"""The `crossdock` command as tests call it: in this process, or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from crossdock.cli.main import app


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Command:
    """`crossdock`, on the hub that the environment names."""

    def __call__(self, *arguments: str, stdin: str = "") -> Done:
        result = CliRunner().invoke(app, list(arguments), input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout, result.stderr)

    def apart(self, *arguments: str) -> Done:
        """In a process of its own, for what starts the engine."""
        ended = subprocess.run(
            self.line(*arguments), capture_output=True, text=True, timeout=120, env=os.environ, check=False
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    @staticmethod
    def line(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "crossdock", *arguments]
