# SPDX-License-Identifier: MIT
load helper
all_need linux

# state CHECK: print its state in the file `table`.
state() { awk -F'\t' -v check="$1" '$1 == check { print $2 }' table; }

# remedy CHECK: print its remedy.
remedy() { awk -F'\t' -v check="$1" '$1 == check { print $6 }' table; }

# diagnose [COMMAND...]: write the table, by memdoctor or through COMMAND; set $status.
diagnose() { status=0; "$@" memdoctor -t >table || status=$?; }

# with_samples LINE...: run a copy of memdoctor with a memexec that prints these lines.
with_samples() {
	mkdir -p fake
	cp "$build/memdoctor" fake/
	ln -sf "$build/memsample" fake/
	printf '#!/bin/sh\ncase $* in *-g*) exit 1 ;; esac\ncat %q\n' "$PWD/lines" >fake/memexec
	chmod +x fake/memexec
	printf '%s\n' "$@" >lines
	status=0
	fake/memdoctor -t >table || status=$?
}

@test "each state is that which an independent probe finds" {
	diagnose
	is "$(head -n 1 table)" $'check\tstate\tneeded_for\tdetail\tcost\tremedy'
	is "$(awk -F'\t' 'NF != 6' table)" ''
	is "$(state /proc)" yes
	is "$(state PSS)" "$(awk '/^Pss:/ { found = 1 } END { print found ? "yes" : "no" }' "/proc/$$/smaps_rollup")"
	is "$(state 'lists of children')" "$(cat "/proc/$$/task/$$/children" >/dev/null 2>&1 && echo yes || echo no)"
	[ "$(wc -l </proc/swaps)" -le 1 ] && swap=none || swap=yes
	is "$(state swap)" "$swap"
	is "$(state 'control groups')" "$(_has_cgroup 2>/dev/null && echo yes || echo no)"
	_has_perf && is "$(state 'page-fault events')" yes || [ "$(state 'page-fault events')" != yes ]
	command -v python3 >/dev/null || return 0
	is "$(state 'process events')" "$(_has_process_events && echo yes || echo no)"
}

@test "it exits with 1 if something that is always needed is refused, or else with 0" {
	diagnose
	is "$status" "$(awk -F'\t' '$3 == "always" && $2 != "yes" { bad = 1 } END { print bad + 0 }' table)"
	is "$(awk -F'\t' '$2 == "no" && ($4 == "" || $5 == "" || $6 == "")' table)" ''
	with_samples '#schedule	events'
	is "$status" 0
	is "$(state 'page-fault events') $(state 'process events')" 'yes yes'
	for refused in '#schedule	events-user' '#schedule	adaptive'; do
		with_samples "$refused"
		is "$status" 1
		[[ $(remedy 'page-fault events') =~ ^(sudo\ )?(sysctl\ kernel.perf_event_paranoid=1|setcap\ |start\ |use\ ) ]]
	done
	with_samples '#schedule	events' '#process_events_refused	Protocol not supported'
	is "$status" 1
	is "$(state 'process events')" no
}

@test "the table has at most 80 columns, and a note for each refusal" {
	run memdoctor
	[[ ${lines[0]} =~ ^CHECK\ +STATE\ +NEEDED\ FOR\ +DETAIL$ ]]
	is "$(grep -v '^    ' <<<"$output" | awk 'length > 80')" ''
	diagnose
	while IFS=$tab read -r check state _; do
		[ "$state" = no ] || [ "$state" = part ] || continue
		grep -q "^$check: " <<<"$output"
	done < <(tail -n +2 table)
}

@test "an ordinary user gets the states of that user, and remedies with sudo" {
	needs user
	diagnose as_user
	is "$(state 'PSS of other users')" no
	is "$(state PSS)" yes
	is "$(state tracefs)" no
	is "$(remedy 'PSS of other users')" 'sudo memrun -P ...'
	[ "$(state 'process events')" = yes ] || [[ $(remedy 'process events') == 'sudo setcap cap_net_admin'* ]] ||
		[[ $(remedy 'process events') == 'start memrun outside'* ]]
}

@test "a seccomp filter that refuses page-fault events is named" {
	[ "$(uname -m)" = x86_64 ] || skip "needs the system call numbers of x86-64 and i386"
	needs python3
	cat >refuse.py <<-'EOF'
		import ctypes, os, struct, sys
		code = [(0x20, 0, 0, 0),                # load the number of the system call
		    (0x15, 1, 0, 298), (0x15, 0, 1, 336),   # perf_event_open of x86-64 and of i386
		    (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000)]    # EPERM, or allow
		text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
		class Program(ctypes.Structure): _fields_ = [("n", ctypes.c_ushort), ("code", ctypes.c_void_p)]
		libc = ctypes.CDLL(None)
		libc.prctl(38, 1, 0, 0, 0)
		failed = libc.prctl(22, 2, ctypes.byref(Program(len(code), ctypes.addressof(text))))
		os.execvp(sys.argv[1], sys.argv[1:]) if not failed else sys.exit(99)
	EOF
	diagnose python3 refuse.py
	[ "$status" -ne 99 ] || skip "no seccomp filter can be made"
	is "$status" 1
	grep -q "^page-fault events${tab}no${tab}always${tab}a seccomp filter refuses perf_event_open(2)$tab" table
	is "$(remedy 'page-fault events')" 'start the container with --cap-add PERFMON'
}

