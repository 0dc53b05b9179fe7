#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a command on a terminal of its own.

terminal.py ROWS COLS COMMAND...
    Interpret the output as a terminal does. Keep the visible lines in the file
    `screen`. At the end print all lines, those scrolled off the screen first, and
    exit as COMMAND did. COMMAND may change the size with stty(1). An unknown control
    sequence, or a cursor outside the screen, is an error.
terminal.py raw COMMAND...
    Print the output as it is, without carriage returns before newlines.
terminal.py play SCRIPT ARG...
    Run a Python script that holds the dialogue, with the class Terminal defined.
"""
import array, fcntl, os, pty, re, signal, sys, termios, time

SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|[78DM])|[^\x1b]", re.S)


class Terminal:
    """A command on a terminal, and what it has written there."""

    def __init__(self, words, before=lambda: None, size=None):
        start = os.pipe()
        self.pid, self.fd = pty.fork()
        self.seen = ""
        if self.pid == 0:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.read(start[0], 1)
            os.close(start[0])
            os.close(start[1])
            for s in signal.SIGINT, signal.SIGQUIT:
                signal.signal(s, signal.SIG_DFL)
            before()
            os.execvp(words[0], words)
        if size:
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, array.array("H", [*size, 0, 0]))
        os.write(start[1], b"x")
        os.close(start[0])
        os.close(start[1])

    def read(self):
        """Return the next bytes written, or b"" when the terminal is closed."""
        try:
            return os.read(self.fd, 65536)
        except OSError:
            return b""

    def until(self, pattern):
        """Read until PATTERN appears, and forget everything up to its end."""
        while not (found := re.search(pattern, self.seen)):
            data = self.read()
            if not data:
                sys.exit(f"never written: {pattern!r}, after {self.seen!r}")
            self.seen += data.decode("utf-8", "replace")
        self.seen = self.seen[found.end():]

    def send(self, text, answer=""):
        """Type TEXT and read until the pattern ANSWER appears."""
        os.write(self.fd, text.encode())
        self.until(answer)

    def is_busy(self, process):
        """Return whether PROCESS is a memexec of this session, or a script that became one,
        and handles signals."""
        try:
            with open(f"/proc/{process}/status") as f:
                status = f.read()
            return (os.getsid(int(process)) == self.pid and re.search("Name:\t(memexec|memrun)\n", status) and
                    not re.search(r"State:\tS.*ShdPnd:\t0+\n", status, re.S))
        except OSError:
            return False

    def settle(self):
        """Wait until no memexec has a SIGCONT to pass on: it would undo the next stop."""
        while any(self.is_busy(p) for p in os.listdir("/proc") if p.isdigit()):
            time.sleep(0.01)

    def status(self):
        """Return the exit status of the command, or the negative signal number."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def end(self):
        """Read the remaining output and exit as the command does."""
        while data := self.read():
            self.seen += data.decode("utf-8", "replace")
        sys.exit(self.status())


class Screen:
    """The lines of a terminal, and those scrolled off it."""

    def __init__(self, rows, cols):
        self.rows, self.cols, self.scrolled_off = rows, cols, []
        self.line = [[" "] * cols for _ in range(rows)]
        self.y = self.x = 0
        self.saved = (0, 0)
        self.top, self.bottom = 0, rows - 1

    def resize(self, rows, cols):
        while len(self.line) > rows:
            if self.y < rows:
                self.line.pop()
            else:
                self.scrolled_off.append(self.line.pop(0))
                self.y -= 1
        self.line += [[] for _ in range(rows - len(self.line))]
        self.line = [(l + [" "] * cols)[:cols] for l in self.line]
        self.rows, self.cols, self.x = rows, cols, min(self.x, cols - 1)
        self.top, self.bottom = 0, rows - 1

    def down(self):
        if self.y == self.bottom:
            old = self.line.pop(self.top)
            if self.top == 0:
                self.scrolled_off.append(old)
            self.line.insert(self.bottom, [" "] * self.cols)
        elif self.y < self.rows - 1:
            self.y += 1

    def put(self, c):
        if c == "\n":
            self.down()
        elif c == "\r":
            self.x = 0
        elif c >= " ":
            if self.x == self.cols:
                self.x = 0
                self.down()
            self.line[self.y][self.x] = c
            self.x += 1

    def erase(self, y, start, end):
        self.line[y][start:end] = [" "] * (end - start)

    def control(self, final, n):
        first = n[0] if n and n[0] else 0
        if final == "H":
            self.y = min(max(first, 1), self.rows) - 1
            self.x = min(max(n[1] if len(n) > 1 else 1, 1), self.cols) - 1
        elif final == "A":
            self.y = max(self.y - max(first, 1), self.top if self.y >= self.top else 0)
        elif final == "r":
            self.top, self.bottom = max(first, 1) - 1, (n[1] if len(n) > 1 else self.rows) - 1
            assert self.top < self.bottom < self.rows, n
            self.y = self.x = 0
        elif final == "K":
            self.erase(self.y, 0 if first == 2 else self.x, self.cols)
        elif final == "J":
            self.erase(self.y, 0 if first == 2 else self.x, self.cols)
            for y in range(0 if first == 2 else self.y, self.rows):
                self.erase(y, 0 if y != self.y or first == 2 else self.x, self.cols)
        else:
            assert final == "m", final

    def feed(self, text):
        for s in SEQUENCE.findall(text):
            if s == "\x1b7":
                self.saved = (self.y, self.x)
            elif s == "\x1b8":
                self.y, self.x = self.saved
            elif s == "\x1bD":
                self.down()
            elif s[0] == "\x1b":
                self.control(s[-1], [int(v or 0) for v in s[2:-1].split(";")])
            else:
                self.put(s)
            assert 0 <= self.y < self.rows

    def text(self, lines):
        return "".join("".join(l).rstrip() + "\n" for l in lines)


def size_of(fd):
    size = array.array("H", [0] * 4)
    fcntl.ioctl(fd, termios.TIOCGWINSZ, size)
    return size[0], size[1]


def show(rows, cols, words):
    terminal, screen, rest = Terminal(words, size=(rows, cols)), Screen(rows, cols), b""
    while data := terminal.read():
        if size_of(terminal.fd) != (screen.rows, screen.cols):
            screen.resize(*size_of(terminal.fd))
        # An incomplete sequence or character waits for the next part.
        data = rest + data
        cut = re.search(rb"(\x1b(\[[0-9;?]*)?|[\xc0-\xff][\x80-\xbf]*)\Z", data)
        cut = cut.start() if cut else len(data)
        rest, data = data[cut:], data[:cut]
        screen.feed(data.decode("utf-8", "replace"))
        with open("screen.new", "w") as f:
            f.write(screen.text(screen.line))
        os.rename("screen.new", "screen")
    assert (screen.top, screen.bottom) == (0, screen.rows - 1), "the region is still set"
    while screen.line and not "".join(screen.line[-1]).strip():
        screen.line.pop()
    sys.stdout.write(screen.text(screen.scrolled_off + screen.line))
    return terminal.status()


def raw(words):
    terminal, text = Terminal(words), b""
    while data := terminal.read():
        text += data
    sys.stdout.buffer.write(text.replace(b"\r\n", b"\n"))
    return terminal.status()


def play(script, *words):
    sys.argv = [script, *words]
    with open(script) as f:
        exec(compile(f.read(), script, "exec"), {"__name__": "__main__", "Terminal": Terminal})
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "raw":
        sys.exit(raw(sys.argv[2:]))
    if sys.argv[1] == "play":
        sys.exit(play(*sys.argv[2:]))
    sys.exit(show(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
