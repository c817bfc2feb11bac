#!/usr/bin/env bash
# Asserts what an image holds and does not hold, on its unpacked root:
#
#   mkdir root && docker export "$(docker create dlcourse-grader:cpu)" | tar -x -C root
#   deploy/docker/check_contents.sh root
#
# Exit code: 0 all is as it should be, 1 something is not and is named, 2 usage.
set -euo pipefail

root=${1:?usage: check_contents.sh ROOT}
[[ -d $root/opt/grader ]] || { echo "$root is no unpacked image of the grader" >&2; exit 2; }
problems=0
problem() {
  echo "$*"
  problems=1
}
none() { # none WHAT FIND-WORDS...: nothing of the image may be found so
  local what=$1 found
  shift
  found=$(find "$root" -xdev "$@" -print -quit)
  [[ -z $found ]] || problem "$what: $found"
}

grep -q '^grader:x:10001:10001:' "$root/etc/passwd" || problem "no user grader with uid 10001"
none "a program that changes its user" -type f -perm /6000
none "a course secret" -name .course-secret
none "solutions" -name solutions
none "an assignment's evidence" -name calibration.json
for package in autograder dlcourse; do
  [[ -f $root/opt/packages/$package/__init__.py ]] || problem "the package $package is missing"
done
none "the judge where workers may read it" -path '*/site-packages/autograder'
cuda=$(find "$root/opt/grader/lib" -maxdepth 3 -iname 'nvidia_*_cu1[0-9]-*.dist-info' \
  | sed -E 's/.*_(cu1[0-9])-.*/\1/' | sort -u | paste -sd ' ')
[[ $cuda != *' '* ]] || problem "CUDA of two versions: $cuda"
exit "$problems"
