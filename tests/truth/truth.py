#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare reported peaks with the true ones, which the kernel's tracepoint kmem:rss_stat gives.

    truth.py [-n RUNS] [-m MODE,...] [-s SEEDS] [-f SEED] [-v] BUILD [PROGRAM...]

Each program runs RUNS times (5) under memrun in each mode (default, unprivileged, adaptive), while the kernel traces
each change of each resident counter of the tree. Print reported/true (least, median, most), bound/true (most, median)
and in how many runs the true peak was between the reported peak and the bound. The program `trees` is SEEDS random
trees (100) from SEED (1) on, one run each. -v prints each run.

Needs root and tracefs. Without them, print the reason; the exit status is 0.
"""
import argparse, json, os, re, shutil, signal, statistics, struct, subprocess, sys, tempfile, time

TRACEFS = "/sys/kernel/tracing"
MODES = ("default", "unprivileged", "adaptive")
ORDINARY_UID = 65534
SLACK_KIB = 256  # the kernel's own marks are some pages off
RSS = {"MM_FILEPAGES", "MM_ANONPAGES", "MM_SHMEMPAGES"}


def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


class Trace:
    """A trace instance of its own that follows one process and its descendants."""

    def __init__(self, kib_per_cpu):
        self.dir = f"{TRACEFS}/instances/mempipe-{os.getpid()}"
        os.mkdir(self.dir)
        write(f"{self.dir}/trace_clock", "mono")
        write(f"{self.dir}/buffer_size_kb", str(kib_per_cpu))
        write(f"{self.dir}/options/event-fork", "1")
        for event in ("kmem/rss_stat", *(f"sched/sched_process_{e}" for e in ("fork", "exec", "exit"))):
            write(f"{self.dir}/events/{event}/enable", "1")
        # Opened with O_APPEND: O_TRUNC traces every process for a moment.
        self.pids_fd = os.open(f"{self.dir}/set_event_pid", os.O_WRONLY | os.O_APPEND)
        write(f"{self.dir}/tracing_on", "0")

    def clear(self):
        open(f"{self.dir}/set_event_pid", "w").close()
        open(f"{self.dir}/trace", "w").close()
        write(f"{self.dir}/tracing_on", "1")

    def stop(self):
        write(f"{self.dir}/tracing_on", "0")

    def lost(self):
        n = 0
        for cpu in os.listdir(f"{self.dir}/per_cpu"):
            with open(f"{self.dir}/per_cpu/{cpu}/stats") as f:
                n += sum(int(l.split(":")[1]) for l in f if l.startswith(("overrun", "dropped events")))
        return n

    def close(self):
        os.close(self.pids_fd)
        write(f"{self.dir}/tracing_on", "0")
        os.rmdir(self.dir)


#   cc1-1234    [001] ..... 12.345678: rss_stat: mm_id=123 curr=1 type=MM_ANONPAGES size=4096B
LINE = re.compile(r"-(\d+)\s+\[\d+\] \S+\s+([\d.]+): (rss_stat|sched_process_\w+): (.*)")
STAT = re.compile(r"mm_id=(\d+) curr=(\d) type=(\w+) size=(-?\d+)B")
FORK = re.compile(r" pid=(\d+) .*child_pid=(\d+)")


class Tree:
    """The address spaces of a process tree, from the lines of a trace.

    An address space counts from the first event that a task of its own causes (curr=1): tasks change the counters of
    others too. It ends when its last task has exited or executed another program. The kernel frees it then, but a reader
    of /proc at that moment may do it instead, unseen by the trace.
    """

    def __init__(self, root):
        self.tasks, self.spaces, self.users, self.space_of, self.left = {root}, {}, {}, {}, {}
        self.total = 0  # bytes

    def add(self, line):
        """Take a line. Return its time, or None if it is of no interest."""
        found = LINE.search(line)
        if found is None:
            return None
        task, event, rest = int(found[1]), found[3], found[4]
        if event == "sched_process_fork":
            fork = FORK.search(" " + rest)
            if fork and int(fork[1]) in self.tasks:
                self.tasks.add(int(fork[2]))
        elif task not in self.tasks:
            return None
        elif event == "rss_stat":
            self._change(task, STAT.match(rest))
        else:
            if event == "sched_process_exit":
                self._leave(task)
            for space in self.left.pop(task, ()):
                self._end(space)
        return float(found[2])

    def _change(self, task, stat):
        if stat is None or stat[3] not in RSS:
            return
        space = stat[1]
        if stat[2] == "1" and self.space_of.get(task) != space:
            self._leave(task)
            self.space_of[task] = space
            if space not in self.users:
                self.users[space] = set()
                self.total += sum(self.spaces.get(space, {}).values())
            self.users[space].add(task)
        values = self.spaces.setdefault(space, {})
        size = max(int(stat[4]), 0)
        if space in self.users:
            self.total += size - values.get(stat[3], 0)
        values[stat[3]] = size

    def _leave(self, task):
        space = self.space_of.pop(task, None)
        if space is not None:
            self.users[space].discard(task)
            self.left.setdefault(task, []).append(space)

    def _end(self, space):
        if space in self.users and not self.users[space]:
            self.total -= sum(self.spaces[space].values())
            self.spaces[space] = {}
            del self.users[space]


def peak_of(trace, root):
    """Return the largest sum over the tree's address spaces in KiB, and when it was (monotonic seconds)."""
    tree, best, when = Tree(root), 0, 0.0
    with open(f"{trace.dir}/trace", errors="replace") as f:
        for line in f:
            at = tree.add(line)
            if at is not None and tree.total > best:
                best, when = tree.total, at
    return best // 1024, when


