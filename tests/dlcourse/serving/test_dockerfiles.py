"""Each rule names the file that breaks it and no other."""

from __future__ import annotations

import pytest

from dlcourse.serving.dockerfiles import RULES, faults, parse

DIGEST = "sha256:" + "0" * 64
GOOD = f"""\
# syntax=docker/dockerfile:1
ARG BASE=docker.io/library/python:3.12-slim@{DIGEST}
FROM ${{BASE}} AS build
COPY requirements.txt /build/
RUN pip install --require-hashes \\
    --target /packages -r /build/requirements.txt
FROM ${{BASE}}
COPY --from=build /packages /packages
COPY app.py /app/
USER 10001:10001
HEALTHCHECK --interval=10s CMD ["python", "-c", "pass"]
ENTRYPOINT ["python", "/app/app.py"]
"""


def rules(text: str, ignored: str | None = None) -> list[str]:
    return [fault.rule for fault in faults(text, ignored)]


def changed(old: str, new: str) -> list[str]:
    assert old in GOOD
    return rules(GOOD.replace(old, new))


def test_a_good_file_breaks_no_rule() -> None:
    assert rules(GOOD) == []


def test_lines_are_joined_and_numbered_where_they_begin() -> None:
    read = parse(GOOD)
    run = next(one for one in read if one.keyword == "RUN")
    assert run.line == 5
    assert run.value.endswith("--target /packages -r /build/requirements.txt")
    assert [one.stage for one in read] == [-1, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert read[5].flags == ("--from=build",)
    assert read[5].value == "/packages /packages"


def test_only_what_stands_first_is_a_flag() -> None:
    read = parse("FROM a\nRUN --mount=type=cache,target=/c pip list\nCMD python app.py --port 80")
    assert [(one.flags, one.value) for one in read[1:]] == [
        (("--mount=type=cache,target=/c",), "pip list"),
        ((), "python app.py --port 80"),
    ]


def test_a_health_check_that_is_turned_off_is_none() -> None:
    off = changed('HEALTHCHECK --interval=10s CMD ["python", "-c", "pass"]', "HEALTHCHECK NONE")
    assert off == ["no health check"]


def test_a_comment_inside_a_continued_line_is_left_out() -> None:
    (_, run) = parse("FROM a\nRUN one \\\n  # why\n  two")
    assert run.value == "one two"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (f"@{DIGEST}", "", "base not pinned"),
        ("3.12-slim", "3.12", "base not small"),
        ("USER 10001:10001", "RUN apt-get install -y gcc && rm -rf /var/lib/apt/lists/*\nUSER 1",
         "build tools stay"),
        ("--require-hashes", "-q", "packages not pinned"),
        ("USER 10001:10001", "", "runs as root"),
        ("USER 10001:10001", "USER root", "runs as root"),
        ("USER 10001:10001", "USER 1\nUSER 0:0", "runs as root"),
        ("USER 10001:10001", "USER 1\nENV API_TOKEN=abc", "secret inside"),
        ("COPY app.py /app/", "COPY app.py .env /app/", "secret inside"),
        ("HEALTHCHECK --interval=10s CMD", "LABEL a=", "no health check"),
        ('["python", "/app/app.py"]', "python /app/app.py", "shell form"),
        ("USER 10001:10001", "RUN apt-get install -y curl\nUSER 1", "apt's lists stay"),
        ("USER 10001:10001", "RUN pip install a==1\nUSER 1", "pip's cache stays"),
    ],
)  # fmt: skip
def test_a_rule_names_what_breaks_it(old: str, new: str, rule: str) -> None:
    assert set(changed(old, new)) == {rule}


def test_code_is_copied_after_packages_are_installed() -> None:
    early = GOOD.replace("COPY requirements.txt /build/", "COPY . /build/")
    assert rules(early, ".git\n.env/\n") == ["code before packages"]


def test_a_context_that_is_copied_whole_is_filtered() -> None:
    whole = GOOD.replace("COPY app.py /app/", "COPY . /app/")
    assert rules(whole) == ["sends everything"]
    assert rules(whole, ".git") == ["sends everything"]
    assert rules(whole, "*\n!app.py") == []


def test_named_packages_need_versions() -> None:
    for words, wrong in (("flask==3.1.3", False), ("flask", True), ("-r a.txt", True)):
        text = f"FROM python:slim@{DIGEST}\nRUN pip install {words}"
        assert ("packages not pinned" in rules(text)) == wrong, words


def test_faults_come_by_line_and_missing_ones_last() -> None:
    found = faults("FROM python\nCMD python app.py")
    assert [fault.line for fault in found] == [1, 1, 2, 0, 0]
    assert "line 1" in str(found[0])
    assert "missing" in str(found[-1])


def test_every_rule_can_be_broken_by_one_file() -> None:
    bad = """FROM python:latest
COPY . /app
COPY .env /app/
RUN apt-get install -y gcc
RUN pip install flask
CMD python app.py"""
    assert set(rules(bad)) == set(RULES)


@pytest.mark.parametrize(
    ("text", "message"), [("RUN a", "needs a FROM"), ("FROM a\n[1]", "line 2")]
)
def test_what_is_no_dockerfile_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)
