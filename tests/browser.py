#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Open pages of memview in headless Chromium, use them, and check what they show.

Usage: browser.py [-t] [-s FOLDER] [-b BROWSER] PAGE...

Each page must load without an error or a request. -s stores screenshots in FOLDER.
"""
import argparse
import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time


class Browser:
    """Chromium, controlled through a pair of pipes (the DevTools protocol)."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp()
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (theirs_in, theirs_out)]

        def connect():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--remote-debugging-pipe", "--window-size=1200,900",
             f"--user-data-dir={self.folder}", "about:blank"],
            preexec_fn=connect, pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (theirs_in, theirs_out, *ends):
            os.close(fd)
        self.input, self.output = ours_in, ours_out
        self.pending, self.number, self.events = b"", 0, []
        self.session = None

    def read(self, deadline):
        while b"\0" not in self.pending:
            if not select.select([self.input], [], [], max(0, deadline - time.time()))[0]:
                raise TimeoutError("no answer from the browser")
            part = os.read(self.input, 1 << 20)
            if not part:
                raise EOFError("the browser has exited")
            self.pending += part
        text, self.pending = self.pending.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        deadline = time.time() + 30
        while True:
            answer = self.read(deadline)
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, page):
        """Open PAGE in a tab of its own. Return the seconds until it is ready."""
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.events = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        start = time.time()
        self.call("Page.navigate", url=pathlib.Path(page).resolve().as_uri())
        while self.value("document.readyState + document.documentElement?.dataset.ready") != "completeyes":
            assert time.time() < start + 20, "the page is never ready: " + str(self.errors())
            time.sleep(0.01)
        return time.time() - start

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def errors(self):
        """Return the errors of the page so far, and its requests except for itself."""
        found = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method in ("Runtime.exceptionThrown", "Log.entryAdded"):
                found.append(params)
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
                found.append(params)
            elif method == "Network.requestWillBeSent":
                found.append(params["request"]["url"])
        return [f for f in found if not (isinstance(f, str) and f.startswith("file:"))]

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def key(self, key, **more):
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **more)

    def screenshot(self, file):
        self.call("Page.captureScreenshot")  # waits for the frame that was requested
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        file.write_bytes(base64.b64decode(image))

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def box(b, name):
    return b.value(f"(b => [b.left, b.top, b.width, b.height])(document.getElementById('{name}').getBoundingClientRect())")


def text(b, name):
    return b.value(f"document.getElementById('{name}').textContent")


def rows(b):
    return b.value("[...document.querySelectorAll('#table tbody tr')].map(r => r.cells[0].textContent)")


def check_zoom(b):
    left, top, width, height = box(b, "total")
    x, y = left + width * 0.6, top + height / 2
    assert text(b, "range") == ""
    b.mouse("mouseWheel", x, y, deltaX=0, deltaY=-400)
    zoomed = text(b, "range")
    assert " to " in zoomed, zoomed
    b.mouse("mouseWheel", x, y, deltaX=300, deltaY=0)
    assert text(b, "range") not in ("", zoomed)
    b.key("0")
    assert text(b, "range") == ""
    b.mouse("mousePressed", left + width * 0.5, y, button="left", clickCount=1)
    b.mouse("mouseMoved", left + width * 0.6, y, button="left", buttons=1)
    b.mouse("mouseReleased", left + width * 0.7, y, button="left", clickCount=1)
    dragged = text(b, "range")
    assert " to " in dragged and dragged != zoomed, dragged
    b.mouse("mousePressed", left + width * 0.5, y, button="left", clickCount=1, modifiers=8)
    b.mouse("mouseMoved", left + width * 0.6, y, button="left", buttons=1, modifiers=8)
    b.mouse("mouseReleased", left + width * 0.6, y, button="left", clickCount=1, modifiers=8)
    assert text(b, "range") not in ("", dragged)
    for key in "+-+p":
        b.key(key)
    b.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight", modifiers=8)
    assert text(b, "range") != ""
    b.value("document.getElementById('whole').click()")
    assert text(b, "range") == ""


