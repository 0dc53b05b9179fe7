#!/usr/bin/env python3
"""A small terminal: terminal.py ROWS COLS COMMAND...

Runs COMMAND on a terminal of its own and follows what comes out. At every moment
the file `screen` holds what can be seen, and at the end standard output gets all
lines, those that have scrolled off first. COMMAND changes the size by stty(1).
What it doesn't know of, or a cursor outside the screen, is an error.
"""
import array, fcntl, os, pty, re, signal, sys, termios

SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|[78DM])|[^\x1b]", re.S)


class Screen:
    def __init__(self, rows, cols):
        self.rows, self.cols, self.gone = rows, cols, []
        self.line = [[" "] * cols for _ in range(rows)]
        self.y = self.x = 0
        self.saved = (0, 0)
        self.top, self.bottom = 0, rows - 1

    def resize(self, rows, cols):
        while len(self.line) > rows:
            if self.y < rows:
                self.line.pop()
            else:
                self.gone.append(self.line.pop(0))
                self.y -= 1
        self.line += [[] for _ in range(rows - len(self.line))]
        self.line = [(l + [" "] * cols)[:cols] for l in self.line]
        self.rows, self.cols, self.x = rows, cols, min(self.x, cols - 1)
        self.top, self.bottom = 0, rows - 1

    def down(self):
        if self.y == self.bottom:
            old = self.line.pop(self.top)
            if self.top == 0:
                self.gone.append(old)
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


def main():
    rows, cols = int(sys.argv[1]), int(sys.argv[2])
    start = os.pipe()
    pid, master = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.read(start[0], 1)
        os.execvp(sys.argv[3], sys.argv[3:])
    fcntl.ioctl(master, termios.TIOCSWINSZ, array.array("H", [rows, cols, 0, 0]))
    os.write(start[1], b"x")
    screen, rest = Screen(rows, cols), b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if size_of(master) != (screen.rows, screen.cols):
            screen.resize(*size_of(master))
        # What is cut off in a sequence or character waits for the next part.
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
    sys.stdout.write(screen.text(screen.gone + screen.line))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
