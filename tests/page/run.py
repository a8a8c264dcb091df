#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tcpwatch report --html` in a real, headless Chromium: a real recording of a drill, beside processes
whose names are made to break out of a page. Needs root and chromium.

usage: run.py BUILD-FOLDER [NAME-PART]
Pictures of the page are left in BUILD-FOLDER/page/. Prints `FAIL NAME` per failure, and last
`N passed, N failed, N skipped`.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile

from browser import Browser, Failure
from recording import wait_until_begun

BUILD = os.path.abspath(sys.argv[1])
TCPWATCH = f"{BUILD}/tcpwatch"
PICTURES = f"{BUILD}/page"

# What a process may call itself, and what its command line may say.
HOSTILE = ["</script><b>", "<!--<script>", "a\u2028\u2029b'\"", "\x1b[31mred\x1b[0m", "<img src=x>",
           "\u202egnp.exe"]
PAYLOAD = "<img src=x onerror=\"document.title='broken'\"></script><script>document.title='broken'</script>"

# A process of that name that talks to itself until it is told to end.
TALKER = """
import socket, sys, threading
open("/proc/self/comm", "wb").write(sys.argv[1].encode()[:15])
server = socket.create_server(("127.0.0.1", 0))
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
print("ready", flush=True)
while not done.wait(0.1):
    with socket.create_connection(server.getsockname()) as client, server.accept()[0]:
        client.sendall(b"x")
"""


def expect(condition, what):
    if not condition:
        raise Failure(f"not as expected: {what}")


def recorder(path, host):
    """Records as if on a host of that name."""
    script = f"printf '%s' '{host}' >/proc/sys/kernel/hostname; exec {TCPWATCH} record -o {path}"
    return subprocess.Popen(["unshare", "--uts", "sh", "-c", script], stderr=subprocess.PIPE, text=True)


def end(child):
    child.send_signal(signal.SIGINT)
    words = child.communicate()[1]
    expect(child.returncode == 0, f"record ends well: {words}")


