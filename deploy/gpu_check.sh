#!/usr/bin/env bash
# Tries a machine with a GPU in at most ten minutes: what `doctor` says, a sample class in the gpu
# tier, two submissions that share the GPU, one that finds its memory full and is graded again
# alone, the same answer on GPU and CPU, and some runs of a threshold's calibration.
#
#   DLCOURSE_DATA=DATA AUTOGRADER_SECRET=... deploy/gpu_check.sh COURSE OUT
#
# COURSE is the instructors' repository; nothing is written into it. OUT gets everything, and
# OUT/summary.txt says what was found. WEEK (01), GRADER (autograder) and PYTHON (python3) may be
# set. Exit code: 0 all steps held, 1 a step failed, 2 usage, 3 there is no GPU.
#
# --cpu as the first word runs those steps that need no GPU, in the cpu tier. This project has not
# run the script on a GPU yet.
set -euo pipefail

usage() {
  echo "usage: deploy/gpu_check.sh [--cpu] COURSE OUT; COURSE is the instructors' repository" >&2
  exit 2
}

tier=gpu step=''
if [[ ${1:-} == --step ]]; then # one step, as the script calls itself
  step=$2 tier=$3
  shift 3
elif [[ ${1:-} == --cpu ]]; then
  tier=cpu
  shift
fi
(($# == 2)) && [[ -d $1/solutions ]] || usage
mkdir -p "$2"
course=$(cd "$1" && pwd) out=$(cd "$2" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
week=${WEEK:-01}
read -ra grader <<<"${GRADER:-autograder}"
notebooks=("${PYTHON:-python3}" "$here/gpu_notebooks.py")
solution=$out/class/solution.ipynb

grade() { # grade FOLDER WORDS...: into FOLDER-marks
  local folder=$1
  shift
  "${grader[@]}" grade --root "$course" "$week" "$folder" --out "$folder-marks" --tier "$tier" "$@"
}

case $step in
'') ;;
doctor)
  exec "${grader[@]}" doctor --root "$course"
  ;;
sample)
  "${grader[@]}" sample-class --root "$course" "$week" --out "$out/class"
  "${notebooks[@]}" choose "$out/class" "$out/sample"
  grade "$out/sample"
  exec "${notebooks[@]}" full-marks "$out/sample-marks" solution
  ;;
sharing)
  "${notebooks[@]}" copies "$solution" "$out/sharing" ann ben
  nvidia-smi --query-compute-apps=pid,used_memory --format=csv,noheader -lms 200 \
    >"$out/sharing-processes.csv" &
  trap 'kill %1' EXIT
  grade "$out/sharing" --workers 2
  "${notebooks[@]}" full-marks "$out/sharing-marks" ann ben
  exit
  ;;
full-memory)
  free=$(nvidia-smi --query-gpu=memory.free --format=csv,noheader,nounits --id=0)
  "${notebooks[@]}" memory "$solution" "$out/full-memory" "$free"
  # Both on the first GPU, which has less than they want together.
  grade "$out/full-memory" --workers 2 --gpus /dev/nvidia0
  exec "${notebooks[@]}" full-marks "$out/full-memory-marks" holder late
  ;;
on-gpu | on-cpu)
  "${notebooks[@]}" copies "$solution" "$out/$step" ann
  words=(--workers 1)
  [[ $step == on-gpu ]] || words+=(--gpus) # with no name after it: none
  grade "$out/$step" "${words[@]}"
  exec "${notebooks[@]}" full-marks "$out/$step-marks" ann
  ;;
threshold)
  # In a copy, since calibration writes its evidence beside the source. Few runs may leave no room
  # for a threshold of their own; what counts is the side of the stored one that they are on.
  mkdir -p "$out/course"
  cp -r "$course"/{solutions,_config.yml,nbgrader_config.py,pyproject.toml} "$out/course/"
  ln -sfn "$course/dlcourse" "$out/course/dlcourse"
  code=0
  timeout 100 "${grader[@]}" calibrate --root "$out/course" "$week" --tier "$tier" \
    --runs 5 --baseline-runs 5 || code=$?
  echo "calibrate ended with $code"
  exec "${notebooks[@]}" compare "$course/solutions/week$week/calibration.json" \
    "$out/course/build/calibration/week$week.jsonl" "$tier"
  ;;
*)
  usage
  ;;
esac

say() { printf '%s\n' "$*" | tee -a "$out/summary.txt"; }

failed=0
run() { # run STEP SECONDS: a step within its time; what it prints goes into STEP.log
  local began=$SECONDS code=0
  timeout --kill-after=10 "$2" "$here/gpu_check.sh" --step "$1" "$tier" "$course" "$out" \
    >"$out/$1.log" 2>&1 || code=$?
  if ((code == 0)); then
    say "$1: held, $((SECONDS - began)) s"
  else
    failed=1
    say "$1: FAILED with $code after $((SECONDS - began)) s; see $out/$1.log"
  fi
}

: >"$out/summary.txt"
say "date: $(date -u +%Y-%m-%dT%H:%MZ)"
if [[ $tier == cpu ]]; then
  say "NOT A CHECK OF A GPU: cpu tier, and the steps that need a GPU are left out"
elif ! nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader \
  >"$out/devices.txt" 2>&1; then
  say "nvidia-smi finds no GPU: $(head -c 300 "$out/devices.txt")"
  exit 3
else
  say "devices: $(paste -sd ';' "$out/devices.txt")"
fi

# 590 s at most, all together.
run doctor 50
run sample 150
if [[ -f $solution ]]; then
  if [[ $tier == gpu ]]; then
    run sharing 70
    run full-memory 90
    run on-gpu 40
  fi
  run on-cpu 60
  [[ ! -f $course/solutions/week$week/calibration.json ]] || run threshold 120
fi
grep -hE '^ *(dlcourse|tensorflow|keras|torch|numpy) ' "$out/doctor.log" | tee -a "$out/summary.txt"
exit "$failed"
