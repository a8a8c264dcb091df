# SPDX-License-Identifier: Apache-2.0
"""Builds the initramfs of one boot: busybox, /init, modules, programs and the runs' commands.

Not compressed: qemu hands it over in one piece; unpacking under emulation would cost more.
"""
import dataclasses
import pathlib
import shlex
import shutil
import subprocess

from . import tools


@dataclasses.dataclass
class Run:
    """One program start in the VM: which, with what, and for how many seconds at most."""
    name: str
    program: str
    arguments: list
    environment: dict
    limit: int

    def command(self):
        exports = "".join(f"export {key}={shlex.quote(value)}\n"
                          for key, value in self.environment.items())
        return f"{exports}exec {shlex.join(['/programs/' + self.program, *self.arguments])}\n"


def add_busybox(tree):
    busybox = tools.find("busybox", "busybox-static")
    if not tools.is_static_program(busybox):
        raise tools.CannotRun("busybox is not static (Debian package busybox-static)")
    (tree / "bin").mkdir()
    shutil.copy(busybox, tree / "bin" / "busybox")
    applets = subprocess.run([busybox, "--list"], stdout=subprocess.PIPE, text=True, check=True)
    for applet in set(applets.stdout.split()) - {"busybox"}:
        (tree / "bin" / applet).symlink_to("busybox")


def add_programs(tree, programs):
    (tree / "programs").mkdir()
    for path in programs:
        target = tree / "programs" / path.name
        shutil.copy(path, target)
        target.chmod(0o755)
        if tools.is_static_program(target) and shutil.which("strip"):
            subprocess.run(["strip", "--strip-debug", target], check=True)


def add_runs(tree, runs):
    for index, run in enumerate(runs):
        folder = tree / "runs" / f"{index:03d}"
        folder.mkdir(parents=True)
        (folder / "command").write_text(run.command())
        (folder / "limit").write_text(f"{run.limit}\n")


def build(kernel, programs, runs, scratch):
    """Writes the image into the folder `scratch` and returns its path."""
    tree = scratch / "tree"
    tree.mkdir()
    for folder in ("dev", "proc", "sys", "tmp", "etc"):
        (tree / folder).mkdir()
    shutil.copy(tools.VM_DIR / "init", tree / "init")
    (tree / "init").chmod(0o755)
    users = "root:x:0:0::/tmp:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
    (tree / "etc" / "passwd").write_text(users)
    shutil.copytree(tools.KERNELS / kernel / "modules", tree / "modules")
    add_busybox(tree)
    add_programs(tree, [pathlib.Path(path) for path in programs])
    add_runs(tree, runs)
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    image = scratch / "initramfs"
    with open(image, "wb") as out:
        subprocess.run([tree / "bin" / "busybox", "cpio", "-o", "-H", "newc"], cwd=tree, stdout=out,
                       input=names.encode() + b"\n", stderr=subprocess.DEVNULL, check=True)
    shutil.rmtree(tree)
    return image
