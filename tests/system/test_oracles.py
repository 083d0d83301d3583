# SPDX-License-Identifier: BSD-2-Clause
"""kedge finds the truth over rsync alone, over RRDP alone and over both, then
with deltas; and its peers, fetching for themselves, find the same.

The small world has a bit of everything, the large one many of it: 2,000 ROAs,
or 20,000 where KEDGE_LONG is set.
"""
import json
import os
import time

import pytest

import peers
import realm
from corpus import program  # noqa: F401
from kedge import clean
from stage import BASES, Stage
from story import Tale, rows

WAYS = {"rsync": ["--disable-rrdp"], "rrdp": ["--disable-rsync"], "both": []}
# Peers have the machine's clock; steps are a minute apart.
WHEN = ["--at", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300))]
LARGE = (2000, 20000) if os.environ.get("KEDGE_LONG") else (200, 2000)


@pytest.fixture(scope="module", params=["small", "large"])
def tale(request, forge, tmp_path_factory):
    folder = tmp_path_factory.mktemp("oracles") / "tale"
    if request.param == "small":
        return forge.play("ways.scn", folder, None, *BASES, *WHEN)
    cas, roas = LARGE
    forge.run("bench", "--cas", cas, "--roas", roas, "--change", 10, "--via", "both",
              "--hosts", 6, "--anchors", 3, "--out", folder, *BASES, *WHEN, timeout=1200)
    return Tale(folder)


@pytest.fixture(scope="module")
def stage(tale, tmp_path_factory):
    realm.require()
    with Stage(tmp_path_factory.mktemp("realm") / "top", tale) as running:
        running.trusts = running.trusted()
        yield running


class Kedge:
    def __init__(self, program, stage, folder, options):
        self.program, self.stage, self.folder = program, stage, folder
        self.options = options
        (folder / "cache").mkdir()

    def run(self, step):
        """VRPs, ASPAs and router keys, in the truth's words."""
        csv, whole = self.folder / "vrps.csv", self.folder / "all.json"
        done = self.stage.run(
            self.program, "vrps", "--no-rir-tals", "--extra-tals-dir",
            self.stage.tale.tals, "--repository-dir", self.folder / "cache", "--at",
            step.at, "--rrdp-root-cert", self.stage.root_cert, "-o", f"csv={csv}",
            "-o", f"json={whole}", "-v", *self.options,
            capture_output=True, text=True, timeout=1200)
        clean(done.stderr)
        assert done.returncode == 0, done.stderr
        self.log = done.stderr
        found = json.loads(whole.read_text())
        aspas = {(a["customer"], " ".join(a["providers"]), a["ta"])
                 for a in found["aspas"]}
        # Routinator's flavour has base64 without its padding.
        keys = {(k["asn"], k["SKI"], k["routerPublicKey"] + "=" *
                 (-len(k["routerPublicKey"]) % 4), k["ta"])
                for k in found["routerKeys"]}
        return rows(csv, 4), aspas, keys


@pytest.mark.parametrize("way", WAYS)
def test_truth(program, stage, tmp_path, way):
    kedge = Kedge(program, stage, tmp_path, WAYS[way])
    before = len(stage.requests())
    for number, step in enumerate(stage.tale.steps, 1):
        stage.show_step(step)
        vrps, aspas, keys = kedge.run(step)
        assert vrps == step.vrps(), f"step {number}\n{kedge.log}"
        assert aspas == step.aspas(), f"step {number}\n{kedge.log}"
        assert keys == step.router_keys(), f"step {number}\n{kedge.log}"
        assert vrps and aspas and keys
    paths = [path for path, status in stage.requests()[before:] if status == 200]
    deltas = sum(path.endswith("delta.xml") for path in paths)
    snapshots = sum(path.endswith("snapshot.xml") for path in paths)
    if way == "rsync":
        assert not deltas and not snapshots
    else:
        # One snapshot a host, and from then on deltas.
        assert snapshots == len(stage.here)
        assert deltas >= len(stage.tale.steps) - 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("peer", [peers.RpkiClient, peers.Fort])
def test_peer(stage, peer, way):
    if peer.program is None:
        pytest.skip(f"{peer.__name__} is not installed")
    if peer is peers.RpkiClient and not stage.trusts:
        pytest.skip("no place for CA certificates")
    one = peer(stage, peer.ways[way])
    try:
        for number, step in enumerate(stage.tale.steps, 1):
            stage.show_step(step)
            vrps, keys = one.run()
            assert vrps == {row[:3] for row in step.vrps()}, f"step {number}\n{one.log}"
            if keys is not None:
                assert keys == {row[:2] for row in step.router_keys()}, f"step {number}"
    finally:
        one.close()
