#!/usr/bin/env bash
# The workflow for real: two jobs at a time, killed in the middle with all its processes, started again; the maps must
# have the bytes of single runs. Then with files of a user's own, in folders with blanks and '+': what was edited is made
# anew and nothing else, and no value of the configuration reaches a shell.
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
        "$@" --config coverage=true toys=1200 toy_parts=2 "models=[$(IFS=,; echo "${models[*]}")]" "data=[$data]" "grid=$grid" "shards=$shards" \
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
    for file in map.npz contour.csv map.svg map.png map.pdf map.py; do
        cmp "$folder/maps/$model/$data/$file" "$folder/single-$model/$file"
        compared=$((compared + 1))
    done
    "$cevscan" coverage --quiet --model "$model" --data "$data" --toys 1200 --engine cpu --out "$folder/toys-$model"
    for file in coverage.npz contour-fc.csv coverage.svg coverage.png coverage.pdf coverage.csv; do
        cmp "$folder/coverage/$model/$data/$file" "$folder/toys-$model/$file"
        compared=$((compared + 1))
    done
done
echo "$compared files, byte for byte those of single runs"

echo "-- files of one's own, paths with blanks and '+'"
rm -rf "$folder"/{shards,maps,toys,coverage,logs,report,.snakemake}
mkdir -p "$folder/my models" "$folder/a+b/argon" "$folder/bin 1"
cp "$cevscan" "$folder/bin 1/cevscan"
cp examples/argon-tonne/* "$folder/a+b/argon/"
cat >"$folder/my models/mine.toml" <<'TOML'
name = "mine"
label = "mine"
description = "made up"
reference = "none"
[vector]
up = "1/3"
down = "1/3"
electron = -1
muon = -1
tau = -1
TOML

own() {
    snakemake --snakefile workflow/Snakefile --profile workflow/profiles/local --directory "$folder" --quiet progress rules \
        "$@" >"$folder/own.log" 2>&1
}
settings=(--config "models=['my models/mine.toml']" "data=['csi+a+b/argon/dataset.toml']" grid=20x20 shards=2
    "cevscan=bin 1/cevscan" simd=auto report=false)
map="$folder/maps/mine/csi+argon/map.npz"

made() { own "${settings[@]}" || { cat "$folder/own.log" "$folder"/logs/*/*/*.log >&2; exit 1; }; sha256sum <"$map"; }
unchanged() {
    own --dry-run "${settings[@]}"
    grep -q "Nothing to be done" "$folder/own.log" || { cat "$folder/own.log" >&2; echo "something to do after $1" >&2; exit 1; }
}
changed() {
    local after
    after=$(made)
    [ "$after" != "$before" ] || { echo "the map is as before after $1" >&2; exit 1; }
    before=$after
    unchanged "$1"
}

before=$(made)
[ ! -e "$folder/report" ] || { echo "a report in spite of report=false" >&2; exit 1; }
unchanged "the first run"
sed -i 's/^muon = -1/muon = -2/' "$folder/my models/mine.toml"
changed "an edited model"
sed -i 's/^name = "argon-tonne"/name = "argon-other"/' "$folder/a+b/argon/dataset.toml"
changed "an edited dataset"
sed -i '$ s/0$/9/' "$folder/a+b/argon/brn_delayed.txt"
changed "an edited table"
settings[3]=grid=21x20
changed "another grid"
# A program of other bytes that does the same.
date=$(stat -c %Y "$map")
echo >>"$folder/bin 1/cevscan"
sleep 1.1
made >/dev/null
[ "$(stat -c %Y "$map")" -gt "$date" ] || { echo "another program, and the old map" >&2; exit 1; }
unchanged "another program"

echo "-- what a shell must not see"
for value in "grid=30x30; touch injected #" "simd=auto; touch injected #" "mass=1:10 \$(touch injected)" "engine=cpu' ; touch injected #"; do
    own "${settings[@]}" "$value" && { echo "$value was taken" >&2; exit 1; }
    [ -z "$(find "$folder" . -maxdepth 1 -name 'injected*')" ] || { echo "$value ran in a shell" >&2; exit 1; }
done
own "${settings[@]}" report=perhaps && { echo "report=perhaps was taken" >&2; exit 1; }
echo "six changes seen, five values refused"
