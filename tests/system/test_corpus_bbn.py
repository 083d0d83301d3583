# SPDX-License-Identifier: BSD-2-Clause
"""The conformance suite of BBN: each object breaks one rule, or none."""
import csv

import pytest

from corpus import Validator, corpus, internet, program  # noqa: F401

BASE = "rsync://rpki.bbn.com/conformance/"

# RFC 6487 4.5 asks for PrintableString. CAs in the wild use UTF8String and no
# validator refuses it, so that it is noted; with --strict it is refused.
NOTED = {"root/badCertSubjectUtf.cer": "name-utf8",
         "root/CRLIssuerUTF/badCRLIssuerUTF.crl": "name-utf8"}


@pytest.fixture(scope="module")
def bbn(corpus, program, internet, tmp_path_factory):
    net = internet({"rpki.bbn.com": 873})
    net.show_tree(corpus / "bbn-sample" / "tree", https=False)

    def make():
        return Validator(program, net, tmp_path_factory.mktemp("bbn"),
                         "--extra-tals-dir", corpus / "bbn-sample" / "tals")
    return make


@pytest.fixture(scope="module")
def cases(corpus):
    with open(corpus / "bbn-sample" / "cases.tsv") as f:
        return {row["file"]: row["bbn_verdict"]
                for row in csv.DictReader(f, delimiter="\t")}


def of(cases, verdict):
    return {name for name, v in cases.items() if v == verdict}


def test_vrps(bbn, corpus):
    wanted = (corpus / "bbn-sample" / "expected-vrps.csv").read_text().splitlines()
    assert bbn().run().vrps == {tuple(line.split(",")) for line in wanted}


def test_each_object(bbn, cases):
    outcome = bbn().run()
    bad, good = of(cases, "bad"), of(cases, "good")
    assert (len(bad), len(good)) == (61, 23)
    accepted = {n for n in bad if BASE + n not in outcome.faults}
    assert accepted == set(NOTED), outcome.stderr
    for name, label in NOTED.items():
        assert outcome.oddities[BASE + name] == {label}
    assert {n for n in good if BASE + n in outcome.faults} == set(), outcome.stderr


def test_strict_refuses_what_is_noted(bbn, cases):
    outcome = bbn().run("--strict")
    assert {n for n in of(cases, "bad") if BASE + n not in outcome.faults} == set()
    for name, label in NOTED.items():
        assert outcome.faults[BASE + name] == {label}
