# SPDX-License-Identifier: MIT
# Jobs of several ranks and hosts: a Slurm of two nodes on this machine, Open MPI and MPICH.
# `make test-cluster` installs them and runs this file.
load helper

# Open MPI refuses to run as root, and takes two nodes on one machine for two machines.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl=self,tcp
unset OMPI_COMM_WORLD_RANK PMIX_RANK PMI_RANK SLURM_PROCID SLURMD_NODENAME SLURM_JOB_ID SLURM_JOBID

# ---- a cluster

setup_file() {
	local node program
	export SLURM_CONF=$BATS_FILE_TMPDIR/slurm.conf
	for program in srun slurmctld slurmd; do
		command -v "$program" >/dev/null || return 0
	done
	cd "$BATS_FILE_TMPDIR"
	mkdir state spool.n1 spool.n2 tmp.n1 tmp.n2
	write_configuration $((20000 + $$ % 4000 * 3)) >"$SLURM_CONF"
	slurmctld -D >slurmctld.out 2>&1 3>&- 4>&- &
	echo "$!" >pids
	for node in n1 n2; do
		slurmd -D -N "$node" >"slurmd.$node.out" 2>&1 3>&- 4>&- &
		echo "$!" >>pids
	done
	until_true both_idle && touch up || cat ./*.out >&2
}

# Jobs of a test that failed may still run.
teardown_file() {
	[ -e "$BATS_FILE_TMPDIR/pids" ] || return 0
	if [ -e "$BATS_FILE_TMPDIR/up" ]; then
		scancel --user="$(id -un)" || true
		until_true eval '[ -z "$(squeue -h)" ]' || true
	fi
	for pid in $(cat "$BATS_FILE_TMPDIR/pids"); do
		kill "$pid" 2>/dev/null || true
	done
	for pid in $(cat "$BATS_FILE_TMPDIR/pids"); do
		wait "$pid" 2>/dev/null || until_true exited "$pid" || kill -KILL "$pid"
	done
}

both_idle() { [ "$(sinfo -h -o '%T %D')" = 'idle 2' ]; }

# write_configuration PORT: for nodes with more CPUs than there are, without any other daemon.
write_configuration() {
	local here=$BATS_FILE_TMPDIR user host
	user=$(id -un) host=$(uname -n)
	cat <<-CONF
		ClusterName=test
		SlurmctldHost=$host(127.0.0.1)
		SlurmctldPort=$1
		SlurmUser=$user
		SlurmdUser=$user
		AuthType=auth/none
		CredType=cred/none
		StateSaveLocation=$here/state
		SlurmdSpoolDir=$here/spool.%n
		TmpFS=$here/tmp.%n
		SlurmctldPidFile=$here/slurmctld.pid
		SlurmdPidFile=$here/slurmd.%n.pid
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/linux
		JobAcctGatherFrequency=task=1
		AccountingStorageType=accounting_storage/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		SlurmdParameters=config_overrides
		MpiDefault=none
		ReturnToService=2
		NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$(($1 + 1)) CPUs=8
		NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$(($1 + 2)) CPUs=8
		PartitionName=all Nodes=n1,n2 Default=YES MaxTime=10 State=UP
	CONF
}

needs_slurm() {
	[ -e "$BATS_FILE_TMPDIR/pids" ] || skip "needs Slurm: srun, slurmctld and slurmd"
	[ -e "$BATS_FILE_TMPDIR/up" ] || skip "Slurm does not start"
	srun --mpi=list 2>&1 | grep -q pmix || skip "needs Slurm with PMIx"
}

# ---- MPI

# mpi openmpi|mpich: make ./ranks for this MPI, and set $mpirun to its launcher.
mpi() {
	local mpicc=mpicc.$1 name='Open(RTE| MPI)'
	[ "$1" = openmpi ] || name=HYDRA
	mpirun=mpirun.$1
	command -v "$mpicc" >/dev/null || mpicc=mpicc mpirun=mpirun
	command -v "$mpicc" >/dev/null || skip "needs $1"
	"$mpirun" --version 2>&1 | grep -qE "$name" || skip "needs $1"
	"$mpicc" -o ranks "$top/tests/workloads/ranks.c"
	[ "$1" = mpich ] || mpirun="$mpirun --oversubscribe"
}

# run_ranks N COMMAND...: run COMMAND, which starts N of ./ranks, up to its end. Their output is in
# `true`: the number of each rank and what it held, when all did.
run_ranks() {
	local n=$1
	start "${@:2}" >true 2>errors
	until_true eval "[ \$(wc -l <true) -eq $n ]" || { cat errors; return 1; }
	! declare -F held >/dev/null || held
	touch release
	wait "$pid" || { cat errors; return 1; }
}

# held_by FROM TO: print what the ranks FROM to TO held.
held_by() { awk -v from="$1" -v to="$2" '$1 >= from && $1 <= to { kib += $2 } END { print kib }' true; }

# check_joined N: compare the total and each rank of ./joined with what the ranks held.
check_joined() {
	local rank last=$(($1 - 1))
	mempeak -g rank joined >ranks.peaks
	within "$(total rss_kib ranks.peaks)" "$(held_by 0 "$last")" 2 1024
	[ "$(total bound_kib ranks.peaks)" -ge "$(held_by 0 "$last")" ]
	for rank in $(seq 0 "$last"); do
		within "$(peak_of group "$rank" rss_kib ranks.peaks)" "$(held_by "$rank" "$rank")" 2 512
	done
	memfmt ranks.peaks >report
	has_line report "^  largest .* rank $last, [0-9.]* times the mean of $1\$"
	within "$(memfmt -f json ranks.peaks | sed -n 's/.*"largest_group_ratio": \([0-9.]*\).*/\1/p')" \
		"$(awk -v n="$1" '{ kib += $2 } $2 > max { max = $2 } END { print max * n / kib }' true)" 2
}

