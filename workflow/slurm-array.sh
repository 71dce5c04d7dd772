#!/usr/bin/env bash
# One map on Slurm without Snakemake: an array of shards, then the merge.
#
#   sbatch --array=1-16 workflow/slurm-array.sh b-l csi+lar 4000x4000 campaign
#   sbatch --dependency=afterok:JOB_ID --wrap 'cevscan merge campaign/shard-* --out campaign/map'
#
# Shards that were killed continue with their tiles when the same command is given again; the others end at once.
#SBATCH --job-name=cevscan
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=01:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

model=$1 data=$2 grid=$3 out=$4
# Bytes are the same on all machines that have these vector instructions.
exec "${CEVSCAN:-cevscan}" scan --quiet --threads "${SLURM_CPUS_PER_TASK:-1}" --engine cpu --simd "${CEVSCAN_SIMD:-avx2}" \
    --model "$model" --data "$data" --grid "$grid" \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --out "$out/shard-$SLURM_ARRAY_TASK_ID"
