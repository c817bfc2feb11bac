"""The command line: which command was asked for, and the exit code that it ends with."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.commands import authoring, evidence, grading, inspection, machine, publishing
from autograder.commands.options import Arguments, global_options
from autograder.commands.terminal import (
    FAILED,
    INTERRUPTED,
    PlainFormatter,
    print_error,
    print_line,
)
from autograder.errors import AutograderError, explain

GROUPS = (authoring, evidence, grading, inspection, publishing, machine)

LOG_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit code: 0 done, 1 something was found or failed, 2 wrong usage, 130 interrupted
        before everything was done. ``grade`` tells more of its failures, for schedulers: see
        :mod:`autograder.commands.exit_codes`.
    """
    arguments = _parser().parse_args(argv)
    _prepare(arguments)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print_error("interrupted; the same command goes on from what is recorded.")
        return INTERRUPTED
    except BrokenPipeError:
        # Who read our output is gone. Python would complain again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except AutograderError as error:
        return _failed(str(error), error, arguments)
    except OSError as error:
        return _failed(explain(error, _in_use(arguments)), error, arguments)


def _failed(message: str, error: Exception, arguments: Arguments) -> int:
    print_error(message)
    if arguments.verbose:
        logging.getLogger(__name__).info("raised here:", exc_info=True)
    code_of: Callable[[Exception, Arguments], int] | None = getattr(arguments, "code_of", None)
    return code_of(error, arguments) if code_of else FAILED


def _in_use(arguments: Arguments) -> Path:
    """Where a command writes, for an error that names no file."""
    place: Path = getattr(arguments, "out", None) or arguments.root
    return place


def _prepare(arguments: Arguments) -> None:
    """What every command needs of its process: a log, quiet libraries, tools on the PATH."""
    level = LOG_LEVELS[min(arguments.verbose, len(LOG_LEVELS) - 1)]
    handler = logging.StreamHandler()
    handler.setFormatter(PlainFormatter("%(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("autograder").setLevel(level)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # nbformat imports jsonschema, which would take more time to compile this package's grammar of
    # international addresses than all our other imports take; no notebook's format uses them. None
    # stands for a module that is not installed, which jsonschema provides for.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    # nbgrader calls `alembic` by name; it lies beside this interpreter.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )


class _Version(argparse.Action):
    """Print the version, which the learner's package has too, and end."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from dlcourse import __version__

        print_line(f"autograder {__version__}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Release assignments, verify and calibrate them, and grade what comes back.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say the version and end")
    global_options(parser, root=Path.cwd(), verbose=0)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add_commands(commands)
    return parser