# check_mpirun MPI: measure mpirun with all ranks, and then each rank.
check_mpirun() {
	mpi "$1"
	run_ranks 4 memrun -q -o peaks -f tsv $mpirun -np 4 ./ranks 8 release
	within "$(peak_of group ranks rss_kib peaks)" "$(held_by 0 3)" 2 1024
	is "$(peak_of group ranks procs peaks)" 4
	[ "$(total rss_kib peaks)" -ge "$(held_by 0 3)" ]
}

check_memrun() {
	mpi "$1"
	run_ranks 4 $mpirun -np 4 memrun -q -o peak.{rank} -s rank.{rank}.tsv ./ranks 8 release
	memjoin rank.?.tsv >joined
	check_joined 4
	is "$(cat peak.3)" "$(($(peak_of group 3 rss_kib ranks.peaks) * 1024))"
}

@test "memrun mpirun measures all ranks on a host: Open MPI" { check_mpirun openmpi; }

@test "memrun mpirun measures all ranks on a host: MPICH" { check_mpirun mpich; }

@test "mpirun memrun measures each rank, and memjoin adds them up: Open MPI" { check_memrun openmpi; }

@test "mpirun memrun measures each rank, and memjoin adds them up: MPICH" { check_memrun mpich; }

# ---- Slurm

@test "srun memrun measures each rank, and memjoin finds the peak of the job, of hosts and of ranks" {
	needs_slurm
	mpi openmpi
	run_ranks 8 srun --mpi=pmix -N 2 -n 8 --ntasks-per-node=4 memrun -qs rank.{rank}.tsv ./ranks 5 release
	memjoin rank.*.tsv >joined
	check_joined 8
	mempeak -g host joined >hosts.peaks
	within "$(peak_of group n1 rss_kib hosts.peaks)" "$(held_by 0 3)" 2 1024
	within "$(peak_of group n2 rss_kib hosts.peaks)" "$(held_by 4 7)" 2 1024
	is "$(peak_of group n2 procs hosts.peaks)" 4
	memfmt hosts.peaks | grep -q '^  largest .* host n2, 1\.[0-9]* times the mean of 2$'
}

# sstat_kib: print the largest RSS of a task, in KiB, if it is that of rank 3.
sstat_kib() { sstat -a -n -P -o MaxRSS,MaxRSSTask "$(squeue -h -o %A)" 2>/dev/null | sed -n 's/K|3$//p'; }

@test "sstat prints the largest task, which is the largest rank that memjoin finds" {
	needs plain
	needs_slurm
	mpi openmpi
	# It samples every second.
	held() { until_true eval '[ "$(sstat_kib | tee sstat)" -gt $(($(held_by 3 3) * 98 / 100)) ]'; }
	run_ranks 4 srun --mpi=pmix -N 2 -n 4 memrun -qs rank.{rank}.tsv ./ranks 20 release
	memjoin rank.*.tsv >joined
	check_joined 4
	# It counts memrun and its pipeline in each task.
	within "$(cat sstat)" "$(($(peak_of group 3 rss_kib ranks.peaks) + (8 << 10)))" 0 $((10 << 10))
}

@test "the rank is that of mpirun where Slurm has started it" {
	needs_slurm
	mpi openmpi
	run_ranks 4 salloc -Q -N 2 -n 4 --ntasks-per-node=2 $mpirun memrun -qs {host}.{rank}.tsv ./ranks 5 release
	is "$(echo n?.?.tsv)" 'n1.0.tsv n1.1.tsv n2.2.tsv n2.3.tsv'
	memjoin n?.?.tsv >joined
	check_joined 4
}
