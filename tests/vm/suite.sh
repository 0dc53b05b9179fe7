#!/bin/sh
# SPDX-License-Identifier: MIT
# Run the whole test suite inside an emulated machine, which is about ten times slower than its
# host. The console has the results as they arrive.
#
# The emulator may stop a CPU and never resume it. The kernel then boots the machine again, and the
# files of tests that have no result yet are run.
# shellcheck disable=SC2310,SC2312 # functions in conditions and in words
set -u
HOME=/root TERM=xterm LANG=C.UTF-8 NO_INSTALL=1 JOBS=1 BATS_TEST_TIMEOUT=1200 MEMPIPE_SLOW=1
export HOME TERM LANG NO_INSTALL JOBS BATS_TEST_TIMEOUT MEMPIPE_SLOW
tree=/root/mempipe results=/root/results claims=/run/claims
BOOTS_MOST=6

build() {
	rm -rf "${tree}"
	mkdir -p "${tree}" && tar -C "${tree}" -xf /job/tree.tar && make -C "${tree}" -s -j2 helpers-built &&
		sync && mkdir "${results}" && sync
}

# Print the files of tests, those with the most tests first.
files() {
	grep -c '^@test' tests/*.bats | sort -t : -k 2,2nr | cut -d : -f 1
}

# Run the files that have no result and that no other worker runs.
worker() {
	for file; do
		name=${file##*/}
		[ ! -e "${results}/${name}" ] || continue
		mkdir "${claims}/${name}" 2>/dev/null || continue
		tests/run build "${file}" | tee "${claims}/${name}/output"
		cp "${claims}/${name}/output" "${results}/${name}.new" && sync &&
			mv "${results}/${name}.new" "${results}/${name}" && sync
	done
}

# Print the sums of "N passed, N failed, N skipped", the last lines of all results. A file without
# a result has failed.
sums() {
	for file; do
		tail -n 1 "${results}/${file##*/}" 2>/dev/null || echo
	done | awk '/^[0-9]+ passed, / { for (i = 1; i <= 5; i += 2) n[i] += $i; next }
		{ n[3]++ }
		END { printf "%d passed, %d failed, %d skipped\n", n[1], n[3], n[5] }'
}

echo boot >>/root/boots && sync
boots=$(wc -l </root/boots)
[ -e "${results}" ] || build || exit
cd "${tree}" || exit
mkdir -p "${claims}"
# shellcheck disable=SC2046 # words
set -- $(files)
if [ "${boots}" -le "${BOOTS_MOST}" ]; then
	for _ in 1 2; do worker "$@" & done
	wait
fi
figures=$(sums "$@")
case ${figures} in
[1-9]*' passed, 0 failed, '*) state=ok ;;
*) state=failed ;;
esac
echo "${boots} boots"
printf 'vm\t%s\t%s\t%s\n' suite "${state}" "${figures}" end ok "${boots} boots"