def command_of(program, build, work):
    """Return the shell text that runs PROGRAM in the folder WORK, or None and the reason why it cannot."""
    preparation, text = PROGRAMS[program]
    for need in re.findall(r"@(\S+)", preparation):
        if shutil.which(need) is None:
            return None, f"{need} is not installed"
    script = re.sub(r"@\S+", "", preparation)
    done = subprocess.run(["sh", "-euc", script], cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env=environment(build))
    if done.returncode != 0:
        return None, "preparation failed: " + done.stderr.decode(errors="replace").strip()[-200:]
    return text, None


def environment(build):
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return dict(env, TOP=top, BUILD=build, HOME=env.get("HOME", "/root"))


PROGRAMS = {  # name: (what it needs and how it is prepared, what is measured)
    "make": ("cd \"$TOP\" && cp -r Makefile lib cmd share tests \"$OLDPWD\"", "make -s -B -j2 BUILD=out"),
    "loop": ("", "i=0; while [ $i -lt 300 ]; do ls / >/dev/null; i=$((i + 1)); done"),
    "sort": ("seq 3000000 | awk '{ print ($1 * 7919) % 1000003 }' >n", "sort -S200M --parallel=2 n >/dev/null"),
    "xz": ("@xz seq 6000000 >n", "xz -T2 -6 -k -c n >/dev/null"),
    "pool": ("@python3 cat >p.py <<'E'\nimport multiprocessing, random, time\n"
             "def work(i):\n    b = bytearray(random.Random(i).randrange(5, 90) << 20)\n"
             "    time.sleep(.02)\n    return len(b)\n"
             "if __name__ == '__main__':\n    multiprocessing.Pool(4).map(work, range(30), 1)\nE\n", "python3 p.py"),
    "node": ("@node cat >n.js <<'E'\nconst a = []; for (let i = 0; i < 200; i++) a.push(new Array(1e5).fill(i)); "
             "console.log(a.length)\nE\n", "node n.js"),
    "javac": ("@javac mkdir -p src; for i in $(seq 60); do "
              "echo \"public class C$i { int f(int x) { return x + $i; } }\" >src/C$i.java; done\n"
              "echo 'public class Main { public static void main(String[] a) { byte[][] b = new byte[100][]; "
              "for (int i = 0; i < 100; i++) b[i] = new byte[1 << 20]; "
              "System.out.println(b.length); } }' >src/Main.java",
              "javac -d out src/*.java && java -cp out Main"),
    "go": ("@go mkdir m; cd m; go mod init m 2>/dev/null; printf 'package main\\nimport (\"fmt\"; \"net/http\")\\n"
           "func main() { fmt.Println(http.StatusOK) }\\n' >main.go", "cd m && GOCACHE=$PWD/../c$$ go build -o x ."),
    "cargo": ("@cargo cargo init --quiet --vcs none m; cd m; "
              "for i in $(seq 400); do echo \"pub fn f$i(x: u64) -> Vec<u64> "
              "{ (0..x + $i).map(|a| a * $i).collect() }\"; done >>src/main.rs",
              "cd m && cargo build --quiet --offline --target-dir t$$"),
    "lua": ("@make @apt-get apt-get source -qq lua5.4 2>/dev/null || { mkdir s; cd s; "
            "for i in $(seq 40); do { echo '#include <stdio.h>'; "
            "for j in $(seq 200); do "
            "echo \"int f${i}_$j(int x) { "
            "for (int k = 0; k < x; k++) printf(\\\"%d\\\", k * $j); return x; }\"; done; } >f$i.c; done; "
            "printf 'all: $(patsubst %%.c,%%.o,$(wildcard *.c))\\n' >Makefile; }",
            "cd s* 2>/dev/null || cd lua*; make -s -B -j2 CFLAGS=-O2 all"),
    "pgbench": ("@pgbench", "\"$TOP\"/tests/truth/pgbench.sh"),
    "chromium": ("@chromium", "chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
                 "--disable-background-networking --disable-component-update --disable-sync "
                 "--user-data-dir=$PWD/u$$ --screenshot=s.png about:blank"),
}


