#!/usr/bin/env bash
# A simulation on a cluster: as many nodes and hours as it takes, one job after the other.
#
#     sbatch runs/slurm.sh runs/fan-chern-2026.toml
#
# The program stops by itself before the job's time is over and ends with code 85, and the job is queued again; it goes on with
# the same bits, also on another number of nodes. A job that is killed loses what came after the last checkpoint.
#SBATCH --job-name=adiabat
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=8
#SBATCH --cpus-per-task=8
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
# A checkpoint half an hour before the end, should the program not stop itself.
#SBATCH --signal=USR1@1800
set -uo pipefail

recipe=$1
# Built by `make mpi`.
program=${ADIABAT:-.build/mpi/release/adiabat}

# Hours until the end of the job, but for six minutes to write the last checkpoint and to leave, or a fifth of a short job's time.
# Nothing where there is no end, or where the batch system does not know it (UNLIMITED, NOT_SET, INVALID).
limit=$(squeue --noheader --job "$SLURM_JOB_ID" --format %L | LC_ALL=C awk -F'[-:]' '
    /^ *([0-9]+-)?([0-9]+:)?[0-9]+:[0-9]+ *$/ {
        hours = (/-/ ? 24 * $1 : 0) + (/:.*:/ ? $(NF - 2) : 0) + $(NF - 1) / 60 + $NF / 3600
        printf "--max-hours %.4f", hours - (hours < 0.5 ? hours / 5 : 0.1)
    }')

# One rank an NUMA domain or socket, its threads on its own cores; if one rank is lost, the job ends.
srun --mpi=pmix --cpus-per-task="$SLURM_CPUS_PER_TASK" --cpu-bind=cores --kill-on-bad-exit=1 \
    "$program" simulate "$recipe" --threads "$SLURM_CPUS_PER_TASK" $limit
code=$?

if [ $code = 85 ]; then
    scontrol requeue "$SLURM_JOB_ID"
    exit 0
fi
exit $code
