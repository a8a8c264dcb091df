# SPDX-License-Identifier: Apache-2.0
"""Checks that only read files and run the program without looking at the kernel."""
import json
import pathlib
import re
import shutil
import subprocess
import tomllib

import yaml

from checks import DEPLOY, agent_flags, expect, run

SIZES = {"33554432": "32M", "1073741824": "1G"}


def check_rules(_build, _folder):
    rules = DEPLOY / "prometheus/tcpwatch.rules.yml"
    run("promtool", "check", "rules", rules)
    run("promtool", "test", "rules", DEPLOY / "prometheus/tcpwatch.rules.test.yml")
    for group in yaml.safe_load(rules.read_text())["groups"]:
        for rule in group["rules"]:
            if "alert" not in rule:
                continue
            notes = rule["annotations"]
            expect({"summary", "description", "runbook"} <= notes.keys(), f"words of {rule['alert']}")
            page = notes["runbook"]
            expect("{{" in page or pathlib.Path(page).exists(), f"{rule['alert']}: {page} exists")


def check_dashboard(_build, folder):
    """Every query parses, no panel covers another; alerts.py compares the names with a live agent."""
    board = json.loads((DEPLOY / "grafana/tcpwatch.json").read_text())
    taken, rules = {}, []
    for panel in board["panels"]:
        at = panel["gridPos"]
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])):
            expect(cell not in taken, f"{panel['title']} covers {taken.get(cell)}")
            taken[cell] = panel["title"]
        for target in panel.get("targets", []):
            query = target["expr"].replace("$__rate_interval", "1m")
            rules.append({"record": f"q{len(rules)}", "expr": query})
    expect(len({panel["id"] for panel in board["panels"]}) == len(board["panels"]), "ids of panels")
    variables = {one["name"] for one in board["templating"]["list"]}
    expect({"job", "instance", "process"} <= variables, "variables")
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(board)))
    expect(used <= variables | {"__rate_interval"}, f"variables that nobody sets: {used - variables}")
    path = pathlib.Path(folder) / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    run("promtool", "check", "rules", path)


def check_settings(build, folder):
    """The annotated file: each setting of the table with its default, all of it accepted."""
    text = (DEPLOY / "systemd/tcpwatch.toml").read_text()
    whole = pathlib.Path(folder) / "tcpwatch.toml"
    whole.write_text(re.sub(r"^#(?=\S)", "", text, flags=re.M))
    for path in (whole, DEPLOY / "systemd/tcpwatch.toml"):
        run(f"{build}/tcpwatch", "agent", "--check-config", "--config", path)
    settings = tomllib.loads(whole.read_text())
    for name, default in agent_flags(build).items():
        section, _, key = name.rpartition(".")
        told = (settings[section] if section else settings)[key]
        told = str(told).lower() if isinstance(told, bool) else str(told)
        expect(told == SIZES.get(default, default), f"{name} = {default} in the file, not {told}")
    names = re.findall(r'\{"([a-z0-9-]+)", &Thresholds::(\w+)\}',
                       pathlib.Path("userspace/diagnosis/threshold_names.cpp").read_text())
    values = pathlib.Path("userspace/diagnosis/thresholds.h").read_text()
    expect([name for name, _ in names] == list(settings["thresholds"]), "every threshold")
    for name, member in names:
        value = re.search(rf"\b{member} = ([^;]+);", values)[1].replace("'", "")
        expect(float(value) == float(settings["thresholds"][name]), f"threshold {name} = {value}")


def check_unit(build, folder):
    unit = DEPLOY / "systemd/tcpwatch-agent.service"
    told = run("systemd-analyze", "security", "--offline=true", "--threshold=35", unit)
    expect("exposure level" in told, told)
    here = pathlib.Path(folder) / unit.name  # where neither program nor pages are installed
    here.write_text(re.sub(r"^Documentation=.*\n", "", unit.read_text(), flags=re.M)
                    .replace("/usr/bin/tcpwatch", f"{build}/tcpwatch"))
    run("systemd-analyze", "verify", "--man=no", here, quiet=True)
    run("systemd-sysusers", "--dry-run", (DEPLOY / "systemd/tcpwatch.sysusers").resolve())
    kept = re.findall(r"Needed\{CAP_(\w+)", pathlib.Path("userspace/app/agent/privileges.cpp").read_text())
    for key in ("CapabilityBoundingSet", "AmbientCapabilities"):
        given = re.search(rf"^{key}=(.*)$", unit.read_text(), re.M)[1].replace("CAP_", "").split()
        expect(sorted(given) == sorted(kept + ["SYS_RESOURCE"]), f"{key}: {given}, needed: {kept}")


