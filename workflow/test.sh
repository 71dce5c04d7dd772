#!/usr/bin/env bash
# The workflow for real: two jobs at a time, killed in the middle with all its processes, started again; the maps must
# have the bytes of single runs.
#
#   workflow/test.sh [CEVSCAN]      needs snakemake in PATH
set -euo pipefail
cd "$(dirname "$0")/.."

cevscan=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/cevscan}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
models=(b-l scalar) data=csi+lar grid=1200x900 shards=4

campaign() {
    snakemake --snakefile workflow/Snakefile --profile workflow/profiles/local --directory "$folder" --quiet progress rules \
        "$@" --config "models=[$(IFS=,; echo "${models[*]}")]" "data=[$data]" "grid=$grid" "shards=$shards" \
        "cevscan=$cevscan" simd=auto report=true report_grid=40x40
}

done_shards() { find "$folder/shards" -name '*.done' 2>/dev/null | wc -l; }
tiles() { find "$folder/shards" -name '*.tile' 2>/dev/null | sort; }

echo "-- start, and kill -9 after the first shards"
set -m
campaign >"$folder/first.log" 2>&1 &
pid=$!
set +m
for _ in $(seq 1200); do
    [ "$(done_shards)" -ge 2 ] && break
    kill -0 "$pid" 2>/dev/null || { cat "$folder/first.log" >&2; echo "the workflow ended before it was killed" >&2; exit 1; }
    sleep 0.05
done
kill -9 -- "-$pid"
wait "$pid" 2>/dev/null || true
before=$(done_shards)
total=$((${#models[@]} * shards))
echo "killed with $before of $total shards done, $(tiles | wc -l) tiles on disk"
{ [ "$before" -ge 2 ] && [ "$before" -lt "$total" ]; } || { echo "killed too late or too early" >&2; exit 1; }
tiles | xargs sha256sum >"$folder/before.sha256"

echo "-- start again"
campaign --unlock
campaign >"$folder/second.log" 2>&1 || { cat "$folder/second.log" "$folder"/logs/*/*/*.log >&2; exit 1; }
sha256sum --check --quiet "$folder/before.sha256"
[ -s "$folder/report/index.html" ] || { echo "no report" >&2; exit 1; }

echo "-- a third start has nothing to do"
campaign --dry-run >"$folder/third.log" 2>&1
grep -q "Nothing to be done" "$folder/third.log" || { cat "$folder/third.log" >&2; exit 1; }

echo "-- single runs"
compared=0
for model in "${models[@]}"; do
    "$cevscan" scan --quiet --model "$model" --data "$data" --grid "$grid" --engine cpu --out "$folder/single-$model"
    for file in map.npz contour.csv map.svg map.png; do
        cmp "$folder/maps/$model/$data/$file" "$folder/single-$model/$file"
        compared=$((compared + 1))
    done
done
echo "$compared files, byte for byte those of single runs"
