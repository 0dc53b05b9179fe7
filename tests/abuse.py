#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kill and stop stages of memrun's pipeline at random moments, and check the results.

usage: abuse.py [-j jobs] [-n run] [-s seed] times

The programs are those in PATH. Whatever happens to the stages, the command must
exit as it does unmeasured, with all its output and in the same time. memrun must
exit too, leave no process, file or control group, and warn if its report is
missing or incomplete.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SLOW = 10 if os.environ.get("MEMPIPE_SLOW") else 1  # times slower than others
HOLD = 2.0  # seconds that memexec waits for a sampler
SLACK = 4.0 * SLOW  # seconds that a busy machine may add
REST = 1.0 * SLOW  # seconds in which the other processes exit
END = 20.0 * SLOW  # seconds after which a process counts as hanging
MIB = 24

# The program and its options; @R is the report, @S the samples.
MEASURES = [
    ["memrun"],
    ["memrun", "-j", "-o", "@R"],
    ["memrun", "-j", "-o", "@R", "-s", "@S"],
    ["memrun", "-j", "-o", "@R", "-w"],
    ["memrun", "-j", "-o", "@R", "-t", "1G"],
    ["memrun", "-j", "-o", "@R", "-t", "1G", "-k", "-s", "@S", "-w"],
    ["memrun", "-j", "-o", "@R", "-P"],
    ["memrun", "-j", "-o", "@R", "-g"],
    ["memrun", "-j", "-o", "@R", "-a", "adaptive"],
    ["memrun", "-j", "-o", "@R", "-i", "1"],
    ["memrun", "-j", "-o", "@R", "-A"],
    ["memrun", "-q", "-o", "@R"],
    ["membench", "-n", "2"],
    ["membench", "-n", "2", "-P", "-o", "@R"],
    ["membench", "-n", "1", "--save", "it", "-o", "@R"],
]
SIGNALS = ["KILL", "STOP", "PAUSE", "SEGV", "TERM", "ABRT"]
MOMENTS = ["any", "any", "any", "first", "held", "end"]
TARGETS = ["one", "one", "one", "two", "all", "memexec"]
WARNED = re.compile(r"^(memrun|memexec): .*(missing or partial|unmeasured|ended before)"
                    r"|INCOMPLETE|^memfmt: .*incomplete", re.M)


MARK = "MEMPIPE_ABUSE"  # in the environment of each run: the pipeline has a session of its own


def processes_of(sid, mark, first=0):
    """Return (pid, state, pgrp) of the processes of a run whose PID is at least FIRST."""
    found = []
    for pid in os.listdir("/proc"):
        if not pid.isdigit() or int(pid) < first:
            continue
        try:
            with open(f"/proc/{pid}/stat", "rb") as f:
                rest = f.read().rpartition(b")")[2].split()
            with open(f"/proc/{pid}/environ", "rb") as f:
                marked = mark.encode() in f.read().split(b"\0")
        except OSError:
            continue
        if int(rest[3]) == sid or marked:
            found.append((int(pid), rest[0].decode(), int(rest[2])))
    return found


def groups_named(name):
    """Return the control groups of this name."""
    return [os.path.join(d, name) for d, below, _ in os.walk("/sys/fs/cgroup") if name in below]