def check_kubernetes(build, _folder):
    parts = list(yaml.safe_load_all((DEPLOY / "kubernetes/daemonset.yaml").read_text()))
    kinds = {part["kind"]: part for part in parts}
    pod = kinds["DaemonSet"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    security = container["securityContext"]
    expect(pod["hostPID"] and pod["hostNetwork"], "sees the host")
    expect(not security["privileged"] and security["readOnlyRootFilesystem"], "not privileged")
    unit = (DEPLOY / "systemd/tcpwatch-agent.service").read_text()
    given = re.search(r"^CapabilityBoundingSet=(.*)$", unit, re.M)[1].replace("CAP_", "").split()
    expect(sorted(security["capabilities"]["add"]) == sorted(given), "the capabilities of the unit")
    flags = agent_flags(build)
    for argument in container["args"][1:]:
        name = argument.removeprefix("--").partition("=")[0]
        expect(name in flags or name == "config", f"flag {argument}")
    volumes = {volume["name"] for volume in pod["volumes"]}
    expect({mount["name"] for mount in container["volumeMounts"]} == volumes, "volumes")
    yaml.safe_load((DEPLOY / "kubernetes/podmonitor.yaml").read_text())
    text = kinds["ConfigMap"]["data"]["tcpwatch.toml"]
    run(f"{build}/tcpwatch", "agent", "--check-config", "--config", "/dev/stdin", input=text)


def check_kubernetes_types(build, _folder):
    """Each manifest as TypeScript has it: no field that the API does not know, none of a wrong type."""
    folder = pathlib.Path(build, "kubernetes-types")
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(pathlib.Path(__file__).parent / "kubernetes" / name, folder)
    compiler = folder / "node_modules/.bin/tsc"
    if not compiler.exists():
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", cwd=folder)

    def mistakes(manifests):
        lines = []
        for number, manifest in enumerate(manifests):
            version, kind = manifest["apiVersion"], manifest["kind"]
            models = "kubernetes-models"
            if version.startswith("monitoring.coreos.com/"):
                models = "@kubernetes-models/prometheus-operator"
            lines += [f'import type {{ I{kind} as Kind{number} }} from "{models}/{version}/{kind}";',
                      f"export const manifest{number}: Kind{number} = {json.dumps(manifest)};"]
        (folder / "manifests.ts").write_text("\n".join(lines))
        return subprocess.run(
            [compiler, "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target",
             "es2022", "manifests.ts"], cwd=folder, stdout=subprocess.PIPE, text=True).stdout

    manifests = [one for path in sorted(DEPLOY.glob("kubernetes/*.yaml"))
                 for one in yaml.safe_load_all(path.read_text())]
    expect(len(manifests) > 4, f"all manifests: {len(manifests)}")
    found = mistakes(manifests)
    expect(not found, f"the types of the API: {found}")
    container = next(one for one in manifests if one["kind"] == "DaemonSet")["spec"]["template"][
        "spec"]["containers"][0]
    container["imagePullPolcy"] = "Always"
    expect("imagePullPolcy" in mistakes(manifests), "that a misspelt field is seen")


def check_man_pages(build, folder):
    listed = run(f"{build}/tcpwatch", "man", "--list").splitlines()
    expect(len(listed) >= 15, f"a page for each command: {listed}")
    for line in listed:
        name, _, command = line.partition("\t")
        page = pathlib.Path(folder) / f"{name}.1"
        page.write_text(run(f"{build}/tcpwatch", "man", *command.split()))
        run("groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z", page, quiet=True)
        shown = run("man", "-l", page, env={"MANWIDTH": "200", "MANPAGER": "cat", "PATH": "/usr/bin:/bin",
                                            "LC_ALL": "C.UTF-8"})
        shown = re.sub(".\b", "", shown).replace("\u2010", "-").replace("\u2212", "-")
        told = run(f"{build}/tcpwatch", *command.split(), "--help")
        for option in re.findall(r"^  (?:-\w,)?(--[\w.-]+)", told, re.M):
            expect(option in shown, f"{option} in {name}(1)")


def check_completions(build, folder):
    scripts = {}
    for shell in ("bash", "zsh", "fish"):
        scripts[shell] = pathlib.Path(folder) / f"tcpwatch.{shell}"
        scripts[shell].write_text(run(f"{build}/tcpwatch", "completion", shell))
        run(shell, "-n", scripts[shell], quiet=True)
    cases = [(["do"], ["doctor"]), (["drill", "syn"], ["syn-flood"]),
             (["sockets", "--by", ""], ["state", "process", "listener", "destination"]),
             (["capture", "ver"], ["verify"]), (["capture", "cut", "--out"], ["--output"]),
             (["-v", "export", "--format", "c"], ["csv"]), (["agent", "--web.l"], ["--web.listen-address"])]
    ask = (f'source {scripts["bash"]}; COMP_WORDS=(tcpwatch "$@"); COMP_CWORD=$#; _tcpwatch; '
           'printf "%s\\n" "${COMPREPLY[@]}"')
    for words, wanted in cases:
        told = run("bash", "-c", ask, "bash", *words).split()
        expect(told == wanted, f"bash: {words}: {told}, not {wanted}")
        told = run("fish", "-c", f'source {scripts["fish"]}; complete -C "tcpwatch {" ".join(words)}"',
                   env={"HOME": folder, "PATH": "/usr/bin:/bin"})
        told = {line.split("\t")[0] for line in told.splitlines()}
        expect(set(wanted) <= told, f"fish: {words}: {told}, not {wanted}")


def check_readme(build, folder):
    """What the README shows of a recorded incident is what the program says of it."""
    told = re.search(r"`build/release/tcpwatch (doctor --replay \S+)`\):\n\n```\n(.*?)```",
                     pathlib.Path("README.md").read_text(), re.S)
    expect(told, "the README shows a verdict of doctor")
    command, shown = told.groups()
    critical = 2
    said = run(f"{build}/tcpwatch", *command.split(), code=critical)
    expect(said == shown, f"{command}: {said}")
