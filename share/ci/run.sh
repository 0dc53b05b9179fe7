#!/bin/sh
# SPDX-License-Identifier: MIT
# Install mempipe and measure a command in continuous integration: on GitHub, GitLab or elsewhere.
#
#   run.sh install                              install mempipe
#   run.sh measure [command [argument ...]]     measure the command, or that in MEMPIPE_COMMAND
#
# Settings are variables of the environment. An empty one is the same as none.
#
#   MEMPIPE_PREFIX     install below this folder; the default is mempipe in RUNNER_TEMP, or ~/.local
#   MEMPIPE_TARBALL    install this static build, made by `make static`: a file, or a URL to download
#   MEMPIPE_SHA256     the checksum of that file; if it differs, nothing is installed
#                      Without MEMPIPE_TARBALL, build the sources that this script belongs to.
#   MEMPIPE_COMMAND    the command, a line for the shell
#   MEMPIPE_OPTIONS    more options of memrun(1), separated by blanks
#   MEMPIPE_RUNS       measure so many runs; the default is 1
#   MEMPIPE_EVENTS     with `allow`, allow page-fault events by sysctl(8) if sudo(8) needs no password
#   MEMPIPE_REPORTS    write the reports to this folder; the default is mempipe-reports
#   MEMPIPE_BASELINE   compare with the peaks in this file, if it exists
#   MEMPIPE_THRESHOLD  allow the peak to grow by this percentage or size; the default is 10%
#   MEMPIPE_REGRESSION with `ignore`, a regression is reported but is no failure
#   MEMPIPE_SAVE       with `yes`, store the peaks as the baseline, unless it is a failure
#
# The reports are report.txt, .json, .html and .md, peaks.tsv, metrics.txt (OpenMetrics) and outputs.env,
# which has the results as name=value: peak_kib (the median of the runs), bound_kib (the largest),
# duration_seconds, exit_code, regression (true, false or unknown), baseline_saved. On GitHub the results are outputs
# of the step too, and report.md is its summary.
#
# The exit status is that of the command, if it fails. Otherwise it is 0, 1 if there is a regression, or 125 if
# measuring or comparing is not possible.
# shellcheck disable=SC2310 # functions in conditions exit by themselves
set -eu
unset CDPATH
github=${GITHUB_ACTIONS:-}

# Print a message on standard error, and exit.
die() {
	echo "mempipe: $1" >&2
	exit 125
}

# ---- install

# Download $1 to the file $2.
download() {
	if command -v curl >/dev/null; then
		curl -fsSL --retry 3 -o "$2" -- "$1"
	elif command -v wget >/dev/null; then
		wget -q -O "$2" -- "$1"
	else
		die 'cannot download: neither curl nor wget is installed'
	fi || die "$1: cannot be downloaded"
}

