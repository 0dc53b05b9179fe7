#!/bin/sh
# SPDX-License-Identifier: MIT
# A PostgreSQL server in a folder of its own, with pgbench on it. Bounded in time; ends with nothing running.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
dir=$(mktemp -d)
uid=$(id -u)
as() { "$@"; }
if [ "${uid}" -eq 0 ]; then
	chown 65534 "${dir}"
	as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
fi
as "${bin}/initdb" -D "${dir}/db" >/dev/null
as "${bin}/postgres" -D "${dir}/db" -k "${dir}" -c listen_addresses= -c shared_buffers=64MB -p 54399 >"${dir}/log" 2>&1 &
server=$!
trap 'kill "${server}"; wait "${server}" || :; rm -rf "${dir}"' EXIT
tries=0
until "${bin}/pg_isready" -q -h "${dir}" -p 54399; do
	tries=$((tries + 1))
	[ "${tries}" -lt 100 ] || exit 1
	sleep 0.1
done
as createdb -h "${dir}" -p 54399 bench
as pgbench -q -i -s 5 -h "${dir}" -p 54399 bench >/dev/null 2>&1
as pgbench -q -c 4 -j 2 -T 3 -h "${dir}" -p 54399 bench >/dev/null 2>&1