class Run:
    """One measurement with one fault."""

    def __init__(self, seed, number):
        r = self.random = random.Random(f"{seed}:{number}")
        self.number = number
        self.mark = f"{MARK}={os.getpid()}:{number}"
        self.words = r.choice(MEASURES)
        self.signal = r.choice(SIGNALS)
        self.moment = r.choice(MOMENTS)
        self.target = r.choice(TARGETS)
        if self.target == "memexec":
            self.signal = "KILL"
            self.words = r.choice([w for w in MEASURES if w[0] == "memrun" and "-g" not in w])
        self.bench = self.words[0] == "membench"
        self.status = r.choice([0, 3, 42])
        # membench ends after a run that fails.
        self.runs = 2 if "2" in self.words and self.status == 0 else 1
        self.ms = r.choice([0, 20, 150])
        self.wait = r.uniform(0, 0.04 + self.runs * (0.03 + self.ms / 1000))
        self.hit = 0

    def __str__(self):
        return (f"run {self.number}: {' '.join(self.words)}: SIG{self.signal} for {self.target}, "
                f"{self.moment} {self.wait:.3f} s")

    def pick(self, sid):
        """Return the processes to signal, or None before the moment has come."""
        here = processes_of(sid, self.mark, sid)  # fast; it may miss one
        stages = [p for p, state, group in here if group != sid and state != "Z"]
        command = [p for p, _, group in here if group == sid and p != sid]
        if not stages or (self.moment == "held" and not command):
            return None
        if self.target == "memexec":
            return [sid]
        if self.target == "all":
            return [-os.getpgid(stages[0])]
        return self.random.sample(stages, min(len(stages), 1 if self.target == "one" else 2))

    def strike(self, sid):
        try:
            targets = self.pick(sid)
            for pid in targets or []:
                os.kill(pid, getattr(signal, "SIG" + self.signal.replace("PAUSE", "STOP")))
                self.hit += 1
            if targets and self.signal == "PAUSE":
                time.sleep(self.random.uniform(0, 0.3))
                for pid in targets:
                    os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return self.hit > 0
        return targets is not None

    def follow(self, p):
        """Send the signal when it is due, and read the command's output."""
        begin = time.monotonic()
        struck = False
        self.output = b""
        self.command_s = None
        while time.monotonic() < begin + END:
            now = time.monotonic() - begin
            due = {"any": now >= self.wait, "end": self.command_s is not None}
            if not struck and due.get(self.moment, True):
                struck = self.strike(p.pid)
            if self.command_s is None and select.select([p.stdout], [], [], 0.0005)[0]:
                part = os.read(p.stdout.fileno(), 4096)
                self.output += part
                if not part:
                    self.command_s = time.monotonic() - begin
            elif self.command_s is not None:
                if p.poll() is not None:
                    return
                time.sleep(0.0002)

    def measure(self, folder):
        report, samples = folder + "/report", folder + "/samples"
        words = [{"@R": report, "@S": samples}.get(w, w) for w in self.words]
        os.mkdir(folder + "/tmp")
        command = f"ulimit -c 0; echo begin; echo begin >&2; spike -t {self.ms} {MIB}; echo end; exit {self.status}"
        with open(folder + "/stderr", "wb") as err:
            p = subprocess.Popen([*words, "--", "sh", "-c", command], cwd=folder,
                                 env=dict(os.environ, TMPDIR=folder + "/tmp", **{MARK: self.mark.partition("=")[2]}),
                                 stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=err, start_new_session=True)
            self.follow(p)
        self.sid, self.code = p.pid, p.poll()
        p.stdout.close()

    def wait_for_all(self):
        """Return the processes that have not exited in time."""
        until = time.monotonic() + (END if self.target == "memexec" else REST)
        while (left := processes_of(self.sid, self.mark)) and time.monotonic() < until:
            time.sleep(0.01)
        for pid, _, _ in left:
            os.kill(pid, signal.SIGKILL)
        return left

    def faults_of_command(self, err):
        warned = bool(WARNED.search(err))
        shown = re.fullmatch(rb"(begin\n(\d+)\nend\n)*", self.output)
        n = self.output.count(b"begin")
        own = [self.status]
        if self.target == "memexec" and self.hit:
            own = [self.status, -signal.SIGKILL]
            if not shown or n > 1:
                yield f"the command wrote {self.output!r}"
        elif not shown or n != self.runs or err.count("begin\n") < n:
            yield f"the command wrote {self.output!r}"
        elif self.bench and warned:
            own = [self.status, 125]
        if self.code is None:
            yield f"{self.words[0]} hangs"
        elif self.code not in own:
            yield f"the status is {self.code}, not {self.status}"
        if self.command_s is None:
            yield "the command did not exit"
        elif self.command_s > self.runs * (HOLD + self.ms / 1000) + SLACK:
            yield f"the command took {self.command_s:.1f} s"

    def read_report(self, folder, err):
        """Return (peak, bound) in KiB, or None without a report, and whether it is complete."""
        name = folder + "/report"
        text = open(name).read() if os.path.exists(name) else ""
        if "-j" in self.words:
            try:
                r = json.loads(text)
                return (r["peak_rss_kib"], r["peak_rss_bound_kib"]), r["complete"]
            except (ValueError, KeyError):
                return None, False
        if "-q" in self.words:
            return ((int(text) // 1024, None), True) if text.strip().isdigit() else (None, False)
        m = re.search(r"^  peak RSS +([\d.]+) MiB +at most ([\d.]+) MiB", text or err, re.M)
        return (tuple(float(x) * 1024 for x in m.groups()), True) if m else (None, False)

    def faults_of_report(self, folder, err):
        warned = bool(WARNED.search(err))
        if warned and self.hit == 0:
            yield f"a warning that the measuring failed: {err!r}"
        if warned and self.signal == "TERM":
            yield f"a SIGTERM was not ignored: {err!r}"
        if self.bench:
            yield from self.faults_of_bench(folder, err, warned)
            return
        report, whole = self.read_report(folder, err)
        if warned or (self.target == "memexec" and self.hit and not whole):
            return
        if report is None or not whole:
            yield f"no complete report, and no warning: {report} {err!r}"
            return
        truth = max((int(n) for n in re.findall(rb"\d+", self.output)), default=0)
        peak, bound = report
        if not truth - 300 <= peak * 1.01 <= truth + 8192:
            yield f"the peak is {peak} KiB, not {truth}"
        if bound is not None and bound * 1.005 < truth:
            yield f"the bound is {bound} KiB, not {truth} or more"

    def faults_of_bench(self, folder, err, warned):
        name = folder + "/report"
        text = open(name).read() if os.path.exists(name) else err
        if not warned and not re.search(rf"^{self.runs} runs?: peak RSS ", text, re.M):
            yield f"no report of {self.runs} runs, and no warning: {text!r} {err!r}"
        saved = os.path.exists(folder + "/.mempipe/it.tsv")
        if "--save" in self.words and not warned and saved != (self.status == 0):
            yield f"the baseline is {'' if saved else 'not '}saved, status {self.status}"

    def judge(self, folder):
        left = self.wait_for_all()
        err = open(folder + "/stderr", errors="replace").read()
        yield from self.faults_of_command(err)
        if self.code is not None:
            yield from self.faults_of_report(folder, err)
        if left:
            yield f"processes remain: {left}"
        if os.listdir(folder + "/tmp"):
            yield f"files remain: {os.listdir(folder + '/tmp')}"
        if "-g" in self.words and groups_named(f"mempipe-{self.sid}"):
            yield "a control group remains"

    def go(self):
        folder = tempfile.mkdtemp(prefix="abuse.")
        try:
            self.measure(folder)
            return [f"{self}: {fault}" for fault in self.judge(folder)]
        finally:
            shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("-n", "--only", type=int, help="this run alone")
    parser.add_argument("-s", "--seed", default=str(random.randrange(10**6)))
    parser.add_argument("times", type=int)
    o = parser.parse_args()
    numbers = [o.only] if o.only is not None else range(o.times)
    if groups := subprocess.run(["memexec", "--to", "memsample -C >/dev/null", "-g", "true"],
                                stderr=subprocess.DEVNULL, check=False).returncode:
        MEASURES[:] = [w for w in MEASURES if "-g" not in w]
    print(f"abuse: seed {o.seed}, {len(numbers)} runs, {'without' if groups else 'with'} control groups", flush=True)
    hits = collections.Counter()
    failed = 0

    def one(number):
        run = Run(o.seed, number)
        return run, run.go()

    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        for run, faults in pool.map(one, numbers):
            failed += bool(faults)
            hits[run.signal if run.hit else "none"] += 1
            hits["at " + run.moment] += bool(run.hit)
            hits["of " + run.target] += bool(run.hit)
            for fault in faults:
                print(fault, flush=True)
    print("abuse: " + ", ".join(f"{n} {what}" for what, n in sorted(hits.items())))
    print(f"abuse: {len(numbers)} runs, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
