# SPDX-License-Identifier: BSD-2-Clause
"""The installed kedge, run against a site."""
import re
import subprocess

from story import rows

LINE = re.compile(r"kedge: (?:warn: )?((?:rsync|https)://\S+): ([a-z0-9-]+) \(.*")


def clean(log):
    """Raises where a sanitizer has seen something; it may not end the run."""
    if "Sanitizer" in log or "runtime error:" in log:
        raise AssertionError(log)


def faults(log):
    """What a log names: pairs of URI and label."""
    return {line.groups() for line in map(LINE.fullmatch, log.splitlines()) if line}


FINDING = re.compile(r"kedge: (warn: )?((?:rsync|https)://\S+): ([a-z0-9-]+) \((.*)")


class Kedge:
    def __init__(self, program, cache, site):
        self.program = program
        self.cache = cache
        self.site = site
        self.stderr = ""
        self.cache.mkdir(parents=True, exist_ok=True)

    def run(self, *args, check=True, timeout=120):
        done = subprocess.run([self.program, *map(str, args)], text=True,
                              capture_output=True, timeout=timeout)
        self.stderr = done.stderr
        clean(done.stderr)
        if check and done.returncode != 0:
            raise AssertionError(f"kedge {args} ended with {done.returncode}:\n"
                                 f"{done.stderr}")
        return done

    def options(self, tale, step):
        return ["--no-rir-tals", "--extra-tals-dir", tale.tals, "--at", step.at,
                "--repository-dir", self.cache, "--allow-dubious-hosts",
                "--rrdp-root-cert", self.site.root_cert]

    def vrps(self, tale, step, *extra):
        """The VRPs of one run as a set of (ASN, prefix, maxlen, anchor)."""
        out = self.cache.parent / "vrps.csv"
        self.run("vrps", *self.options(tale, step), "--log-repository-issues", "-v",
                 "-o", f"csv={out}", *extra)
        return rows(out, 4)

    def findings(self):
        """Of the last run: faults and oddities, path below the module -> labels."""
        faults, oddities = {}, {}
        for line in self.stderr.splitlines():
            found = FINDING.fullmatch(line)
            if found:
                path = found[2].split("/", 4)[-1]
                (faults if found[1] else oddities).setdefault(path, []).append(found[3])
        return faults, oddities