# Install the tarball $1 below ${prefix}, with the temporary folder $2.
install_tarball() {
	file=$1
	case $1 in
	https://* | http://* | file://*)
		file=$2/tarball
		download "$1" "${file}" ;;
	*) [ -f "${file}" ] || die "${file}: not found" ;;
	esac
	if [ -n "${MEMPIPE_SHA256:-}" ]; then
		sum=$(sha256sum <"${file}")
		[ "${sum%% *}" = "${MEMPIPE_SHA256}" ] || die "$1: its SHA-256 is ${sum%% *}, not ${MEMPIPE_SHA256}"
	fi
	mkdir "$2/unpacked"
	tar -xzf - -C "$2/unpacked" <"${file}" || die "$1: cannot be unpacked"
	set -- "$2"/unpacked/*/install.sh
	[ -f "$1" ] || die "${file}: no static build: install.sh is missing"
	sh "$1" "${prefix}"
}

# Build the sources that this script belongs to, and install them below ${prefix}.
install_sources() {
	here=$(dirname -- "$0")
	top=$(cd -- "${here}/../.." && pwd)
	[ -f "${top}/cmd/memrun.sh" ] || die "MEMPIPE_TARBALL: missing: ${top} has no sources"
	make -s -C "${top}" install BUILD="$1/build" PREFIX="${prefix}"
}

install() {
	prefix=${MEMPIPE_PREFIX:-${RUNNER_TEMP:+${RUNNER_TEMP}/mempipe}}
	prefix=${prefix:-${HOME:?}/.local}
	tmp=$(mktemp -d)
	trap 'rm -rf -- "${tmp}"' EXIT
	trap 'exit 129' HUP INT TERM
	if [ -n "${MEMPIPE_TARBALL:-}" ]; then
		install_tarball "${MEMPIPE_TARBALL}" "${tmp}"
	else
		install_sources "${tmp}"
	fi
	version=$("${prefix}/bin/memrun" -V) || die "${prefix}/bin/memrun: does not run here"
	echo "${version} in ${prefix}/bin"
	[ -z "${GITHUB_PATH:-}" ] || echo "${prefix}/bin" >>"${GITHUB_PATH}"
}

# ---- measure

# Allow page-fault events if the present setting refuses them.
allow_events() {
	setting=/proc/sys/kernel/perf_event_paranoid
	level=$(cat "${setting}" 2>/dev/null) || return 0
	[ "${level}" -gt 2 ] || return 0
	sudo -n sysctl -q -w kernel.perf_event_paranoid=2 2>/dev/null ||
		echo 'mempipe: page-fault events remain refused: sysctl is not allowed'
}

# Print one of the columns $1 of the row of the total in the table $2 of memdiff.
total() {
	awk -F '\t' -v key="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == "total" { print $at[key]; exit }' "$2"
}

# Print the largest bound of the runs in the peaks $1.
largest_bound() {
	awk -F '\t' '
		$1 == "scope" { for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == "total" && $at["bound_kib"] > most { most = $at["bound_kib"] }
		END { print most }' "$1"
}

# Run the command $@ for all its runs, or until one fails. Set ${status}.
run_all() {
	run=1 status=0
	while [ "${run}" -le "${runs}" ] && [ "${status}" -eq 0 ]; do
		# shellcheck disable=SC2086 # words
		memrun -w ${MEMPIPE_OPTIONS:-} -o "${reports}/report.txt" --timeline -o "${reports}/report.json" \
			-o "${reports}/report.html" -f openmetrics -o "${reports}/metrics.txt" \
			-f tsv --append -o "${tmp}/peaks" -- "$@" || status=$?
		run=$((run + 1))
	done
}

# Compare the peaks with the baseline. Add the result to the summary, and set ${regression}.
compare() {
	change=0
	memdiff -f text -t "${threshold}" -- "${baseline}" "${reports}/peaks.tsv" >"${tmp}/text" || change=$?
	case ${change} in
	0) regression=false ;;
	1) regression=true ;;
	*) die "${baseline}: no comparison is possible" ;;
	esac
	echo >>"${reports}/report.md"
	memdiff -f markdown -t "${threshold}" -- "${baseline}" "${reports}/peaks.tsv" 2>/dev/null \
		>>"${reports}/report.md" || [ "$?" -eq 1 ]
	cat <"${tmp}/text"
}

# Show the regression at the top of the results of a workflow on GitHub.
annotate() {
	level=error
	[ "${MEMPIPE_REGRESSION:-}" != ignore ] || level=warning
	message=$(sed -n -e 's/%/%25/g' -e 1p "${tmp}/text")
	[ -z "${github}" ] || echo "::${level} title=Memory::${message}"
}

# Make the peaks the baseline. It appears when it is complete.
save_baseline() {
	case ${baseline} in
	*/*) folder=${baseline%/*}/ ;;
	*) folder=./ ;;
	esac
	mkdir -p -- "${folder}"
	new=$(mktemp -d -- "${folder}.mempipe.XXXXXX")
	cp -- "${reports}/peaks.tsv" "${new}/peaks"
	mv -f -- "${new}/peaks" "${baseline}"
	rmdir -- "${new}"
	saved=true
}

# Write the results.
write_outputs() {
	memdiff -- "${reports}/peaks.tsv" >"${tmp}/table"
	peak=$(total median_kib "${tmp}/table")
	duration=$(total duration_seconds "${tmp}/table")
	bound=$(largest_bound "${reports}/peaks.tsv")
	{
		echo "peak_kib=${peak}"
		echo "bound_kib=${bound}"
		echo "duration_seconds=${duration}"
		echo "exit_code=${status}"
		echo "regression=${regression}"
		echo "baseline_saved=${saved}"
	} >"${reports}/outputs.env"
	[ -z "${GITHUB_OUTPUT:-}" ] || cat <"${reports}/outputs.env" >>"${GITHUB_OUTPUT}"
	[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat <"${reports}/report.md" >>"${GITHUB_STEP_SUMMARY}"
}

# Check the settings before the first run, and set the variables for them.
prepare() {
	runs=${MEMPIPE_RUNS:-1} reports=${MEMPIPE_REPORTS:-mempipe-reports}
	baseline=${MEMPIPE_BASELINE:-} threshold=${MEMPIPE_THRESHOLD:-10%}
	regression=unknown saved=false
	case ${runs} in
	'' | 0* | *[!0-9]* | ?????*) die "MEMPIPE_RUNS: ${runs}: the number of runs must be from 1 to 9999" ;;
	*) ;;
	esac
	command -v memrun >/dev/null || die 'memrun: not found: run.sh install, and add its folder to PATH'
	memdiff --check -t "${threshold}" -- /dev/null /dev/null || exit 125
	mkdir -p -- "${reports}"
	tmp=$(mktemp -d)
	trap 'rm -rf -- "${tmp}"' EXIT
	trap 'exit 129' HUP INT TERM
}

measure() {
	prepare
	set -f # for the words of MEMPIPE_OPTIONS
	[ "${MEMPIPE_EVENTS:-}" != allow ] || allow_events
	run_all "$@"
	[ -s "${tmp}/peaks" ] || exit "$((status > 0 ? status : 125))"
	cat <"${reports}/report.txt" >&2
	grep -v '^span' "${tmp}/peaks" >"${reports}/peaks.tsv"
	memfmt -f markdown -o "${reports}/report.md" -- "${tmp}/peaks"
	if [ "${status}" -eq 0 ] && [ -n "${baseline}" ] && [ -s "${baseline}" ]; then
		compare
		[ "${regression}" = false ] || annotate
	fi
	failed=${status}
	[ "${regression}:${MEMPIPE_REGRESSION:-}" = true:ignore ] || [ "${regression}" != true ] || failed=1
	[ "${failed}" -ne 0 ] || [ "${MEMPIPE_SAVE:-}" != yes ] || [ -z "${baseline}" ] || save_baseline
	write_outputs
	exit "${failed}"
}

case ${1-} in
install)
	[ "$#" -eq 1 ] || die 'usage: run.sh install'
	install ;;
measure)
	shift
	[ "$#" -gt 0 ] || [ -z "${MEMPIPE_COMMAND:-}" ] || set -- sh -c "${MEMPIPE_COMMAND}"
	[ "$#" -gt 0 ] || die 'missing command: set MEMPIPE_COMMAND, or use run.sh measure command'
	measure "$@" ;;
*) die 'usage: run.sh install, or run.sh measure [command [argument ...]]' ;;
esac
