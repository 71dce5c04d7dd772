#!/usr/bin/env bash
# Is a GPU right, does it give the same bytes twice, and how fast is it: everything about one machine in one report, in
# less than six minutes.
#
#   benches/gpu-check.sh CEVSCAN OUT [full|small]
#
# CEVSCAN is the program, OUT a folder for report.txt (and what belongs to it); `small` is a rehearsal on a software
# adapter. Needs bash, coreutils and, for the comparison of maps, python3 with numpy. Builds and fetches nothing. A step
# that fails or takes too long is said, and the next one is taken; the script then ends with status 1.
set -u
program=$(readlink -f "$1")
mkdir -p "$2"
out=$(readlink -f "$2")
report=$out/report.txt
: >"$report"
case ${3:-full} in
    full) grid=1000x1000 large=8000x8000 points=1e5,1e6,1e7 longest=3 bench_s=110 budget_s=350 toys=20000 many=1e4,1e5,1e6 most=1000000 ;;
    small) grid=100x100 large=300x300 points=1e4 longest=1 bench_s=90 budget_s=350 toys=700 many=1e3 most=1000 ;;
    *) echo "the size is full or small, not '$3'" >&2; exit 2 ;;
esac
models=(b-l universal lmu-ltau scalar)
forms=(cpu gpu)
# Data whose nuisance parameters deform a response: the shader alone fits it. le-ltau has several minima.
deformed=(b-l le-ltau)
work=$(mktemp -d)
export CEVSCAN_CACHE=$work/cache
cd "$work" || exit 1
failed=0

say() { echo "[$SECONDS s] $*" | tee -a "$report"; }
# step SECONDS COMMAND...: bounded, its output in the report.
step() {
    local limit=$1 status
    shift
    say "\$ ${*/$program/cevscan}"
    timeout "$limit" "$@" >>"$report" 2>&1
    status=$?
    if [ $status != 0 ]; then
        say "FAILED with status $status: ${*/$program/cevscan}"
        failed=1
    fi
    return $status
}
scan() { # scan FOLDER ARGUMENTS...
    local folder=$1
    shift
    step 60 "$program" scan --quiet --out "$folder" "$@"
}

say "$(uname -srm), $(nproc) hardware threads, $("$program" --version)"
if command -v nvidia-smi >/dev/null; then
    step 10 nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,power.limit --format=csv
    # Headless machines keep the driver's description where the loader does not look.
    described=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
    if [ -f "$described" ] && [ -z "${VK_DRIVER_FILES:-}" ]; then export VK_DRIVER_FILES=$described; fi
    nvidia-smi --query-gpu=timestamp,clocks.sm,utilization.gpu,power.draw --format=csv,noheader -lms 100 \
        >"$out/gpu-load.csv" 2>/dev/null &
    watcher=$!
fi
step 30 "$program" devices

say "== right: both forms against the CPU"
for model in "${models[@]}"; do
    scan "cpu-$model" --model "$model" --grid $grid --engine cpu
    for form in "${forms[@]}"; do
        scan "gpu-$model-$form" --model "$model" --grid $grid --engine gpu --profile "$form"
    done
done
for model in "${deformed[@]}"; do
    scan "cpu-$model-full" --model "$model" --data csi-full --grid $grid --engine cpu
    scan "gpu-$model-full-gpu" --model "$model" --data csi-full --grid $grid --engine gpu
done
python3 - "${models[@]}" "${deformed[@]/%/-full}" >>"$report" 2>&1 <<'PYTHON' || { say "FAILED: maps differ, or could not be compared"; failed=1; }
import json, sys
import numpy as np
wrong = False
for model in sys.argv[1:]:
    cpu = np.load(f"cpu-{model}/map.npz")
    for form in ("gpu",) if model.endswith("-full") else ("cpu", "gpu"):
        gpu = np.load(f"gpu-{model}-{form}/map.npz")
        run = json.load(open(f"gpu-{model}-{form}/run.json"))
        near = cpu["chi2"] < cpu["chi2_min"] + 50
        off = np.abs(cpu["chi2"] - gpu["chi2"])
        right = np.nanmax(off[near]) <= 1e-3 and np.array_equal(np.isnan(cpu["chi2"]), np.isnan(gpu["chi2"]))
        certificate, engine = run["certificate"], run["engine"]
        right &= engine["name"] == "gpu"
        wrong |= not right
        print(f"{model:12s} profile {form}: chi2 within {np.nanmax(off[near]):.1e} where below 50 (1e-3 allowed), "
              f"{np.nanmax(off):.1e} anywhere; counts within {certificate['largest_count_deviation']:.1e} (3e-6 allowed); "
              f"{engine['redone_in_f64']} of {off.size} points left to f64; {'right' if right else 'WRONG'}")
        print(f"           {json.dumps(run['timings'])}")
sys.exit(wrong)
PYTHON

