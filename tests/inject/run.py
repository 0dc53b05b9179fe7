#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Let each system call of the programs fail once, and judge the result.

run.py [-q FAULTS] [-j JOBS] [-k] [-s SCENARIO] [BUILD]

-q: try only this many faults, spread evenly; -s: only the scenarios of this name; -k: keep the files.
A scenario is shell text. @PROGRAM is the path of a program; one of them runs under strace(1). Count the calls
of this program, then let each call fail, with each error that the kernel can return for it.
Every run must end in time and without a crash. A measured command must run as it does alone. The figures
must be true, or a message must be on standard error.
"""
import argparse, collections, ctypes, itertools, json, multiprocessing, os, re, shutil, signal
import subprocess, sys, tempfile

SLOW = bool(os.environ.get("MEMPIPE_SLOW"))
# A run takes less than a second, or two while memexec waits for a sampler.
BOUND_S = 300 if SLOW else 30
DRIFT_S = 0.1 if SLOW else 0  # of the clock: an emulated machine has another start of a process
TOO_LOW = "reported only "
EVERY = 150   # try every call of a kind up to this number; above it, spread the tries evenly

ERRORS = {  # of each call; '-' marks an error that hides a process, see judge()
    "access": "EACCES", "clock_gettime": "EINVAL", "clock_nanosleep": "EINTR", "clone": "EAGAIN ENOMEM",
    "clone3": "EAGAIN ENOMEM", "dup2": "EBUSY EINTR", "dup3": "EBUSY EINTR", "fcntl": "EPERM EINVAL",
    "faccessat": "EACCES", "faccessat2": "EACCES", "fork": "EAGAIN", "fstat": "EIO", "futex": "EAGAIN",
    "getdents64": "EIO ENOMEM -ENOENT", "getpgid": "EPERM -ESRCH", "getpgrp": "", "getpid": "", "getppid": "",
    "getrandom": "EAGAIN ENOSYS", "ioctl": "ENOTTY EIO", "kcmp": "EPERM ENOSYS", "kill": "EPERM -ESRCH",
    "lseek": "ESPIPE", "lstat": "EACCES", "mkdir": "EACCES ENOSPC", "mmap": "ENOMEM", "mprotect": "ENOMEM",
    "brk": "0", "mremap": "ENOMEM", "munmap": "ENOMEM", "nanosleep": "EINTR",
    "newfstatat": "EIO ENOMEM", "open": "EMFILE ENOMEM -EACCES -ENOENT",
    "openat": "EMFILE ENFILE ENOMEM -EACCES -ENOENT", "perf_event_open": "EACCES EMFILE ENOMEM ENOSYS",
    "pidfd_open": "EMFILE ENOSYS EPERM -ESRCH", "pidfd_send_signal": "EPERM ENOSYS -ESRCH", "pipe": "EMFILE",
    "pipe2": "EMFILE ENFILE", "poll": "EINTR ENOMEM", "ppoll": "EINTR ENOMEM", "prctl": "EINVAL EPERM",
    "pread64": "EIO EINTR ENOMEM -ESRCH", "prlimit64": "EPERM EINVAL",
    "read": "EIO EINTR ENOMEM -ESRCH", "readlink": "ENOMEM -EACCES -ENOENT", "rmdir": "EBUSY EACCES",
    "rt_sigaction": "EINVAL", "rt_sigprocmask": "EINVAL", "select": "EINTR ENOMEM", "setpgid": "EPERM EACCES",
    "sigaltstack": "ENOMEM", "signalfd4": "EMFILE ENOMEM", "stat": "EACCES", "statx": "EACCES",
    "vfork": "EAGAIN", "wait4": "EINTR", "waitid": "EINTR", "write": "ENOSPC EIO EINTR EAGAIN EPIPE",
    "writev": "ENOSPC EIO EINTR", "tgkill": "EPERM", "gettid": "", "uname": "EFAULT", "sysinfo": "EFAULT",
    # strace does not execute a call that it lets fail: the descriptor would stay open.
    "close": "", "execve": "", "exit_group": "", "rt_sigreturn": "", "getuid": "", "geteuid": "",
    "restart_syscall": "", "exit": "",
}
LASTING = {"EMFILE", "ENFILE", "ENOMEM", "EACCES", "EIO", "ENOSPC", "ENOSYS"}  # can last from one call on
# The sanitizers' runtime needs these and aborts without them.
RUNTIME = {"mmap", "munmap", "mprotect", "brk", "mremap", "sigaltstack", "clone", "fork", "vfork", "prctl",
           "readlink", "getrandom", "prlimit64", "futex", "rt_sigaction", "rt_sigprocmask"}

SPIKE = "sh -c '@spike -t 20 24; exit 7'"
COLUMNS = "time,pid,ppid,rss,hwm,vsz,comm,swap,shared,threads,user,exe,start,cmd"
# name: judge, text, targets (with `+`: and its children until they execute a program)
SCENARIOS = {
    "run": ("run", "@memexec --to '@memsample -C | @mempeak -s 16 | @memfmt -f json >report' -- " + SPIKE,
            "memexec memexec+ memsample mempeak memfmt"),
    "adaptive": ("run", "@memexec --to '@memsample -a adaptive -P -C | @mempeak | @memfmt -f json >report' -- "
                 + SPIKE, "memsample"),
    "killed": ("run", "@memexec --to '@memsample -C | @memlimit -t 1G -k | @mempeak | @memfmt -f json >report' "
               "-- " + SPIKE, "memlimit"),
    "watched": ("run", "@memexec --to '@memsample -C | @memlive | @mempeak | @memfmt -f json >report' -- "
                + SPIKE, "memlive"),
    "group": ("run", "@memexec -g --to '@memsample -C | @mempeak | @memfmt -f json >report' -- " + SPIKE,
              "memexec memsample"),
    "all": ("run", "@memexec -A -E err --to '@memsample -C | @mempeak | @memfmt -f json >report' -- " + SPIKE,
            "memexec memexec+"),
    "output": ("run", "@memexec -O out --to '@memsample -C | @mempeak | @memfmt -f json >report' -- "
               + SPIKE + "; s=$?; tail -n 1 out; exit $s", "memexec memexec+"),
    "script": ("run", "echo 'become memexec --to \"$TO\" -- \"$@\"' >script; "
               "TO='@memsample -C | @mempeak | @memfmt -f json >report' @memexec -s script " + SPIKE, "memexec"),
    "attach": ("figure", "@memexec --to '@memsample -n 3 -i 5ms -o pid,ppid,rss,comm' -p $TREE", "memexec"),
    "once": ("figure", "@memsample -1 $TREE", "memsample"),
    "log": ("figure", "@memsample -1 -l ticks $TREE && cat ticks", "memsample"),
    "columns": ("figure", "@memsample -1 -o %s $TREE" % COLUMNS, "memsample"),
    "some": ("figure", "@memsample -n 3 -i 5ms $TREE", "memsample"),
    "piped": ("figure", "echo $TREE | @memsample -d 20ms -i 5ms", "memsample"),
    "list": ("exact", "@pstree-pids -l $TREE", "pstree-pids"),
    "piped-list": ("exact", "echo $TREE | @pstree-pids", "pstree-pids"),
    "name": ("exact", "@pstree-pids -x -n $NAME", "pstree-pids"),
    "match": ("exact", "l=$(@pstree-pids -x -m \"$MATCH\"); s=$?; for p in $l; do case \" $MEMBERS \" in "
              "*\" $p \"*) echo $p ;; esac; done; exit $s", "pstree-pids"),
    "of-group": ("exact", "@pstree-pids -x -c $GROUP", "pstree-pids"),
    "peak": ("exact", "@mempeak -s 16 <samples", "mempeak"),
    "peak-file": ("exact", "@mempeak -g ppid -I '^s' samples", "mempeak"),
    **{"fmt-" + f: ("exact", "@memfmt -f %s <peaks" % f, "memfmt")
       for f in "text json csv markdown prometheus folded bytes timeline-csv".split()},
    "fmt-outputs": ("exact", "rm -f c; @memfmt -f json -o a -f csv -o b -f tsv --append -o c <peaks && cat a b c", "memfmt"),
    "fmt-graph": ("exact", "@memfmt -G -t peaks", "memfmt"),
    "fmt-template": ("exact", "@memfmt -T '{rss}\n' peaks", "memfmt"),
    "diff": ("exact", "@memdiff -t 1000% peaks peaks", "memdiff"),
    "leak": ("exact", "@memleak samples", "memleak"),
    "tree": ("exact", "@memtree <samples", "memtree"),
    "live": ("exact", "@memlive <samples", "memlive"),
    "pass": ("exact", "@memlimit -t 100G <samples", "memlimit"),
    "screen": ("ends", "TERM=xterm python3 $TOP/tests/terminal.py 24 80 sh -c '@memlive <samples >/dev/null'", "memlive"),
    "tree-screen": ("ends", "TERM=xterm python3 $TOP/tests/terminal.py 24 80 sh -c '@memtree -w <samples'", "memtree"),
    "kill": ("kill", "sleep 99 & v=$!; printf 'time\\tpid\\tppid\\trss_kib\\n1\\t%s\\t%s\\t9999\\n' $v $$ | "
             "@memlimit -t 1M -k -g 100ms >/dev/null; s=$?; kill -9 $v 2>/dev/null && echo alive; exit $s",
             "memlimit"),
}


class Case(collections.namedtuple("Case", "scenario target call n error lasting loader")):
    def inject(self):
        how = "retval" if self.error == "0" else "error"  # brk(2) returns the present end on failure
        return "inject=%s:%s=%s:when=%d%s" % (self.call, how, self.error.lstrip("-"), self.n,
                                              "+" if self.lasting else "")

    def __str__(self):
        return "%s: %s: %s" % (self.scenario, self.target, self.inject())


class Result(collections.namedtuple("Result", "status out err log report hung left")):
    """The result of a run: its status as from wait(2), its output, and the processes and groups left."""


class Bench:
    def __init__(self, build, top):
        self.home = tempfile.mkdtemp(prefix="inject.")
        self.build, self.top, self.reference = self.link(build, "build"), self.link(top, "top"), {}
        build, top = self.build, self.top
        self.env = dict(os.environ, LC_ALL="C", TOP=top, ASAN_OPTIONS="detect_leaks=0",
                        PATH=build + ":" + os.environ["PATH"])
        with open(build + "/memexec", "rb") as f:
            self.sanitized = b"__asan_init" in f.read()

    def link(self, folder, name):
        """Return FOLDER, or a link to it if the shell would split its name."""
        if not re.search(r"[^\w/.+-]", folder):
            return folder
        os.symlink(folder, self.home + "/" + name)
        return self.home + "/" + name

    # ---- what all scenarios measure

    def prepare(self):
        self.env["NAME"] = name = "in%d" % os.getpid()
        shutil.copy(self.build + "/spike", self.home + "/" + name)
        text = "%s/%s -t 9999999 -b 1 8 & spike -t 9999999 24 & wait" % (self.home, name)
        self.groups = self.find_groups()
        self.tree = subprocess.Popen(["sh", "-c", text], cwd=self.home, env=self.env, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, start_new_session=True)
        self.env["TREE"] = str(self.tree.pid)
        self.env["GROUP"] = self.groups[0] if self.groups else ""
        self.shell("until [ $(memsample -1H $TREE | awk -F'\\t' '{ s += $4 } END { print s + 0 }') -gt 33000 ]; do "
                   "sleep 0.05; done")
        self.shell("memexec --to 'memsample -C >samples' -- spike -t 50 24 >/dev/null; "
                   "mempeak -s 16 samples >peaks")
        members = subprocess.run([self.build + "/pstree-pids", self.env["TREE"]], stdout=subprocess.PIPE, text=True)
        self.env["MEMBERS"] = " ".join(members.stdout.split())
        self.env["MATCH"] = "spike -t 9999999"
        try:
            if self.groups:
                self.shell("for p in $(pstree-pids $TREE); do echo $p >$GROUP/cgroup.procs; done 2>/dev/null")
        except subprocess.CalledProcessError:
            self.groups, group = [], self.groups[0]
            os.rmdir(group)

    def shell(self, text):
        subprocess.run(["sh", "-c", text], cwd=self.home, env=self.env, check=True, timeout=60)

    def find_groups(self):
        """Make a control group for the tree. Return [path], or [] if none can be made."""
        with open("/proc/self/cgroup") as f:
            own = {c: p for _, c, p in (l.rstrip("\n").split(":", 2) for l in f)}
        at = ("/sys/fs/cgroup/memory" + own["memory"] if "memory" in own else
              "/sys/fs/cgroup" + own.get("", "/")) + "/inject-%d" % os.getpid()
        try:
            os.mkdir(at)
            return [at]
        except OSError:
            return []

    def close(self, keep):
        for pid in subprocess.run([self.build + "/pstree-pids", str(self.tree.pid)], stdout=subprocess.PIPE,
                                  text=True).stdout.split():
            os.kill(int(pid), signal.SIGKILL)
        self.tree.wait()
        for group in self.groups:
            for _ in range(50):
                try:
                    os.rmdir(group)
                    break
                except OSError:
                    signal.sigtimedwait([], 0.02)
        if not keep:
            shutil.rmtree(self.home)

    # ---- one run

    def text(self, name, target, inject, log):
        program, children = target.rstrip("+"), target.endswith("+")
        traced = "strace -qq -o %s %s%s %s/%s" % (
            log, "-f -b execve " if children else "", "-e " + inject if inject else "", self.build, program)
        return re.sub(r"@([a-z-]+)", lambda m: traced if m[1] == program else self.build + "/" + m[1],
                      SCENARIOS[name][1])

    def run(self, name, target, inject=None, env=()):
        work = tempfile.mkdtemp(dir=self.home)
        for f in ("samples", "peaks"):
            if os.path.exists(self.home + "/" + f):
                os.link(self.home + "/" + f, work + "/" + f)
        with open(work + "/stdout", "wb") as out, open(work + "/stderr", "wb") as err:
            p = subprocess.Popen(["sh", "-c", self.text(name, target, inject, work + "/log")], cwd=work,
                                 env=dict(self.env, **dict(env)), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 start_new_session=True)
        status, hung = wait_for_all(p)
        left = [g for g in groups_left(work)]
        texts = [slurp(work + "/" + f) for f in ("stdout", "stderr", "log", "report")]
        if os.path.exists(work + "/err"):
            texts[1] += slurp(work + "/err")
        shutil.rmtree(work)
        return Result(status, *texts, hung, left)

    # ---- the list of faults

    def count(self, log):
        """Return the number of calls of each kind, of the process that makes most of them."""
        counts = collections.defaultdict(collections.Counter)
        for line in log.splitlines():
            m = re.match(r"(?:(\d+) +)?([a-z_0-9]+)\(", line)
            if m:
                counts[m[1]][m[2]] += 1
        most = collections.Counter()
        for c in counts.values():
            most |= c
        return most

    def cases(self, name, target):
        ref = self.run(name, target)
        self.reference[name, target] = ref
        if name == "group" and ref.status == 125 << 8:
            return {}, []  # no control group can be made
        none = Case(name, target, "", 0, "", False, False)
        why = judge(none, ref, self.reference)[1]
        if why:
            raise Unfit("%s: %s: without a fault: %s" % (name, target, why))
        # For a control group, memexec may become systemd-run, whose faults are its own.
        calls = self.count(re.split(r"execve\([^\n]*/systemd-run", ref.log)[0])
        begin = self.run(name, target, env={"LD_DEBUG": "files"}).log
        begin = begin[:begin.find("transferring control")] if "transferring control" in begin else ""
        loading = self.count(begin)
        cases = []
        for call, n in sorted(calls.items()):
            if self.sanitized and call in RUNTIME:
                continue
            which = range(1, n + 1) if n <= EVERY else sorted({1 + i * (n - 1) // (EVERY - 1) for i in range(EVERY)})
            for error in ERRORS.get(call, "ENOSYS").split():
                cases += [Case(name, target, call, i, error, False, i <= loading[call]) for i in which]
                if error in LASTING and n > loading[call]:
                    own = n - loading[call]
                    cases += [Case(name, target, call, loading[call] + i, error, True, False)
                              for i in sorted({1, 1 + own // 4, 1 + own // 2})]
        if name != "run":  # the loader makes the same calls in every scenario
            cases = [c for c in cases if not c.loader]
        return calls, cases

    def try_case(self, case):
        for _ in range(3):
            result = self.run(case.scenario, case.target, case.inject())
            kind, why = judge(case, result, self.reference)
            if not why.startswith(TOO_LOW):
                break  # otherwise the machine may have been too busy to sample in time
        if "(INJECTED)" not in result.log:
            kind = "not reached"
        return case, "failed" if why else kind, why, result if why else None


def slurp(path):
    try:
        with open(path, "rb") as f:
            return f.read().decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def groups_left(work):
    """Return the control groups that a run has not removed, and remove them."""
    for path in re.findall(r'mkdir\("([^"]*/mempipe-\d+)", 0755\) += 0', slurp(work + "/log")):
        if os.path.isdir(path):
            yield path
            os.rmdir(path)


class Late(Exception):
    pass


class Unfit(Exception):
    pass


def wait_for_all(p):
    """Wait for P and its orphans. Return the status of P and the processes that did not exit in time."""
    def late(*_):
        raise Late
    signal.signal(signal.SIGALRM, late)
    status, hung = None, ""
    while True:
        try:
            signal.setitimer(signal.ITIMER_REAL, BOUND_S)
            while True:
                pid, s = os.waitpid(-1, 0)
                if pid == p.pid:
                    status = p.returncode = s
        except ChildProcessError:
            signal.setitimer(signal.ITIMER_REAL, 0)
            return status, hung
        except Late:
            left = list(descendants(os.getpid()))
            hung = hung or ", ".join(map(state, left)) or "?"
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass


def state(pid):
    """Return the name and state of PID, as `memsample S`; T is stopped, t is traced."""
    return " ".join(re.findall(r"^(?:Name|State):\t(\S+)", slurp("/proc/%d/status" % pid), re.M))


def descendants(pid):
    for child in slurp("/proc/%d/task/%d/children" % (pid, pid)).split():
        yield from descendants(int(child))
        yield int(child)


# ---- judging

def messages(err):
    """Return the lines on standard error."""
    return [l for l in err.splitlines() if l]


def unclear(case, err):
    lines = messages(err)
    for line in lines:
        if not re.match(r"(mem[a-z]+|pstree-pids|script|strace|sh|/bin/sh)(: |$)", line) and "error while loading" not in line:
            return "not a clear line: " + line
    return "more than eight lines" if len(lines) > 8 else ""


def crashed(case, r):
    own = [l for l in r.log.splitlines() if re.match(r"(\d+ +)?\+\+\+ killed by SIG", l)]
    if r.hung:
        return "did not end: " + r.hung
    if re.search(r"Sanitizer|runtime error:|stack smashing|core dumped", r.err):
        return "crashed"
    if case.target == "memexec+":
        own = [l for l in own if "SIGKILL" not in l]  # memexec kills its pipeline
    return own[0] if own and "SIGPIPE" not in own[0] else ""


def judge(case, r, reference):
    """Return the kind of the outcome and what is wrong, or ''."""
    ref = reference[case.scenario, case.target]
    how = SCENARIOS[case.scenario][0]
    why = crashed(case, r)
    if case.loader:
        judged = how == "run" and not case.target.startswith("memexec") and not r.hung
        return "loader", command_ran(case, r, ref) if judged else why if r.hung else ""
    if why:
        return "", why
    if case.error.startswith("-") and how != "run":
        return "hidden", ""
    return {"run": judge_run, "exact": judge_exact, "figure": judge_figure, "kill": judge_kill,
            "ends": lambda *_: ("ended", "")}[how](case, r, ref)


def is_mute(case):
    """Return whether no message can be written."""
    return case.lasting and case.call.startswith("write")


def command_ran(case, r, ref):
    # If memexec became the command, strace has detached from it and exits by itself.
    detached = case.target == "memexec+" and "unmeasured" in r.err and r.status == 0
    if r.status != ref.status and not detached:
        return "status %#x" % r.status
    return "" if re.fullmatch(r"\d+\n", r.out) else "the command's output is %r" % r.out


def unstarted(err):
    return re.fullmatch(r"(memexec|script): (out|err|script|/bin/sh|signals|cannot (make a control group|start a process)|/.*/mempipe-\d+): "
                        r".+\n"
                        r"((mem[a-z]+|tail): .*\n)*", err)


def judge_run(case, r, ref):
    # The command was not started, because what the options ask for cannot be done.
    if r.status == 125 << 8 and case.scenario in ("group", "all", "output", "script") and (unstarted(r.err) or is_mute(case)):
        return "refused", "a control group is left" if r.left and "mempipe-" not in r.err else ""
    why = command_ran(case, r, ref) or unclear(case, r.err)
    if not why and r.left and "mempipe-" not in r.err:
        why = "a control group is left"
    if why:
        return "", why
    hidden = case.error.startswith("-")
    warned = bool(messages(r.err))
    try:
        report = json.loads(r.report)
        rss, bound, partial = report["peak_rss_kib"], report["peak_rss_bound_kib"], not report["complete"]
    except (ValueError, KeyError, TypeError):
        return ("warned", "") if warned or hidden or is_mute(case) else ("", "no report and no message: %.200r" % r.report)
    truth = int(r.out)
    if rss > 1.05 * (truth + 4096):
        return "", "reported %d of %d" % (rss, truth)
    if warned or partial or hidden:
        return "warned" if warned else "gap" if partial else "hidden", ""
    if bound < truth:
        return "", "reported at most %d of %d" % (bound, truth)
    if rss < truth / 2:
        return "", TOO_LOW + "%d of %d" % (rss, truth)
    return "correct", ""


def judge_exact(case, r, ref):
    warned, why = bool(messages(r.err)), unclear(case, r.err)
    if why:
        return "", why
    if r.out == ref.out and r.status == ref.status:
        return ("warned", "") if warned and r.err != ref.err else ("correct", "")
    if not warned and is_mute(case) and r.status != 0:
        return "mute", ""
    if not warned:
        return "", "no message, status %#x, but %r" % (r.status, r.out)
    return ("warned", "") if r.status != 0 else ("", "status 0, but %r" % r.out)


def rows(text):
    """Return the rows of a stream as {pid: fields}, without times."""
    by_pid, header = {}, []
    for line in text.splitlines():
        fields = line.split("\t")
        if line.startswith("#"):
            continue
        if "pid" in fields:
            header = fields
        else:
            row = dict(zip(header, fields))
            row.pop("time", None)
            by_pid[row.get("pid")] = row
    return by_pid


def judge_figure(case, r, ref):
    """Require every process, each with the same fields as without a fault, or empty ones."""
    warned, why = bool(messages(r.err)), unclear(case, r.err)
    if why:
        return "", why
    if warned:
        return "warned", "" if r.status != 0 or rows(r.out).keys() == rows(ref.out).keys() else "status 0"
    if is_mute(case) and r.status != 0:
        return "mute", ""
    if r.status != ref.status:
        return "", "status %#x without a message" % r.status
    now, then = rows(r.out), rows(ref.out)
    if now.keys() != then.keys():
        return "", "other processes: %r" % r.out
    gap = False
    for pid in now:
        for key in now[pid]:
            if key == "start":
                wrong = abs(float(now[pid][key] or then[pid][key]) - float(then[pid][key])) > DRIFT_S
            elif key == "hwm_kib":
                wrong = abs(int(now[pid][key] or then[pid][key]) - int(then[pid][key])) > 1024
            else:
                wrong = now[pid][key] not in ("", then[pid][key]) and (key != "user" or not now[pid][key].isdigit())
            gap |= now[pid][key] == ""
            if wrong:
                return "", "%s of %s is %r" % (key, pid, now[pid][key])
    return ("gap" if gap else "correct"), ""


def judge_kill(case, r, ref):
    why = unclear(case, r.err)
    if why or r.status == 0:
        return "", why or "status 0"
    if "alive" in r.out and len(messages(r.err)) <= len(messages(ref.err)) and r.err == ref.err:
        return "", "still running without a message: " + r.err
    return ("correct", "") if r.err == ref.err else ("warned", "")


# ---- all cases

bench = None


def begin_worker():
    os.nice(5)
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, to find all orphans


def try_case(case):
    return bench.try_case(case)


def list_cases(pair):
    return pair, bench.cases(*pair), {k: v for k, v in bench.reference.items() if k == pair}


def can_trace(build):
    if shutil.which("strace") is None:
        return "strace is not installed"
    p = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "inject=getpid:error=EPERM:when=99", "true"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "" if p.returncode == 0 else "strace can't: " + p.stdout.strip().splitlines()[0]


def main():
    global bench
    ap = argparse.ArgumentParser(usage="run.py [-q faults] [-j jobs] [-k] [-s scenario] [build]")
    ap.add_argument("-q", type=int, default=0)
    ap.add_argument("-j", type=int, default=2)
    ap.add_argument("-k", action="store_true")
    ap.add_argument("-s", action="append")
    ap.add_argument("build", nargs="?", default="build")
    o = ap.parse_args()
    why = can_trace(o.build)
    if why:
        sys.exit("inject: " + why)
    os.environ.pop("MEMPIPE_BUILD", None)
    bench = Bench(os.path.abspath(o.build), os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    try:
        bench.prepare()
        sys.exit(run_all(o))
    except Unfit as e:
        sys.exit("inject: %s" % e)
    finally:
        bench.close(o.k)


def run_all(o):
    pairs = [(name, target) for name, (_, _, targets) in SCENARIOS.items() for target in targets.split()
             if (not o.s or name in o.s) and (bench.groups or name not in ("group", "of-group"))]
    calls, cases = 0, []
    with multiprocessing.Pool(o.j, begin_worker) as pool:
        for _, (counts, more), reference in pool.imap(list_cases, pairs):
            calls += sum(counts.values())
            cases += more
            bench.reference.update(reference)
    if o.q and len(cases) > o.q:
        cases = [cases[i * len(cases) // o.q] for i in range(o.q)]
    kinds, failures = collections.Counter(), 0
    with multiprocessing.Pool(o.j, begin_worker) as pool:  # new workers have the references
        for case, kind, why, result in pool.imap_unordered(try_case, cases):
            kinds[kind] += 1
            if kind != "failed":
                continue
            failures += 1
            print("%s\n  %s" % (case, why), flush=True)
            if o.k:
                print("  stderr: %r\n  %s" % (result.err, "\n  ".join(
                    l for l in result.log.splitlines() if "INJECTED" in l or "+++" in l) +
                    "\n  last: " + result.log[-300:]), flush=True)
    print("%d scenarios, %d calls, %d faults: %s" % (len(pairs), calls, len(cases), ", ".join(
        "%d %s" % (n, k) for k, n in sorted(kinds.items()) if k != "failed") + ", %d failed" % failures))
    return failures > 0


if __name__ == "__main__":
    main()
