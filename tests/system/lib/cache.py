# SPDX-License-Identifier: BSD-2-Clause
"""A running server for a whole file of tests, and a list of VRPs to change.

Its set is that of changes.scn's first step and what `vrps` adds: local
exceptions that a reload takes, so that serials follow in moments.
"""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import time

import pytest

from daemon import Daemon, until
from kedge import Kedge
from router import Router
from site_server import Site


@contextlib.contextmanager
def running(forge, folder, *extra, shown=True, story="changes.scn"):
    """A cache with a set, in the folder; or with nothing to fetch yet."""
    prefix = os.environ.get("KEDGE_PREFIX")
    if prefix is None:
        pytest.skip("kedge is not installed (KEDGE_PREFIX)")
    for program in ("rsync", "nginx", "openssl"):
        if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin") is None:
            pytest.skip(f"no {program}")
    with Site(folder / "site") as site:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        tale = forge.play(story, folder / "tale", site, "--at", at)
        if shown:
            site.show(tale.steps[0])
        kedge = Kedge(pathlib.Path(prefix) / "bin" / "kedge", folder / "cache", site)
        cache = Cache(kedge, tale, folder, *extra)
        try:
            cache.start()
            if shown:
                cache.wait_for("serial 1")
            else:
                until(cache.listens, "the port")
            yield cache
        finally:
            cache.end()


class Cache(Daemon):
    def __init__(self, kedge, tale, folder, *extra):
        self.slurm = folder / "local.slurm"
        self.own = set()
        self._write()
        super().__init__(kedge, tale, "--exceptions", self.slurm, *extra)
        self.tale = tale
        self.serial = 1

    def _write(self):
        rows = [{"asn": int(asn[2:]), "prefix": prefix, "maxPrefixLength": int(most)}
                for asn, prefix, most in sorted(self.own)]
        self.slurm.write_text(json.dumps({
            "slurmVersion": 1,
            "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
            "locallyAddedAssertions": {"prefixAssertions": rows,
                                       "bgpsecAssertions": []}}))

    def vrps(self):
        """All VRPs it serves now."""
        return {row[:3] for row in self.tale.steps[0].vrps()} | self.own

    def change(self, own):
        """Other VRPs of its own: a new serial."""
        assert own != self.own
        self.own = set(own)
        self._write()
        self._next("reload")

    def publish(self, step):
        """Show another step of its tale: a new serial."""
        self.kedge.site.show(self.tale.steps[step])
        self._next("run")

    def _next(self, word):
        """Numbers come again after the last."""
        self.serial += 1
        line = f"serial {self.serial}\n"
        before = self.said().count(line)
        self.ask(word)
        self.wait_for(line, before + 1)

    def listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.rtr)) == 0

    def router(self, version=1, port=None):
        return Router(port or self.rtr, version=version)