def run_once(trace, build, mode, text, work):
    """Run TEXT under memrun. Return (true, reported, bound) in KiB, or a reason."""
    report = f"{work}/report.json"
    inner = (f"echo $$ >&{trace.pids_fd}; exec {trace.pids_fd}>&-; echo $$ >{work}/root; cd {work}; "
             f"exec sh -c '{quote(text)}'")
    schedule = "adaptive" if mode == "adaptive" else "auto"
    words = [f"{build}/memrun", "-j", "-o", report, "-a", schedule, "sh", "-c", inner]
    if mode == "unprivileged":
        subprocess.run(["chown", "-R", f"{ORDINARY_UID}:{ORDINARY_UID}", work], check=True)
        words = ["setpriv", f"--reuid={ORDINARY_UID}", f"--regid={ORDINARY_UID}", "--clear-groups"] + words
    for f in (report, f"{work}/root"):
        if os.path.exists(f):
            os.unlink(f)
    trace.clear()
    done = subprocess.run(words, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          pass_fds=[trace.pids_fd], env=environment(build), timeout=300)
    trace.stop()
    if not os.path.exists(report):
        return "no report: " + done.stderr.decode(errors="replace").strip()[-200:]
    with open(report) as f:
        r = json.load(f)
    if trace.lost():
        return "the trace lost events"
    with open(f"{work}/root") as f:
        true_kib, _ = peak_of(trace, int(f.read()))
    return true_kib, r["peak_rss_kib"], r["peak_rss_bound_kib"], r


def quote(text):
    return text.replace("'", "'\\''")


def is_held(true, reported, bound):
    return reported <= true * 1.01 + SLACK_KIB and bound >= true * 0.99 - SLACK_KIB


def summarize(name, mode, results):
    if not results:
        return
    low = [r[1] / r[0] for r in results]
    high = [r[2] / r[0] for r in results]
    held = sum(is_held(*r[:3]) for r in results)
    true_mib = statistics.median(r[0] for r in results) / 1024
    print(f"{name:<10} {mode:<13} {true_mib:8.1f}  {min(low):6.3f} {statistics.median(low):6.3f}"
          f" {max(low):6.3f}  {max(high):6.3f} {statistics.median(high):6.3f}  {held:3d}/{len(results)}", flush=True)


def measure(options, trace, name, mode, runs):
    results = []
    for run in range(runs):
        with tempfile.TemporaryDirectory(prefix="mempipe-truth-") as work:
            os.chmod(work, 0o755)
            if name == "trees":
                text = f"exec {options.build}/random_tree {options.first + run}"
            else:
                text, why = command_of(name, options.build, work)
                if text is None:
                    print(f"{name:<10} {mode:<13} skipped: {why}", flush=True)
                    return results
            result = run_once(trace, options.build, mode, text, work)
            if isinstance(result, str):
                print(f"{name:<10} {mode:<13} {result}", flush=True)
                continue
            results.append(result)
            if options.verbose:
                true, reported, bound, r = result
                print(f"  {name} {run} {mode}: true {true} reported/true {reported / true:.3f}"
                      f" bound/true {bound / true:.3f}"
                      f"{'' if is_held(true, reported, bound) else '  FALSE'} ticks {r.get('ticks')}", flush=True)
    return results


def why_not():
    """Return the reason why nothing can be traced here, or None."""
    if os.geteuid() != 0:
        return "only root may trace"
    if not os.path.isdir(f"{TRACEFS}/instances"):
        if subprocess.run(["mount", "-t", "tracefs", "none", TRACEFS], stderr=subprocess.DEVNULL).returncode != 0:
            return f"{TRACEFS}: tracefs cannot be mounted"
    if not os.path.isdir(f"{TRACEFS}/events/kmem/rss_stat"):
        return "the kernel has no tracepoint kmem:rss_stat"
    return None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("-n", dest="runs", type=int, default=5)
    p.add_argument("-m", dest="modes", default=",".join(MODES))
    p.add_argument("-s", dest="seeds", type=int, default=100)
    p.add_argument("-f", dest="first", type=int, default=1, help="the first seed")
    p.add_argument("-v", dest="verbose", action="store_true")
    p.add_argument("build")
    p.add_argument("programs", nargs="*")
    options = p.parse_args()
    options.build = os.path.abspath(options.build)
    reason = why_not()
    if reason is not None:
        print(f"truth: {reason}")
        return
    trace = Trace(200000)
    try:
        print(f"{'program':<10} {'mode':<13} {'true MiB':>8}  {'least':>6} {'median':>6} {'most':>6}"
              f"  {'bound':>6} {'median':>6}  held")
        for name in options.programs or list(PROGRAMS) + ["trees"]:
            for mode in options.modes.split(","):
                runs = options.seeds if name == "trees" else options.runs
                summarize(name, mode, measure(options, trace, name, mode, runs))
    finally:
        trace.close()


if __name__ == "__main__":
    main()