@test "hidden processes of others are found, with the option of the mount" {
	needs user unshare
	share_programs
	cat >inside <<-EOF
		mount -t proc -o hidepid=2 proc /proc || exit 99
		PATH=$user_build:\$PATH exec setpriv --reuid=61203 --regid=61203 --clear-groups memdoctor -t
	EOF
	unshare -m sh ./inside >table || [ "$?" -eq 1 ]
	is "$(state 'other users')" no
	grep -q 'hidepid=\(2\|invisible\)' table
	is "$(remedy 'other users')" 'sudo mount -o remount,hidepid=0 /proc'
}

@test "a /proc of another PID namespace, or none, ends the checks with its remedy" {
	needs root pidns
	diagnose unshare -pf
	is "$status" 1
	is "$(lines_of table)" 2
	is "$(state /proc)" no
	is "$(remedy /proc)" 'unshare --mount-proc memrun ...'
	diagnose unshare -pf unshare --mount-proc
	is "$(state /proc)" yes
	echo 'mount -t tmpfs none /proc || exit 99; "$@"' >inside
	diagnose unshare -m sh ./inside
	is "$(remedy /proc)" 'mount -t proc proc /proc'
}

@test "wrong usage gives 2, --check tries nothing, --help and --version are printed" {
	for bad in -Z x '--tsv=1' '-t -Z'; do
		run -2 memdoctor $bad
		is "${#lines[@]}" 2
		is "${lines[1]}" 'usage: memdoctor [-t]'
	done
	run -0 memdoctor --check -t
	is "$output" ''
	run -0 memdoctor --help
	is "$output" "$(memdoctor -h)"
	run -0 memdoctor --version
	one_line "$output" '^memdoctor \(mempipe\) [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "an output that cannot be written fails" {
	run -2 sh -c 'memdoctor >/dev/full'
	[[ $output == *'No space left on device' || $output == *'I/O error' ]]
	run -2 sh -c 'memdoctor >&-'
}

@test "it works through a link and in any sh" {
	ln -s "$build/memdoctor" link
	run ./link -t
	local wanted=$status
	for sh in dash bash 'busybox sh'; do
		command -v "${sh%% *}" >/dev/null || continue
		run -"$wanted" $sh "$build/memdoctor" -t
		is "${#lines[@]}" "$(memdoctor -t | wc -l)"
	done
}

@test "on another system than Linux, the table has what the programs report" {
	mkdir fake
	cp "$build/memdoctor" fake/
	printf '#!/bin/sh\necho FreeBSD\n' >fake/uname
	cat >fake/memexec <<-'EOT'
		#!/bin/sh
		case $* in *-g*) echo 'memexec: cannot make a control group: none counts memory here' >&2; exit 125 ;; esac
		printf '#schedule\tadaptive\n#events_refused\tnot supported on this system\n'
		printf '#bound_refused\tnot supported on this system\n'
	EOT
	printf '#!/bin/sh\necho\n' >fake/memsample
	chmod +x fake/*
	run -1 env PATH="$PWD/fake:$PATH" fake/memdoctor
	is "$output" 'CHECK               STATE NEEDED FOR  DETAIL
measuring           yes   always
page-fault events   no    always      not supported on this system
process events      yes   always
bound               no    always      not supported on this system
PSS                 no    always      not supported on this system
control groups      no    -g          none counts memory here
swap                no    footprint   not reported of a process

page-fault events: At rest, ticks are 10 to 100 ms apart, and CPU time is read
  every 16 ms. Memory that is held for less is in the high-water marks only.

bound: The report does not limit what can have been held between two ticks.

PSS: The report does not have how much is shared, and -P has no figures.

control groups: memrun -g is refused.

swap: The report has no footprint.'
	printf '#!/bin/sh\necho memexec: measuring is not supported on this system >&2\nexit 125\n' >fake/memexec
	run -1 env PATH="$PWD/fake:$PATH" fake/memdoctor -t
	is "${lines[1]}" $'measuring\tno\talways\tmeasuring is not supported on this system\tNothing can be measured. Commands run unmeasured.\t'
	is "${#lines[@]}" 2
}