def record(path, other):
    """A drill beside hostile names, from a host whose name is hostile, and from a second one."""
    recorders = [recorder(path, "<i>web-7</i>"), recorder(other, "web-8")]
    talkers = []
    try:
        for name in HOSTILE:
            talkers.append(subprocess.Popen([sys.executable, "-c", TALKER, name, PAYLOAD],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            talkers[-1].stdout.readline()
        wait_until_begun(TCPWATCH, path, other)
        subprocess.run([TCPWATCH, "drill", "accept-queue-overflow", "--duration", "12s"],
                       check=True, stdout=subprocess.DEVNULL)
    finally:
        for talker in talkers:
            talker.communicate()
        for child in recorders:
            end(child)


# Of each plot: whether anything but background was drawn on it.
DRAWN = """plots.map(({plot}) => {
  const {data} = plot.ctx.getImageData(0, 0, plot.ctx.canvas.width, plot.ctx.canvas.height);
  let some = 0;
  for (let at = 3; at < data.length; at += 4) some += data[at] > 0;
  return some; })"""
# The colour at the upper edge of the first finding's band, and what it should be.
BAND = """(() => {
  const {plot, host} = plots[0];
  const finding = host.findings.find(one => one.at_worst[0].severity === 'critical');
  const at = Math.round(plot.valToPos((finding.from + finding.to) / 2, 'x', true));
  const [r, g, b] = plot.ctx.getImageData(at, Math.round(plot.bbox.top), 1, 1).data;
  return ['#' + [r, g, b].map(one => one.toString(16).padStart(2, '0')).join(''), color('--critical')];
})()"""
WINDOWS = "plots.map(({plot}) => [plot.scales.x.min, plot.scales.x.max])"
PLACE = "(r => [r.left, r.top, r.width, r.height])(plots[0].plot.over.getBoundingClientRect())"


def mouse(browser, kind, x, y, **more):
    browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)


def test_drawn_without_a_complaint(browser, page, _):
    for name, width, height, dark in (("light", 1400, 900, False), ("dark", 1400, 900, True),
                                      ("phone", 390, 844, False)):
        browser.open(page, width, height, dark)
        drawn = browser.run(DRAWN)
        expect(len(drawn) >= 7 and min(drawn) > 500, f"{name}: plots are drawn: {drawn}")
        overflow = browser.run("document.documentElement.scrollWidth - innerWidth")
        expect(overflow <= 0, f"{name}: {overflow} pixels too wide")
        browser.picture(f"{PICTURES}/{name}.png")
        browser.picture(f"{PICTURES}/{name}-whole.png", whole=True)
        expect(os.path.getsize(f"{PICTURES}/{name}.png") > 20000, f"{name}: a picture of something")
        expect(not browser.problems, f"{name}: the console says {browser.problems}")
        expect(browser.requests == ["file://" + page], f"{name}: it asked for {browser.requests}")


def test_findings_are_bands(browser, page, report):
    browser.open(page)
    wanted = [one["at_worst"][0]["id"] for one in report["findings"]]
    expect("accept-queue-overflow" in wanted, f"the drill is found: {wanted}")
    told = browser.run("[...document.querySelectorAll('.finding code')].map(e => e.textContent)")
    expect(told == wanted, f"all findings, in order: {told}")
    seen, critical = browser.run(BAND)
    expect(seen == critical, f"the band is {seen}, not {critical}")
    text = browser.run("document.querySelector('.finding .body').textContent")
    worst = report["findings"][0]["at_worst"][0]
    for part in (worst["next_step"], worst["evidence"][0]["source"]):
        expect(part in text, f"{part!r} is told: {text}")


def test_nothing_breaks_out(browser, page, report):
    browser.open(page)
    made = browser.run("[document.scripts.length, document.images.length, document.title, "
                       "document.querySelectorAll('#report script, #report b b, #report i i').length]")
    expect(made[:2] == [2, 0] and made[3] == 0, f"no element but ours: {made}")
    expect("broken" not in made[2] and "<i>web-7</i>" in made[2], f"the title is text: {made[2]}")
    cells = browser.run("[...document.querySelectorAll('td')].map(e => e.textContent)")
    names = {row["comm"] for row in report["summary"]["workers"]}
    for name in ("</script><b>", "<!--<script>", "<img src=x>"):
        expect(name in cells and name in names, f"{name!r} stands in a cell")
    text = browser.run("document.documentElement.outerHTML")
    for bad in ("\x1b", "\u2028", "\u202e"):
        expect(bad not in text, f"{bad!r} is escaped")
    with open(page, encoding="utf-8") as file:
        source = file.read()
    expect(source.count("</script") == 2, "no other end of a script in the file")
    expect("://" not in source.split("</style>")[0], "nothing from elsewhere in the head")


def test_foreign_scripts_do_not_run(browser, page, _):
    browser.open(page)
    ran = browser.run("(() => { const made = document.createElement('script');"
                      "made.textContent = 'window.ran = 1'; document.body.append(made);"
                      "const image = document.createElement('div');"
                      "image.innerHTML = '<img src=x onerror=\"window.ran = 2\">';"
                      "document.body.append(image); return window.ran; })()")
    browser.settle()
    expect(ran is None and browser.run("window.ran") is None, "the policy lets nothing in")
    expect(any("Content Security Policy" in one for one in browser.problems), browser.problems)


def test_zoom_and_hover(browser, page, _):
    browser.open(page, 1400, 1600)
    before = browser.run(WINDOWS)
    browser.run("plots[0].plot.over.scrollIntoView({block: 'center'})")
    left, top, width, height = browser.run(PLACE)
    middle = top + height / 2
    mouse(browser, "mouseMoved", left + width * 0.5, middle)
    browser.settle()
    told = browser.run("[...document.querySelectorAll('.when')].map(e => e.textContent)")
    expect(len(told) >= 7 and "highest" not in told, f"all plots tell what was then: {told}")
    mouse(browser, "mousePressed", left + width * 0.25, middle, button="left", clickCount=1)
    mouse(browser, "mouseMoved", left + width * 0.5, middle, button="left")
    mouse(browser, "mouseReleased", left + width * 0.5, middle, button="left", clickCount=1)
    browser.settle()
    after = browser.run(WINDOWS)
    share = (after[0][1] - after[0][0]) / (before[0][1] - before[0][0])
    expect(0.2 < share < 0.3, f"a quarter is shown: {share}")
    expect(all(one == after[0] for one in after), f"in all plots: {after}")
    for _ in range(2):
        for kind in ("mousePressed", "mouseReleased"):
            mouse(browser, kind, left + width * 0.3, middle, button="left", clickCount=_ + 1)
    browser.settle()
    expect(browser.run(WINDOWS) == before, "two clicks show all again")
    browser.run("document.querySelector('.zoom').click()")
    browser.settle()
    expect(browser.run(f"{WINDOWS}[0][0] <= data[0].findings[0].from &&"
                       f"{WINDOWS}[0][1] >= data[0].findings[0].to && shown !== null"),
           "a finding can be zoomed to")
    expect(not browser.problems, browser.problems)


def test_themes_and_paper(browser, page, _):
    background = "getComputedStyle(document.body).backgroundColor"
    browser.open(page, dark=True)
    dark = browser.run(background)
    browser.run("[...document.querySelectorAll('.tools button')].at(-1).click()")
    light = browser.run(background)
    expect(dark == "rgb(14, 18, 23)" and light == "rgb(245, 246, 248)", f"{dark}, {light}")
    paper = browser.paper()
    expect(paper.startswith(b"%PDF") and len(paper) > 20000, f"{len(paper)} bytes of paper")
    browser.settle()
    expect(browser.run(background) == light, "the theme is back")
    expect(not browser.problems, browser.problems)


def test_tables_sort_and_plots_change(browser, page, _):
    browser.open(page)
    column = ("[...document.querySelectorAll('.table')][1].querySelectorAll('tbody tr td:first-child')")
    browser.run("document.querySelectorAll('.table')[1].querySelector('th button').click()")
    falling = [int(one) for one in browser.run(f"[...{column}].map(e => e.textContent)")]
    expect(falling == sorted(falling, reverse=True) and len(falling) > 3, f"pids: {falling}")
    browser.run("(s => { s.selectedIndex = 1; s.dispatchEvent(new Event('change')); })"
                "(document.querySelector('.plot select'))")
    expect(min(browser.run(DRAWN)) > 500, "the other chart is drawn")
    expect(not browser.problems, browser.problems)


def test_hosts_stand_below_each_other(browser, page, _):
    folder = os.path.dirname(page)
    subprocess.run([TCPWATCH, "report", "--html", f"{folder}/two.html", f"{folder}/b.tcpw",
                    f"{folder}/a.tcpw"], check=True, stdout=subprocess.DEVNULL)
    browser.open(f"{folder}/two.html")
    hosts = browser.run("[...document.querySelectorAll('.host h1')].map(e => e.textContent)")
    expect(hosts == ["web-8", "<i>web-7</i>"], f"both, as named: {hosts}")
    told = browser.run("[...document.querySelectorAll('.facts')].map(e => e.textContent).join(' ')")
    expect(told.count("by its own clock") == 2, f"whose clock it is: {told}")
    expect(min(browser.run(DRAWN)) > 500 and not browser.problems, browser.problems)


def test_the_fuzzers_captures_break_no_page(browser, page, _):
    corpus = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fuzz/capture.corpus")
    here, drawn = f"{os.path.dirname(page)}/fuzz.html", 0
    for name in sorted(os.listdir(corpus)):
        made = subprocess.run([TCPWATCH, "report", "--html", here, f"{corpus}/{name}"], check=False,
                              capture_output=True)
        expect(made.returncode in (0, 65), f"{name}: {made}")
        if made.returncode == 0:
            browser.open(here)
            drawn += int(browser.run("document.body.dataset.ready")) > 0
            expect(not browser.problems, f"{name}: {browser.problems}")
    expect(drawn > 0, "some of them have something to draw")


def test_an_hour_is_drawn_in_a_thousand_points(browser, page, _):
    folder = os.path.dirname(page)
    subprocess.run([f"{BUILD}/bench_recording", f"{folder}/hour.tcpw", "3600", "10"], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([TCPWATCH, "report", "--html", f"{folder}/hour.html", f"{folder}/hour.tcpw"],
                   check=True, stdout=subprocess.DEVNULL)
    expect(os.path.getsize(f"{folder}/hour.html") < 2_000_000, "the page stays small")
    browser.open(f"{folder}/hour.html")
    expect("A point stands for 4 intervals" in browser.run("document.body.textContent"), "and says so")
    points = browser.run("plots.map(({plot}) => plot.data[0].length)")
    expect(min(points) > 800 and max(points) <= 1001, f"so many points: {points}")
    expect(min(browser.run(DRAWN)) > 500 and not browser.problems, browser.problems)


def test_written_whole_or_not_at_all(_, page, __):
    folder = os.path.dirname(page)
    capture = os.path.join(folder, "a.tcpw")
    before = open(page, "rb").read()
    for place in ("/proc/none/page.html", folder, "/dev/null"):
        failed = subprocess.run([TCPWATCH, "report", "--html", place, capture], capture_output=True,
                                text=True, check=False)
        expect(failed.returncode == 74 and place in failed.stderr, f"{place}: {failed}")
    expect(os.path.exists("/dev/null") and not os.path.isfile("/dev/null"), "a device stays one")
    full = subprocess.run(["sh", "-c", f"ulimit -f 16; trap '' XFSZ; exec {TCPWATCH} report --html {page} "
                           f"{capture}"], capture_output=True, text=True, check=False)
    expect(full.returncode == 74, f"no room: {full}")
    expect(open(page, "rb").read() == before, "what was there stays")
    left = [name for name in os.listdir(folder) if ".tmp-" in name]
    expect(not left, f"left behind: {left}")


def main():
    os.makedirs(PICTURES, exist_ok=True)
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    tests = [(name[5:], test) for name, test in globals().items()
             if name.startswith("test_") and wanted in name]
    passed = failed = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        capture, page = f"{folder}/a.tcpw", f"{folder}/page.html"
        record(capture, f"{folder}/b.tcpw")
        subprocess.run([TCPWATCH, "report", "--html", page, capture], check=True,
                       stdout=subprocess.DEVNULL)
        report = json.loads(subprocess.run([TCPWATCH, "report", "--json", capture], check=True,
                                           capture_output=True).stdout)
        with Browser(f"{folder}/profile") as browser:
            for name, test in tests:
                try:
                    test(browser, page, report)
                    passed += 1
                except Failure as failure:
                    failed += 1
                    print(f"FAIL page.{name}\n  {failure}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
