#!/bin/sh
# SPDX-License-Identifier: MIT
# Run the whole test suite inside an emulated machine, which is about ten times slower than its
# host. The console has the results as they arrive.
set -u
HOME=/root TERM=xterm LANG=C.UTF-8 NO_INSTALL=1 BATS_TEST_TIMEOUT=1200 MEMPIPE_SLOW=1
export HOME TERM LANG NO_INSTALL BATS_TEST_TIMEOUT MEMPIPE_SLOW
mkdir -p /root/mempipe
tar -C /root/mempipe -xf /job/tree.tar
cd /root/mempipe || exit
make -s -j2 helpers-built || exit
tests/run build
figures=$(tail -n 1 build/test.log)
case ${figures} in
*' passed, 0 failed, '*) state=ok ;;
*) state=failed ;;
esac
uptime=$(cut -d . -f 1 /proc/uptime)
printf 'vm\t%s\t%s\t%s\n' suite "${state}" "${figures}" end ok "${uptime} s"
