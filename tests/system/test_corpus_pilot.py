# SPDX-License-Identifier: BSD-2-Clause
"""A whole real repository: CAs that hold two kinds of resources of three, key
rolls, directories that several CAs share."""
import csv

from corpus import Validator, corpus, internet, program  # noqa: F401

# Nobody answers for these: one delegated CA, and what is fetched over HTTPS.
ELSEWHERE = {"http-status", "http-connect", "rsync-exit", "manifest-missing"}


def test_every_point_is_believed(corpus, program, internet, tmp_path):
    pilot = corpus / "ripe-pilot-2023"
    net = internet({"localcert.ripe.net": 873})
    net.show_tree(pilot / "tree", https=False)
    kedge = Validator(program, net, tmp_path / "kedge", "--extra-tals-dir", pilot)
    outcome = kedge.run(at="2023-08-04T12:00:00Z")
    with open(pilot / "expected-vrps.csv") as f:
        wanted = {tuple(row[:3]) for row in csv.reader(f)}
    assert len(wanted) == 782
    assert outcome.vrps == wanted, outcome.stderr
    assert outcome.labels() <= ELSEWHERE, outcome.stderr
