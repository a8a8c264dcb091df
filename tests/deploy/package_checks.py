# SPDX-License-Identifier: Apache-2.0
"""The Debian package, installed on this machine, upgraded, and taken away again."""
import os
import pathlib
import pwd
import subprocess

from agent_checks import Notified
from checks import Wrong, expect, run

CONFIG = pathlib.Path("/etc/tcpwatch/tcpwatch.toml")
STATE = pathlib.Path("/var/lib/tcpwatch")


def has_user():
    try:
        return bool(pwd.getpwnam("tcpwatch"))
    except KeyError:
        return False


def newer(package, folder):
    """The same with a higher version, and another default in its settings."""
    tree = pathlib.Path(folder) / "newer"
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 9."))
    settings = tree / "etc/tcpwatch/tcpwatch.toml"
    settings.write_text(settings.read_text() + "# newer\n")
    made = pathlib.Path(folder) / "newer.deb"
    run("dpkg-deb", "--root-owner-group", "-b", tree, made)
    return made


def check_package(build, folder):
    """(root) lintian, then install, start, upgrade, remove, purge."""
    if subprocess.run(["dpkg", "-s", "tcpwatch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      check=False).returncode == 0:
        raise Wrong("a package tcpwatch is installed here already: it is not ours to remove")
    expect(pathlib.Path(build) == pathlib.Path("build/release").resolve(), "scripts/package builds release")
    package = pathlib.Path(run("scripts/package").splitlines()[-1])
    run("lintian", "--allow-root", "--fail-on", "error", package)
    files = [line.split(" ./", 1)[1] for line in run("dpkg-deb", "-c", package).splitlines()
             if " ./" in line]
    user_before, state_before = has_user(), STATE.exists()
    try:
        run("dpkg", "-i", package)
        expect(has_user(), "a user for the service")
        for wanted in ("/usr/bin/tcpwatch", "/lib/systemd/system/tcpwatch-agent.service", str(CONFIG),
                       "/etc/default/tcpwatch", "/usr/share/doc/tcpwatch/copyright",
                       "/usr/share/man/man1/tcpwatch-agent.1.gz",
                       "/usr/share/bash-completion/completions/tcpwatch"):
            expect(os.path.isfile(wanted), f"{wanted} is installed")
        run("/usr/bin/tcpwatch", "agent", "--check-config")
        agent = Notified("/usr/bin", folder)
        try:
            agent.until("READY=1")
        finally:
            expect(agent.end() == 0, "a clean stop")
        CONFIG.write_text(CONFIG.read_text() + "# mine\n")
        run("dpkg", "-i", "--force-confold", newer(package, folder))
        expect("# mine" in CONFIG.read_text(), "an upgrade keeps settings that were changed")
        expect("\nVersion: 9." in run("dpkg", "-s", "tcpwatch"), "the new version")
        run("dpkg", "-r", "tcpwatch")
        expect(CONFIG.exists() and not os.path.exists("/usr/bin/tcpwatch"), "removal keeps settings")
    finally:
        run("dpkg", "--purge", "tcpwatch")
        if has_user() and not user_before:
            run("userdel", "tcpwatch")
    left = [path for path in files if os.path.isfile(f"/{path}") or (
        "tcpwatch" in path and os.path.exists(f"/{path}"))]
    expect(not left, f"purged, and still there: {left}")
    expect(state_before or not STATE.exists(), "its captures go with it")
    for root in ("/etc/systemd/system", "/var/lib/systemd/deb-systemd-helper-enabled"):
        found = [path for path in pathlib.Path(root).rglob("tcpwatch*")] if os.path.isdir(root) else []
        expect(not found, f"left behind: {found}")
