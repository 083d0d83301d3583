# SPDX-License-Identifier: BSD-2-Clause
"""A tale played in a realm: its hosts bear their own names there.

On a site (site_server.py) all hosts are one and have ports spelled out; here a
host can be refused, doubted or counted by its name, and peers that take no
ports can fetch as well.
"""
import pathlib

from realm import Realm

MODULE = "repo"
WEB = "rrdp"
BASES = ["--rsync-base", f"rsync://%h.example.net/{MODULE}",
         "--https-base", f"https://%h.example.net/{WEB}"]


def name(host):
    return f"{host}.example.net"


class Stage(Realm):
    """Serves one step of a tale at a time; show_step() turns to another."""

    def __init__(self, top, tale):
        self.tale = tale
        folders = tale.folder.glob("step-*/*/*")
        self.here = sorted({f.name for f in folders
                            if f.parent.name in ("rsync", "https") and f.is_dir()})
        super().__init__(top, {name(h): 873 for h in self.here})

    def trusted(self):
        """Peers that ask the system which servers to trust find ours here."""
        store = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        if store.exists():
            self.run("mount", "--bind", self.root_cert, store, check=True)
        return store.exists()

    def show_step(self, step):
        self.shown = step
        for host in self.here:
            tree = pathlib.Path(step.folder) / "rsync" / host
            web = self.top / "web" / step.folder.name / host
            if not web.exists():
                web.mkdir(parents=True)
                (web / WEB).symlink_to((step.folder / "https" / host).resolve())
            self.show(name(host), {MODULE: tree.resolve()} if tree.is_dir() else None, web)
