"""Where an ``autograder`` script installed before ``autograder.commands`` looks for its start."""

from autograder.commands.main import main as main
