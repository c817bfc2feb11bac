"""For whoever keeps the machine: the course secret, and what this machine can do."""

from __future__ import annotations

from autograder.commands.options import Arguments, Commands, add_command
from autograder.commands.terminal import CONSOLE, FAILED, OK, print_line


def add_commands(commands: Commands) -> None:
    """Add this group's commands."""
    _add_secret(commands)
    _add_doctor(commands)


def _add_secret(commands: Commands) -> None:
    text = "Make the course secret, from which hidden data are drawn. Do this once."
    add_command(commands, "secret", _secret, text)


def _secret(arguments: Arguments) -> int:
    from autograder.course.secret import make_secret

    path = make_secret(arguments.root)
    print_line(f"{path}: keep it, and keep it out of git. Learners never need it.")
    return OK


def _add_doctor(commands: Commands) -> None:
    text = "Say what this machine can do: versions, isolation by self-test, GPU, data found."
    parser = add_command(commands, "doctor", _doctor, text)
    parser.add_argument(
        "--isolation",
        choices=["strict", "contained"],
        default="strict",
        help="the level without which the command fails; all are tried (default: strict)",
    )


def _doctor(arguments: Arguments) -> int:
    from autograder.commands.doctor import examine

    usable = examine(CONSOLE, arguments.root)
    return OK if arguments.isolation in usable else FAILED
