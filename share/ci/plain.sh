#!/bin/sh
# SPDX-License-Identifier: MIT
# An example for any other CI: measure the tests of a project, and fail if they need more memory than at the
# last success. Copy it into the project. MEMPIPE is a folder with the sources of mempipe.
set -eu
: "${MEMPIPE:?must be a folder with the sources of mempipe}"
export MEMPIPE_PREFIX="${HOME}/.local" MEMPIPE_BASELINE="${HOME}/.cache/mempipe/tests.tsv"
export MEMPIPE_THRESHOLD=5% MEMPIPE_RUNS=3 MEMPIPE_SAVE=yes
[ -x "${MEMPIPE_PREFIX}/bin/memrun" ] || sh "${MEMPIPE}/share/ci/run.sh" install
PATH=${MEMPIPE_PREFIX}/bin:${PATH} sh "${MEMPIPE}/share/ci/run.sh" measure make test
