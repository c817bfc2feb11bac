"""The ``autograder`` command: one module for each group of commands, by the person who uses it.

``main`` reads the command line and turns errors into exit codes, ``options`` holds what several
commands share, and ``terminal`` prints. The groups are ``authoring`` (release, sample-class)
and ``evidence`` (verify, calibrate, mutate) for authors, ``grading`` (grade, regrade) for
instructors, ``publishing`` (contents, notebooks, pages, public) and ``machine`` (secret, doctor).

A group's module imports nothing heavy at its top: ``autograder --help`` imports them all.
"""
