# SPDX-License-Identifier: MIT
load helper

# The script of the recipes in share/ci, as a CI runs it.

ci() { "$top/share/ci/run.sh" "$@"; }

# Print a result of the last measurement.
result() { sed -n "s/^$1=//p" mempipe-reports/outputs.env; }

# Set the variables that GitHub sets.
on_github() {
	export GITHUB_ACTIONS=true GITHUB_OUTPUT=$PWD/output GITHUB_STEP_SUMMARY=$PWD/summary
	export GITHUB_PATH=$PWD/path RUNNER_TEMP="$PWD/a temp"
	mkdir "$RUNNER_TEMP"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	started=()
	export CI=true
	unset "${!GITHUB_@}" "${!MEMPIPE_@}" RUNNER_TEMP
}

@test "CI: measure writes the reports and the results, and ends as the command" {
	run -0 ci measure spike -t 60 20
	within "$(result peak_kib)" "$(head -n 1 <<<"$output")" 2
	compare "$(result bound_kib)" -ge "$(result peak_kib)"
	is "$(result exit_code) $(result regression) $(result baseline_saved)" '0 unknown false'
	for file in report.txt report.json report.html report.md peaks.tsv metrics.txt; do
		[ -s "mempipe-reports/$file" ]
	done
	has_line mempipe-reports/report.md '^```mermaid$'
	run -1 grep '^span' mempipe-reports/peaks.tsv
	MEMPIPE_COMMAND='echo out; exit 42' run -42 --separate-stderr ci measure
	is "$output" out
	is "$(result exit_code)" 42
	MEMPIPE_OPTIONS='-k -t 5M' run -10 ci measure spike -t 60 20
	has_line mempipe-reports/report.md 'limit exceeded'
}

@test "CI: a baseline is saved and compared with, and a regression ends with status 1" {
	export MEMPIPE_BASELINE='base line/peaks.tsv' MEMPIPE_SAVE=yes
	run -0 ci measure spike -t 60 20
	is "$(result regression) $(result baseline_saved)" 'unknown true'
	is "$(ls -A 'base line')" peaks.tsv
	cp "$MEMPIPE_BASELINE" first
	run -0 ci measure spike -t 60 20
	is "$(result regression) $(result baseline_saved)" 'false true'
	cp first "$MEMPIPE_BASELINE"
	run -1 ci measure spike -t 60 60
	[[ $output == *'REGRESSION (more than 10 %)'* ]]
	is "$(result regression) $(result baseline_saved)" 'true false'
	cmp first "$MEMPIPE_BASELINE"
	has_line mempipe-reports/report.md 'worse'
	MEMPIPE_THRESHOLD=100M run -0 ci measure spike -t 60 60
	cp first "$MEMPIPE_BASELINE"
	MEMPIPE_SAVE=no MEMPIPE_REGRESSION=ignore run -0 ci measure spike -t 60 60
	is "$(result regression)" true
	run -42 ci measure sh -c 'spike -t 60 60; exit 42'
	is "$(result regression) $(result baseline_saved)" 'unknown false'
	cmp first "$MEMPIPE_BASELINE"
}

@test "CI: several runs are measured until one fails" {
	MEMPIPE_RUNS=3 run -0 ci measure sh -c 'echo run >>runs; exec spike 10'
	is "$(lines_of runs)" 3
	is "$(grep -c '^total' mempipe-reports/peaks.tsv)" 3
	MEMPIPE_RUNS=3 run -7 ci measure sh -c 'echo run >>failed; exit 7'
	is "$(lines_of failed)" 1
}

@test "CI: on GitHub, the results are outputs, the report is the summary, and a regression is marked" {
	on_github
	export MEMPIPE_BASELINE=peaks.tsv MEMPIPE_SAVE=yes
	run -0 ci measure spike -t 60 20
	grep -qx "peak_kib=$(result peak_kib)" output
	grep -qx 'baseline_saved=true' output
	cmp summary mempipe-reports/report.md
	run -1 ci measure spike -t 60 60
	[[ $output == *'::error title=Memory::peak RSS +'*'%25) against peaks.tsv: REGRESSION (more than 10 %25)'* ]]
	is "$(grep -c '^```mermaid$' summary)" 2
	MEMPIPE_REGRESSION=ignore run -0 ci measure spike -t 60 60
	[[ $output == *'::warning title=Memory::'* ]]
}

