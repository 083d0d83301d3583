# SPDX-License-Identifier: BSD-2-Clause
"""Other validators as oracles, each on a tree with real-looking names.

They call rsync; ours (lib/rsync) takes the octets from the tree instead, so
nothing leaves the machine. RRDP is off: the forge's --rsync-all puts every
point into the rsync tree.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def _tree(step, tals, work):
    """A copy that a peer which drops its rights can read."""
    os.chmod(work, 0o755)
    shutil.copytree(step.folder / "rsync", work / "tree" / "rsync")
    shutil.copytree(tals, work / "tals")
    shutil.copy(HERE / "rsync", work / "rsync")
    for name in ("cache", "out"):
        (work / name).mkdir()
        os.chmod(work / name, 0o777)
    return {**os.environ, "FORGE_TREE": str(work / "tree"),
            "PATH": f"{work}:{os.environ['PATH']}"}


def rpki_client(tale, step):
    """(ASN, prefix, maxlen, anchor) of rpki-client; None: not installed.

    Version 8.2 of Debian 12 knows ASPA in an older form only and refuses CA
    certificates that inherit from a trust anchor with less than everything.
    """
    program = shutil.which("rpki-client", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        env = _tree(step, tale.tals, work)
        tals = [a for t in sorted((work / "tals").iterdir()) for a in ("-t", str(t))]
        subprocess.run([program, "-R", "-c", "-e", str(work / "rsync"), "-d",
                        str(work / "cache"), *tals, str(work / "out")], env=env,
                       capture_output=True, timeout=600)
        text = (work / "out" / "csv").read_text().splitlines()[1:]
        return {tuple(line.split(",")[:4]) for line in text}


def fort(tale, step):
    """(ASN, prefix, maxlen) of FORT; None: not installed."""
    program = shutil.which("fort")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        env = _tree(step, tale.tals, work)
        subprocess.run([program, "--mode=standalone", "--http.enabled=false",
                        f"--local-repository={work}/cache", f"--tal={work}/tals",
                        f"--output.roa={work}/out/csv"], env=env,
                       capture_output=True, timeout=600)
        text = (work / "out" / "csv").read_text().splitlines()[1:]
        return {tuple(line.split(",")) for line in text}


def _next_second():
    """FORT 1.6 fetches nothing that it has from this very second, and asks for
    notifications that are newer than its last question. Files have the time that
    the kernel last noted, a little earlier."""
    time.sleep(1.05 - time.time() % 1)


def fort_served(tale, site, cache):
    """(ASN, prefix, maxlen) of FORT, over real rsync and RRDP; None: not there."""
    program = shutil.which("fort")
    if program is None:
        return None
    roots = cache / "roots"
    roots.mkdir(parents=True, exist_ok=True)
    shutil.copy(site.root_cert, roots / "root.pem")
    subprocess.run(["openssl", "rehash", roots], check=True, capture_output=True)
    (cache / "tree").mkdir(exist_ok=True)
    subprocess.run([program, "--mode=standalone", f"--local-repository={cache}/tree",
                    f"--tal={tale.tals}", f"--http.ca-path={roots}",
                    f"--output.roa={cache}/csv"], capture_output=True, timeout=600)
    _next_second()
    text = (cache / "csv").read_text().splitlines()[1:]
    return {tuple(line.split(",")) for line in text}


class OnStage:
    """A peer that fetches by itself in a realm and keeps its cache."""

    def __init__(self, stage, ways):
        self.stage, self.options = stage, ways
        self.folder = tempfile.TemporaryDirectory()
        self.work = pathlib.Path(self.folder.name)
        os.chmod(self.work, 0o755)
        shutil.copytree(stage.tale.tals, self.work / "tals")
        for name in ("cache", "out"):
            (self.work / name).mkdir()
            os.chmod(self.work / name, 0o777)

    def close(self):
        self.folder.cleanup()


def version_of(program, option):
    """What a peer says it is; None: it is not there."""
    if program is None:
        return None
    done = subprocess.run([program, option], capture_output=True, text=True)
    return (done.stdout + done.stderr).split()[-1]


class RpkiClient(OnStage):
    program = shutil.which("rpki-client", path=os.environ["PATH"] + ":/usr/sbin")
    version = version_of(program, "-V")
    number = tuple(int(part) for part in (version or "0").split("."))
    # 8.2 of Debian 12 knows ASPAs and prefix lists in older forms only; later they
    # are experimental. Threads of 9.9 write into one another's lines.
    old = number < (9,)
    more = [] if old else ["-x"] if number < (9, 9) else ["-x", "-p", "1"]
    ways = {"rsync": ["-R"], "rrdp": ["-e", "/bin/false"], "both": []}

    def command(self):
        tals = [a for t in sorted((self.work / "tals").iterdir()) for a in ("-t", t)]
        return [self.program, *self.options, *self.more, "-c", "-j", "-d",
                self.work / "cache", *tals, self.work / "out"]

    def run(self):
        """VRPs, and router keys as (ASN, SKI); ASPAs are for who asks."""
        done = self.stage.run(*self.command(), capture_output=True, text=True,
                              timeout=1200)
        self.log = done.stderr
        text = (self.work / "out" / "csv").read_text().splitlines()[1:]
        whole = json.loads((self.work / "out" / "json").read_text())
        if not self.old:
            self.aspas = {(f"AS{one['customer_asid']}",
                           *(f"AS{asn}" for asn in one["providers"]))
                          for one in whole["aspas"]}
        return ({tuple(line.split(",")[:3]) for line in text},
                {(f"AS{key['asn']}", key["ski"]) for key in whole.get("bgpsec_keys", [])})


class Fort(OnStage):
    program = shutil.which("fort")
    ways = {"rsync": ["--http.enabled=false"], "rrdp": ["--rsync.enabled=false"],
            "both": []}

    def command(self):
        roots = self.work / "roots"
        if not roots.exists():
            roots.mkdir()
            shutil.copy(self.stage.root_cert, roots / "root.pem")
            subprocess.run(["openssl", "rehash", roots], check=True, capture_output=True)
        return [self.program, "--mode=standalone", *self.options,
                f"--local-repository={self.work}/cache", f"--tal={self.work}/tals",
                f"--http.ca-path={roots}", f"--output.roa={self.work}/out/csv"]

    def run(self):
        """VRPs; router keys are None."""
        self.stage.shown.publish()
        done = self.stage.run(*self.command(), capture_output=True, text=True,
                              timeout=1200)
        self.log = done.stdout + done.stderr
        _next_second()
        text = (self.work / "out" / "csv").read_text().splitlines()[1:]
        return {tuple(line.split(",")) for line in text}, None