say "== the same bytes: again, and in other tiles"
for arguments in "" "--tile-rows 7"; do
    # shellcheck disable=SC2086
    scan again --model b-l --grid $grid --engine gpu --profile gpu --fresh $arguments
    if cmp again/map.npz gpu-b-l-gpu/map.npz >>"$report" 2>&1; then
        say "same bytes ${arguments:-again}"
    else
        say "FAILED: other bytes ${arguments:-again}"
        failed=1
    fi
done

say "== toys: the minima of pseudo-experiments on the device against the CPU, toy by toy, and the same toys twice"
# toys NAME ENGINE ARGUMENTS...: one point.
toys() {
    local name=$1 engine=$2
    shift 2
    step 60 "$program" coverage --quiet --toys $toys --engine "$engine" --out "toys-$name-$engine" --fresh "$@"
}
toy_points=("b-l --at 7MeV,2.72e-5" "universal --at 40MeV,3e-5" "lmu-ltau --at 0.1MeV,0" "scalar --at 0.1MeV,1e-5")
for point in "${toy_points[@]}"; do
    for engine in cpu gpu; do
        # shellcheck disable=SC2086
        toys "${point%% *}" $engine --model $point
    done
done
python3 - "${models[@]}" >>"$report" 2>&1 <<'PYTHON' || { say "FAILED: toys differ, or could not be compared"; failed=1; }
import json, sys
import numpy as np
wrong = False
for model in sys.argv[1:]:
    cpu, gpu = (np.load(f"toys-{model}-{engine}/toys-1.npz") for engine in ("cpu", "gpu"))
    one, other = (json.load(open(f"toys-{model}-{engine}/coverage.json"))["at"][0] for engine in ("cpu", "gpu"))
    off = {name: np.abs(cpu[name] - gpu[name]) for name in ("q", "q_fixed_mass", "chi2_min")}
    same = all(one[key] == other[key] for key in ("critical", "critical_fixed_mass", "wilks_covers", "p_value"))
    engine = other["engine"]
    beyond = max(int((values > 1e-3).sum()) for values in off.values())
    right = same and engine["name"] == "gpu" and all(np.quantile(values, 0.999) <= 1e-3 for values in off.values())
    wrong |= not right
    print(f"{model:10s} {len(off['q'])} toys: q within {off['q'].max():.1e}, at fixed mass {off['q_fixed_mass'].max():.1e}, "
          f"chi2_min {off['chi2_min'].max():.1e} (1e-3 allowed; {beyond} toys beyond); critical values "
          f"{'the same' if same else 'OTHERS'}; {'right' if right else 'WRONG'}")
    print(f"           {json.dumps(engine)}")
sys.exit(wrong)
PYTHON
mv toys-b-l-gpu toys-once
# shellcheck disable=SC2086
toys b-l gpu --model ${toy_points[0]}
if cmp toys-once/toys-1.npz toys-b-l-gpu/toys-1.npz >>"$report" 2>&1; then
    say "same toys again"
else
    say "FAILED: other toys again"
    failed=1
fi

say "== toys per second: from the truth to critical values, shaders compiled and certificate included"
step 100 "$program" bench --engine cpu,gpu --part toys --points $many --runs 1 --longest 20
step 30 bash -c 'time "$@"' toys "$program" coverage --model b-l --at 7MeV,2.72e-5 --toys $most --engine gpu --format csv
step 20 "$program" coverage --model b-l --at 7MeV,2.72e-5 --toys $most --engine auto --format csv

say "== fast: parts, whole maps, and where the time of a GPU goes"
step $bench_s "$program" bench --engine cpu,gpu --part rates,minimisation,rows,map --points $points --runs 3 --longest $longest

say "== a large map by each engine: $large"
for engine in "cpu" "gpu --profile cpu" "gpu --profile gpu" "gpu --profile gpu"; do
    if [ $SECONDS -gt $((budget_s - 30)) ]; then
        say "no time left for --engine $engine"
        continue
    fi
    # shellcheck disable=SC2086
    step $((budget_s - SECONDS)) bash -c 'time "$@"' large "$program" scan --quiet --model b-l --grid $large \
        --engine $engine --out large --fresh && grep -A 4 '"timings"' large/run.json >>"$report"
    rm -rf large
done

say "== what --engine auto takes"
step 20 "$program" scan --model b-l --grid $large --engine auto --out auto

if [ -n "${watcher:-}" ]; then
    kill "$watcher" 2>/dev/null
    # The share of samples with work on the device, and the highest clock.
    awk -F, '{ gsub(/[^0-9.]/, "", $2); gsub(/[^0-9.]/, "", $3); if ($2 > clock) clock = $2; if ($3 > load) load = $3 }
        END { print "highest SM clock " clock " MHz, highest utilisation " load " %, " NR " samples" }' \
        "$out/gpu-load.csv" >>"$report"
fi
cp cpu-b-l/run.json "$out/run-cpu.json" 2>/dev/null
cp gpu-b-l-gpu/run.json "$out/run-gpu.json" 2>/dev/null
rm -rf "$work"
say "done"
exit $failed