def check_pointer(b):
    left, top, width, height = box(b, "total")
    b.mouse("mouseMoved", left + width * 0.6, top + height / 2)
    assert "KiB" in text(b, "tip") and "sum of the tick" in text(b, "tip"), text(b, "tip")
    left, top, width, height = box(b, "lanes")
    b.mouse("mouseMoved", left + width * 0.6, top + 5)
    name = b.value("JSON.parse(document.getElementById('data').textContent).processes.length")
    assert name == 0 or "peak" in text(b, "tip"), text(b, "tip")
    b.mouse("mousePressed", left + width * 0.6, top + 5, button="left", clickCount=1)
    b.mouse("mouseReleased", left + width * 0.6, top + 5, button="left", clickCount=1)
    assert "selected" in text(b, "chosen")
    b.key("Escape")
    assert text(b, "chosen") == ""
    b.value("document.querySelector('#table tbody tr').click()")
    assert b.value("document.querySelectorAll('#table tr.selected').length") == 1
    b.key("Escape")
    assert b.value("document.querySelectorAll('#table tr.selected').length") == 0
    b.key("ArrowRight")
    b.key("ArrowDown")
    assert b.value("document.getElementById('tip').style.display") == "block"
    assert "selected" in text(b, "chosen")
    b.key("Escape")


def check_search(b):
    all_rows = rows(b)
    b.key("/")
    assert b.value("document.activeElement.id") == "search"
    b.call("Input.insertText", text="No Such Process")
    assert rows(b) == [] and text(b, "count").startswith("0 of "), text(b, "count")
    b.key("Escape")
    assert rows(b) == all_rows
    b.key("/")
    b.call("Input.insertText", text=all_rows[0])
    assert rows(b) and all(all_rows[0].lower() in r.lower() for r in rows(b)) or " " in all_rows[0], rows(b)
    b.key("Escape")
    b.value("document.querySelector('#table th button').click()")
    assert rows(b) == b.value(f"{json.dumps(rows(b))}.sort((a, b) => a < b ? -1 : a > b ? 1 : 0)") or "(no name)" in rows(b)
    b.value("document.getElementById('by-group').click()")
    assert b.value("document.querySelector('#table th button').textContent") == "Group"
    b.value("document.getElementById('by-process').click()")


def check_page(b, page, folder):
    seconds = b.open(page)
    assert b.errors() == [], b.errors()
    assert b.value("typeof bad") == "undefined"
    assert b.value("document.querySelectorAll('img, svg, script').length") == 2
    data = b.value("JSON.parse(document.getElementById('data').textContent)")
    title = data["command"] or data["n"]
    assert text(b, "command").startswith(title) and b.value("document.title") != "memview"
    assert "peak RSS" in text(b, "figures")
    if folder:
        b.screenshot(folder / (pathlib.Path(page).stem + ".png"))
    if data["length"] > 1000:
        check_zoom(b)
    check_pointer(b)
    check_search(b)
    b.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    if folder:
        b.screenshot(folder / (pathlib.Path(page).stem + "-dark.png"))
    pdf = base64.b64decode(b.call("Page.printToPDF", printBackground=True)["data"])
    assert pdf.startswith(b"%PDF")
    if folder:
        (folder / (pathlib.Path(page).stem + ".pdf")).write_bytes(pdf)
    assert b.errors() == [], b.errors()
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-b", "--browser", default="chromium")
    parser.add_argument("-s", "--screenshots", type=pathlib.Path)
    parser.add_argument("-t", "--times", action="store_true", help="print the time until each page is ready")
    parser.add_argument("pages", nargs="+")
    options = parser.parse_args()
    browser = Browser(options.browser)
    try:
        for page in options.pages:
            seconds = check_page(browser, page, options.screenshots)
            more = f" (ready after {seconds:.2f} s)" if options.times else ""
            print(f"{pathlib.Path(page).name}: passed{more}")
    finally:
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
