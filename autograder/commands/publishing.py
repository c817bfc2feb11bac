"""For whoever publishes: contents, notebooks, records of pages, the learners' half, mirrors."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.commands.options import Arguments, Commands, add_command, chosen_assignments
from autograder.commands.terminal import OK, print_line, report_problems


def add_commands(commands: Commands) -> None:
    """Add this group's commands."""
    _add_contents(commands)
    _add_notebooks(commands)
    _add_pages(commands)
    _add_public(commands)
    _add_new_course(commands)
    _add_mirrors(commands)


def _add_contents(commands: Commands) -> None:
    text = "Write a table of contents with some weeks only, for a shorter course or a quick build."
    parser = add_command(commands, "contents", _contents, text)
    parser.add_argument("weeks", nargs="+", type=int, metavar="WEEK", help="1, 2, ...")
    parser.add_argument("--out", type=Path, required=True, help="file for jupyter-book's --toc")


def _contents(arguments: Arguments) -> int:
    import yaml

    from autograder.publish.contents import contents_of

    table = contents_of(arguments.root / "_toc.yml", arguments.weeks)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
    return OK


def _add_notebooks(commands: Commands) -> None:
    text = "Write each chapter as a notebook that runs on Colab."
    parser = add_command(commands, "notebooks", _notebooks, text)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on drift")


def _notebooks(arguments: Arguments) -> int:
    from autograder.publish.chapters import write_notebooks

    problems = write_notebooks(arguments.root, check=arguments.check)
    return report_problems(
        [str(p) for p in problems] if arguments.check else [], "notebooks are up to date"
    )


def _add_pages(commands: Commands) -> None:
    text = "Execute the pages whose record of execution is missing or stale, and record that."
    parser = add_command(commands, "pages", _pages, text)
    parser.add_argument("--all", action="store_true", help="record the others anew as well")
    parser.add_argument("--check", action="store_true", help="execute nothing; fail on a stale one")


def _pages(arguments: Arguments) -> int:
    from autograder.evidence.pages import record_pages, stale_pages

    if arguments.check:
        stale, told = stale_pages(arguments.root)
        for line in told:
            print_line(line)
        return report_problems(stale, "the records of all pages are up to date")
    record_pages(arguments.root, arguments.all, print_line)
    return OK


def _add_public(commands: Commands) -> None:
    text = "Write the learners' half of the repository: never solutions, hidden checks or evidence."
    parser = add_command(commands, "public", _public, text)
    parser.add_argument("out", type=Path, help="an empty or missing folder")
    parser.add_argument(
        "--repository",
        metavar="URL",
        help="publish it at https://github.com/OWNER/NAME and OWNER.github.io/NAME, not where "
        "_config.yml says",
    )
    parser.add_argument(
        "--ref",
        metavar="NAME",
        help="the branch or tag at which notebooks' links and first cells point, a term's for "
        "instance, so that they go on to work in the next one (default: _config.yml's branch)",
    )
    parser.add_argument(
        "--push",
        metavar="REMOTE",
        help="commit what was written on top of that branch of a repository, and push it there",
    )


def _public(arguments: Arguments) -> int:
    from autograder.publish import public
    from autograder.publish.push import push_public
    from autograder.release.leaks import find_leaks, fragments

    root, out = arguments.root, arguments.out
    address = public.public_address(root, arguments.repository, arguments.ref)
    public.refuse_untracked(root)
    arguments.weeks = []
    assignments = chosen_assignments(arguments)
    if problems := public.stale_releases(root, assignments):
        return report_problems(problems, "")
    written = public.write_public(root, out, address)
    public.write_notebooks_for(out, assignments)
    leaks = [
        str(leak)
        for assignment in assignments
        for leak in find_leaks(fragments(assignment, lines=2), [out])
    ]
    if leaks or not arguments.push:
        return report_problems(leaks, f"{len(written)} files in {out}, no leak")
    branch = address.repository.branch
    title = f"The course as it is published at {address.repository.url}"
    commit = push_public(out, written, arguments.push, branch, title)
    what = f"{len(written)} files, no leak; {arguments.push}, branch {branch}: "
    print_line(what + (f"commit {commit}" if commit else "nothing had changed"))
    return OK


def _add_new_course(commands: Commands) -> None:
    text = "Make a course of your own from this one: its address, term, secret and learners."
    parser = add_command(commands, "new-course", _new_course, text)
    parser.add_argument("out", type=Path, metavar="FOLDER", help="an empty or missing folder")
    parser.add_argument(
        "--repository",
        metavar="URL",
        required=True,
        help="where its learners' half will be published: https://github.com/OWNER/NAME",
    )
    parser.add_argument(
        "--term",
        metavar="NAME",
        help="the branch of this term, term-2027-spring for instance, at which links and first "
        "cells of notebooks point (default: _config.yml's branch)",
    )
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="CSV with a column id, and first_name, last_name and email if you like; the learners "
        "are then in nbgrader's gradebook",
    )
    parser.add_argument("--no-site", action="store_true", help="do not build the site")


def _new_course(arguments: Arguments) -> int:
    from autograder.course.secret import VARIABLE
    from autograder.publish.new_course import build_site, make_course
    from autograder.publish.public import public_address

    root, out = arguments.root, arguments.out
    address = public_address(root, arguments.repository, arguments.term)
    print_line("copies the course, makes its secret, releases its assignments and chapters")
    make_course(root, out, address, arguments.roster, print_line)
    print_line(f"{out}: the instructors' repository; its hidden data are drawn from .course-secret")
    if os.environ.get(VARIABLE):
        print_line(f"{VARIABLE} is set here and stands above that file; unset it for this course")
    if not arguments.no_site:
        print_line("builds the site; its pages are executed where no other build did")
        build_site(out)
    print_line(f"next: cd {out}; make public PUSH=git@github.com:{address.repository.name}.git")
    return OK


def _add_mirrors(commands: Commands) -> None:
    text = "Download every data set from each of its addresses, and compare size and SHA-256."
    add_command(commands, "mirrors", _mirrors, text)


def _mirrors(arguments: Arguments) -> int:
    from autograder.publish.mirrors import examine_mirrors
    from dlcourse.data.manifest import MANIFEST

    return report_problems(
        examine_mirrors(MANIFEST, print_line), "every address serves the file that it should"
    )