@test "CI: page-fault events are allowed by sudo where they are refused, and nothing fails without sudo" {
	needs unshare
	mkdir bin
	printf '#!/bin/sh\necho "$*" >>sudo.log\nexit 1\n' >bin/sudo
	chmod +x bin/sudo
	cat >inside <<-'EOF'
		echo "$1" >level
		mount --bind level /proc/sys/kernel/perf_event_paranoid || exit 99
		shift
		"$@"
	EOF
	PATH=$PWD/bin:$PATH MEMPIPE_EVENTS=allow run -0 unshare -m sh ./inside 3 "$top/share/ci/run.sh" measure true
	is "$(cat sudo.log)" '-n sysctl -q -w kernel.perf_event_paranoid=2'
	[[ $output == *'page-fault events remain refused'* ]]
	rm sudo.log
	PATH=$PWD/bin:$PATH MEMPIPE_EVENTS=allow run -0 unshare -m sh ./inside 2 "$top/share/ci/run.sh" measure true
	PATH=$PWD/bin:$PATH run -0 unshare -m sh ./inside 3 "$top/share/ci/run.sh" measure true
	[ ! -e sudo.log ]
}

@test "CI: install unpacks a static build with the right checksum, or builds the sources" {
	on_github
	mkdir mempipe-1
	cat >mempipe-1/install.sh <<-EOF
		mkdir -p "\$1/bin"
		ln -s "$build/memrun" "\$1/bin/memrun"
	EOF
	tar -czf 'a static.tar.gz' mempipe-1
	sum=$(sha256sum <'a static.tar.gz')
	export MEMPIPE_TARBALL='a static.tar.gz'
	MEMPIPE_SHA256=${sum%% *} run -0 ci install
	is "$output" "$(memrun -V) in $RUNNER_TEMP/mempipe/bin"
	is "$(cat path)" "$RUNNER_TEMP/mempipe/bin"
	rm -r "$RUNNER_TEMP/mempipe" path
	MEMPIPE_SHA256=0$sum run -125 ci install
	one_line "$output" '^mempipe: a static.tar.gz: its SHA-256 is '
	echo text >"$MEMPIPE_TARBALL"
	run -125 ci install
	[ ! -e "$RUNNER_TEMP/mempipe" ] && [ ! -e path ]
	unset MEMPIPE_TARBALL
	mkdir bin
	cat >bin/make <<-'EOF'
		#!/bin/sh
		echo "$*" >make.log
		sh mempipe-1/install.sh "${6#PREFIX=}"
	EOF
	chmod +x bin/make
	PATH=$PWD/bin:$PATH run -0 ci install
	[[ $(cat make.log) == "-s -C $top install BUILD="*" PREFIX=$RUNNER_TEMP/mempipe" ]]
	is "$(cat path)" "$RUNNER_TEMP/mempipe/bin"
}

@test "CI: wrong settings are reported in one line before the command is run" {
	wrong() {
		run -125 "$@"
		one_line "$(tail -n 1 <<<"$output")" '^mem(pipe|diff): '
	}
	wrong ci
	wrong ci measure
	wrong ci install now
	MEMPIPE_RUNS=0 wrong ci measure touch started
	MEMPIPE_RUNS=1x wrong ci measure touch started
	MEMPIPE_THRESHOLD=x wrong ci measure touch started
	MEMPIPE_TARBALL=none wrong ci install
	PATH=/usr/bin:/bin wrong ci measure touch started
	MEMPIPE_OPTIONS=-Z run -125 ci measure touch started
	[ ! -e started ]
}

@test "the workflow, the action and the recipe for GitLab are valid" {
	needs check-jsonschema
	run -0 check-jsonschema --builtin-schema vendor.github-actions "$top/share/ci/github/action.yml"
	run -0 check-jsonschema --builtin-schema vendor.github-workflows "$top/share/ci/github/example.yml"
	run -0 check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$top/share/ci/gitlab-ci.yml"
}
