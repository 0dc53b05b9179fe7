#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Start processes with hostile names, and check reports about them.

hostile.py run SAMPLES      run a process of each name until all of them are in SAMPLES
hostile.py args             print hostile arguments, ended by NUL each
hostile.py check KIND FILE  fail unless FILE is valid for its KIND and includes each name
"""
import csv
import io
import json
import os
import re
import signal
import sys
import time
import xml.etree.ElementTree

# The kernel cuts a name after fifteen bytes.
NAMES = [
    b'a\tb\nc\td', b'\x1b[2J\x1b]0;x\x07', b'\xff\xfe\xc3', b'\xc2\x9b31m', b'</script>', b'<b>&amp;',
    b'=cmd()', b'-1+1', b'@you', b"'quoted", b'{peak_rss}', b'{{', b'#end', b'\n#end\n', b'#exit_code\t0',
    b'time\tpid\trss', b'\ntotal\tx\t1\n', b'","x":"', b'\\x41\\n\\', b'|`x`|', b'\r\r', b' ', b'$(id)`id`',
]
ARGS = [
    b'\ttime\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm', b'\n#end\n', b'\x1b[31m', b'\xff', b'</script>',
    b'=cmd()', b'{peak_rss}', b'","x":"', b'\\n\\', b"$(touch hacked)`touch hacked`'",
]


def field(raw):
    """Return a name as reports print it."""
    text = ''
    for c in raw.decode('utf-8', 'surrogateescape'):
        if c in '\t\n\\':
            text += {'\t': '\\t', '\n': '\\n', '\\': '\\\\'}[c]
        elif c < ' ' or '\x7f' <= c < '\xa0' or '\ud800' <= c <= '\udfff':
            text += ''.join('\\x%02X' % b for b in c.encode('utf-8', 'surrogateescape'))
        else:
            text += c
    return text


def in_stream(raw):
    """Return a name as streams print it; a field never starts a `#` line."""
    text = field(raw)
    return '\\x23' + text[1:] if text.startswith('#') else text


def be_called(name, parent_alive):
    with open('/proc/self/comm', 'wb', 0) as comm:
        comm.write(name)
    os.read(parent_alive, 1)
    os._exit(0)


def run(samples):
    ours, theirs = os.pipe()
    children = {}
    for name in NAMES:
        pid = os.fork()
        if pid == 0:
            os.close(theirs)
            be_called(name, ours)
        children[pid] = name
    signal.alarm(20)
    wanted = {(str(pid), in_stream(name)) for pid, name in children.items()}
    while wanted:
        with open(samples, encoding='utf-8', newline='\n') as f:
            rows = [line.rstrip('\n').split('\t') for line in f]
        wanted -= {(row[1], row[6]) for row in rows if len(row) > 6}
        time.sleep(0.01)
    os.close(theirs)
    for pid in children:
        os.waitpid(pid, 0)


def check_tsv(text):
    rows = [line.split('\t') for line in text.split('\n')[:-1] if not line.startswith('#')]
    assert len({len(row) for row in rows}) == 1
    for name in NAMES:
        assert any(in_stream(name) in row for row in rows), name
    assert text.count('\n#end') <= 1


def check_json(text):
    report = json.loads(text)
    names = [p['name'] for p in report['processes']]
    for name in NAMES:
        assert names.count(name.decode('utf-8', 'replace')) >= 1, name
    assert report['exit_code'] == 0 and report['complete'] is True


def check_csv(text):
    assert text.count('\r\n') == text.count('\n')
    rows = list(csv.reader(io.StringIO(text, newline=''), strict=True))
    assert len({len(row) for row in rows}) == 1
    cells = {cell for row in rows for cell in row}
    for cell in cells:
        assert not re.match(r'[=+@\t\r-]', cell) or re.fullmatch(r'-?[0-9.]+', cell), cell
    return rows, cells


def check_process_csv(text):
    _, cells = check_csv(text)
    for name in NAMES:
        plain = field(name)
        assert plain in cells or "'" + plain in cells, name


def check_timeline_csv(text):
    rows, _ = check_csv(text)
    assert all(re.fullmatch(r'[0-9.]*', cell) for row in rows[1:] for cell in row[1:])


def check_markdown(text):
    chart = r'```mermaid\nxychart-beta\n( +[a-z-]+ [][0-9., "a-zA-Z>-]+\n)+```\n'
    for line in re.sub(chart, '', text, count=1).split('\n'):
        assert re.fullmatch(r'|and \d+ more|\|.*\|', line), line
        assert len(re.findall(r'(?<!\\)\|', line)) in (0, 3, 5), line
        assert not re.search(r'<(?!/?code>)', line), line


def check_openmetrics(text):
    lines = text.split('\n')
    assert lines[-2:] == ['# EOF', ''] and lines.count('# EOF') == 1
    label = r'[a-z_]+="(?:[^"\\]|\\[\\"n])*"'
    series = []
    for line in lines[:-2]:
        if re.fullmatch(r'# (TYPE|UNIT|HELP) mempipe_[a-z0-9_]+ [^\\]+', line):
            continue
        found = re.fullmatch(r'(mempipe_\w+(?:\{%s(?:,%s)*\})?) \d+(?:\.\d+)?' % (label, label), line)
        assert found, line
        series.append(found[1])
    assert len(series) == len(set(series))
    for name in NAMES:
        value = field(name).replace('\\', '\\\\').replace('"', '\\"')
        assert 'mempipe_group_peak_processes{group="%s"}' % value in series, name


def check_prometheus(text):
    check_openmetrics(text + '# EOF\n')


def check_folded(text):
    for line in text.splitlines():
        assert re.fullmatch(r'[^;]+(;[^;]+)* [1-9]\d*', line), line


def check_run_csv(text):
    rows, _ = check_csv(text)
    assert len(rows) == 2


def check_svg(text):
    tree = xml.etree.ElementTree.fromstring(text)
    tags = {element.tag.split('}')[1] for element in tree.iter()}
    assert 'script' not in tags and 'b' not in tags


def check_text(text):
    assert '\n#end' not in text and '\ntotal\tx' not in text and '\ntime\tpid' not in text


def check(kind, file):
    with open(file, 'rb') as f:
        text = f.read().decode('utf-8')
    also = {'tsv': '\t', 'csv': '\r', 'process_csv': '\r', 'run_csv': '\r', 'timeline_csv': '\r', 'svg': '\t'}
    for c in text:
        assert c >= ' ' and not '\x7f' <= c < '\xa0' or c == '\n' or c in also.get(kind, ''), repr(c)
    globals()['check_' + kind](text)


if sys.argv[1] == 'run':
    run(sys.argv[2])
elif sys.argv[1] == 'args':
    sys.stdout.buffer.write(b''.join(arg + b'\0' for arg in ARGS))
else:
    check(sys.argv[2], sys.argv[3])
