# SPDX-License-Identifier: BSD-2-Clause
"""The commands as people run them, over an engine that does as it is told."""
import json
import os
import pty
import re
import subprocess

import pytest


@pytest.fixture
def kedge(build, tmp_path):
    fake = build / "tests/unit/daemon/fake_engine"
    if not fake.exists():
        pytest.skip("the fake engine is not built")

    def run(*arguments, how="good", **more):
        environment = dict(os.environ, KEDGE_ENGINE_PATH=str(fake))
        return subprocess.run(
            [str(build / "kedge"), "-r", f"/nowhere/{how}", *map(str, arguments)],
            capture_output=True, text=True, timeout=60, cwd=tmp_path,
            env=environment, **more)

    return run


def test_csv_is_the_default(kedge):
    done = kedge("vrps")
    assert done.returncode == 0
    assert done.stdout == ("ASN,IP Prefix,Max Length,Trust Anchor\n"
                           "AS64496,10.0.0.0/8,16,test\n")
    assert done.stderr == ""


def test_one_run_many_files(kedge, tmp_path):
    done = kedge("vrps", "-f", "summary", "-o", "csv=a.csv",
                 "--output", "json=b.json", "-o", "c.txt")
    assert done.returncode == 0 and done.stdout == ""
    assert json.loads((tmp_path / "b.json").read_text())["roas"] == [
        {"asn": "AS64496", "prefix": "10.0.0.0/8", "maxLength": 16,
         "ta": "test"}]
    assert (tmp_path / "a.csv").read_text().endswith("AS64496,10.0.0.0/8,16,test\n")
    assert "test" in (tmp_path / "c.txt").read_text()


@pytest.mark.parametrize("how", ["version", "early", "refuse", "die", "half",
                                 "unsealed", "liar"])
def test_what_is_not_sealed_touches_nothing(kedge, tmp_path, how):
    (tmp_path / "a.csv").write_text("as it was")
    done = kedge("vrps", "-o", "a.csv", "-o", "json=new.json", how=how)
    assert done.returncode == 1
    assert done.stderr.startswith("kedge: ")
    assert (tmp_path / "a.csv").read_text() == "as it was"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_one_output_that_fails_leaves_all(kedge, tmp_path):
    (tmp_path / "a.csv").write_text("as it was")
    done = kedge("vrps", "-o", "a.csv", "-o", "json=/nowhere/at/all.json")
    assert done.returncode == 1
    assert (tmp_path / "a.csv").read_text() == "as it was"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_complete_ends_with_two(kedge, tmp_path):
    assert kedge("vrps", how="incomplete").returncode == 0
    done = kedge("vrps", "--complete", "-o", "a.csv", how="incomplete")
    assert done.returncode == 2
    assert (tmp_path / "a.csv").exists()
    assert kedge("update", "--complete", how="incomplete").returncode == 2


@pytest.mark.parametrize("arguments,rows", [
    (["-a", "64496"], 1), (["-a", "AS64497"], 0),
    (["-p", "10.2.0.0/16"], 1), (["-p", "0.0.0.0/0"], 0),
    (["-p", "0.0.0.0/0", "-m"], 1), (["--no-route-origins"], 0),
    (["--limit-v4-len", "8"], 1), (["--limit-v4-len", "7"], 0),
])
def test_selection(kedge, arguments, rows):
    done = kedge("vrps", *arguments)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) - 1 == rows


def test_disabled_kinds_are_missing_from_json(kedge):
    whole = json.loads(kedge("vrps", "-f", "json").stdout)
    assert {"roas", "routerKeys", "aspas"} <= set(whole)
    some = json.loads(kedge("vrps", "-f", "json", "--no-aspas",
                            "--no-router-keys").stdout)
    assert set(some) == {"metadata", "roas"}


@pytest.mark.parametrize("asn,prefix,state,reason", [
    ("AS64496", "10.0.0.0/16", "valid", None),
    ("64497", "10.0.0.0/16", "invalid", "as"),
    ("64496", "10.0.0.0/24", "invalid", "length"),
    ("64496", "192.0.2.0/24", "not-found", None),
])
def test_validate(kedge, asn, prefix, state, reason):
    done = kedge("validate", "-j", "-a", asn, "-p", prefix)
    assert done.returncode == 0
    route = json.loads(done.stdout)["validated_route"]
    assert route["validity"]["state"] == state
    assert route["validity"].get("reason") == reason
    assert route["route"]["prefix"] == prefix


def test_validate_reads_lists(kedge):
    done = kedge("validate", "-i", "-",
                 input="# c\n10.0.0.0/8 => AS64496\n\n192.0.2.0/24 => 1\n")
    assert done.returncode == 0
    assert "10.0.0.0/8 => AS64496: valid\n" in done.stdout
    assert "192.0.2.0/24 => AS1: not-found\n" in done.stdout
    done = kedge("validate", "-j", "-i", "-", input=json.dumps(
        {"routes": [{"asn": "AS64496", "prefix": "10.0.0.0/8"},
                    {"asn": 64496, "prefix": "10.0.0.0/24"}]}))
    states = [r["validity"]["state"]
              for r in json.loads(done.stdout)["validated_routes"]]
    assert states == ["valid", "invalid"]
    done = kedge("validate", "-i", "-", input="10.0.0.0/8 => AS1\nnonsense\n")
    assert done.returncode == 1 and "-:2: `nonsense`" in done.stderr


# What the files and lines of other validators have.
ROUTINATOR = """
repository-dir no-rir-tals tals extra-tals-dir exceptions strict stale unsafe-vrps
unknown-objects limit-v4-len limit-v6-len allow-dubious-hosts disable-rsync
rsync-command rsync-args rsync-timeout disable-rrdp rrdp-fallback
rrdp-fallback-time rrdp-max-delta-count rrdp-max-delta-list-len rrdp-timeout
rrdp-connect-timeout rrdp-read-timeout rrdp-tcp-keepalive rrdp-local-addr
rrdp-root-certs rrdp-proxies rrdp-keep-responses max-object-size max-ca-depth
enable-bgpsec enable-aspa aspa-provider-limit dirty validation-threads log-level
log log-file syslog-facility log-repository-issues rtr-listen rtr-tls-listen
http-listen http-tls-listen systemd-listen rtr-tcp-keepalive rtr-client-metrics
rtr-tls-key rtr-tls-cert http-tls-key http-tls-cert refresh min-refresh retry
expire history-size pid-file working-dir chroot user group tal-labels""".split()
FORT = """
tal local-repository work-offline daemon init-tals init-as0-tals slurm mode
maximum-certificate-depth server.address server.port server.backlog
server.interval.validation server.interval.refresh server.interval.retry
server.interval.expire server.deltas.lifetime server.max-rtr-version
aspa.max-providers prometheus.port log.enabled log.level log.output log.facility
log.color-output log.file-name-format log.tag validation-log.enabled
validation-log.level rsync.enabled rsync.priority rsync.strategy rsync.program
rsync.retry.count rsync.retry.interval rsync.transfer-timeout
rsync.arguments-recursive rsync.arguments-flat http.enabled http.priority
http.retry.count http.retry.interval http.user-agent http.max-redirs
http.connect-timeout http.transfer-timeout http.low-speed-limit
http.low-speed-time http.max-file-size http.ca-path http.proxy output.roa
output.bgpsec output.aspa output.format asn1-decode-max-stack incidences
stale-repository-period thread-pool.server.max thread-pool.validation.max
configuration-file file-type shuffle-uris sync-strategy http.idle-timeout
rrdp.enabled rrdp.priority rrdp.retry.count rrdp.retry.interval""".split()
MISLED = {"http-tls-listen": "say http-tls = ADDRESS:PORT",
          "rtr-tls-listen": "say rtr-tls = ADDRESS:PORT",
          "http.max-redirs": "say --max-redirects COUNT",
          "tal-labels": "say tal-label = NAME=LABEL",
          "log.level": "say --log-level LEVEL",
          "log.tag": "say --log,",
          "stale-repository-period": "`kedge status` tells when each repository"}


def test_who_comes_from_another_validator_is_told_what_to_say(kedge, tmp_path):
    """Each name is known here, or has an answer; none is guessed wrongly."""
    for name in ROUTINATOR:
        (tmp_path / "k.conf").write_text(f"{name} = 600\n")
        said = kedge("-c", "k.conf", "config").stderr
        assert "tells which exist" not in said, said
        assert MISLED.get(name, "") in said, said
    for name in FORT:
        said = kedge(f"--{name}=600", "config").stderr
        assert "lists what there is" not in said, said
        assert MISLED.get(name, "") in said, said


@pytest.mark.parametrize("content,place", [
    ("exceptions = []\n", ":1: exceptions = []: values stand without quotes"),
    ("strict = yes\nfromat = json\n", ":2: no setting `fromat`; did you mean format?"),
    ("[vrsp]\nstrict = yes\n", ":1: no command for the section [vrsp]"),
    ('{\n\t"tal": "/etc/tals",\n}\n', ": this is JSON, and settings are lines of"),
    ("tal = " + "x" * 300 + "\n", ":1: the line is longer than"),
])
def test_a_wrong_configuration_is_refused(kedge, tmp_path, content, place):
    (tmp_path / "k.conf").write_text(content)
    done = kedge("-c", "k.conf", "vrps")
    assert done.returncode == 1 and done.stdout == ""
    assert "k.conf" + place in done.stderr


def test_trust_anchors_that_cannot_be(kedge, tmp_path):
    (tmp_path / "empty.tal").write_text("")
    (tmp_path / "ripe.tal").write_text("https://x.example/a.cer\n\nAAAA\n")
    (tmp_path / "big.tal").write_text("#\n" * 70000)
    (tmp_path / "none").mkdir()
    for arguments, why in [
            (["--tal", "./empty.tal"], "empty file"),
            (["--tal", "./big.tal"], "more than 65536 octets"),
            (["--tal", "./missing.tal"], "No such file"),
            (["--tal", "rpie"], "did you mean ripe?"),
            (["--tal", "ripe", "--tal", "./ripe.tal"], "are called ripe"),
            (["--no-rir-tals"], "no trust anchors"),
            (["--extra-tals-dir", "none"], "no *.tal file"),
            (["--tal-label", "rpie=x"], "does not fit")]:
        done = kedge(*arguments, "vrps")
        assert done.returncode == 1 and why in done.stderr, arguments
    done = kedge("--tal", "ripe", "--tal", "./ripe.tal", "--tal-label",
                 "ripe=two", "vrps")
    assert "are called two" in done.stderr


def test_ways_out_that_cannot_be(kedge, tmp_path):
    (tmp_path / "file").write_text("")
    for arguments, why in [
            (["--rrdp-root-cert", "missing.pem"], "missing.pem: No such file"),
            (["--rrdp-proxy", "gopher://x"], "it begins with http://"),
            (["--rrdp-local-addr", "1.2.3.4.5"], "like 192.0.2.1"),
            (["--constraints-dir", "missing"], "missing: No such file"),
            (["--constraints-dir", "file"], "file: Not a directory")]:
        done = kedge(*arguments, "vrps", "-o", "a.csv")
        assert done.returncode == 1 and why in done.stderr, arguments
        assert not (tmp_path / "a.csv").exists()
    assert kedge("--rrdp-proxy", "127.0.0.1:3128", "--rrdp-local-addr", "::1",
                 "--rrdp-root-cert", "file", "--constraints-dir", ".",
                 "vrps").returncode == 0


def test_constraints_under_a_wrong_name(kedge, tmp_path):
    """They would hold nobody to anything; those of an anchor that is built in
    and not in use may lie there."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for name in "ripe", "arin":
        (folder / f"{name}.constraints").write_text("deny AS1\n")
    options = ["--tal", "ripe", "--tal-label", "ripe=ncc", "--constraints-dir",
               "rules", "config"]
    assert kedge(*options).returncode == 0
    (folder / "rpie.constraints").write_text("deny AS1\n")
    done = kedge(*options)
    assert done.returncode == 1
    assert done.stderr == ("kedge: error: --constraints-dir: rules/rpie.constraints: no "
                           "trust anchor is called rpie; did you mean ripe?\n")


def test_constraints_that_are_none(kedge, tmp_path):
    """Found before a server takes them, with which every run would fail."""
    for text, place in (("deny AS1\nallow 10.0.0.0/8-24\n", 2), ("deny\n", 1),
                        ("denny AS1\n", 1), ("\nallow 2-1\n", 2),
                        ("allow 10.0.0.9 - 10.0.0.0\n", 1)):
        (tmp_path / "arin.constraints").write_text(text)
        done = kedge("--tal", "arin", "--constraints-dir", ".", "config")
        wrong = text.splitlines()[place - 1]
        assert done.returncode == 1
        assert f"./arin.constraints:{place}: `{wrong}` is no rule; " in done.stderr
    (tmp_path / "arin.constraints").write_text(" # none\r\nallow AS1 - AS9 # so\r\n"
                                               "deny 10.0.0.0/8-10.1.0.0/16\n")
    assert kedge("--tal", "arin", "--constraints-dir", ".", "config").returncode == 0


@pytest.mark.parametrize("arguments", [["-x", "none", "vrps"],
                                       ["validate", "-j", "-i", "none"]])
def test_empty_json_has_a_place_too(kedge, tmp_path, arguments):
    (tmp_path / "none").write_text("")
    done = kedge(*arguments)
    assert done.returncode == 1 and "none:1:" in done.stderr


def test_exceptions(kedge, tmp_path):
    slurm = {"slurmVersion": 1,
             "validationOutputFilters": {
                 "prefixFilters": [{"prefix": "10.0.0.0/8"}],
                 "bgpsecFilters": []},
             "locallyAddedAssertions": {
                 "prefixAssertions": [
                     {"asn": 64511, "prefix": "198.51.100.0/24"}],
                 "bgpsecAssertions": []}}
    (tmp_path / "local.slurm").write_text(json.dumps(slurm))
    done = kedge("-x", "local.slurm", "-v", "vrps")
    assert done.stdout.splitlines()[1:] == ["AS64511,198.51.100.0/24,24,N/A"]
    assert "local.slurm: prefixFilters 1: 1" in done.stderr
    state = kedge("-x", "local.slurm", "validate", "-a", "64496", "-p",
                  "10.0.0.0/8")
    assert "not-found" in state.stdout
    (tmp_path / "local.slurm").write_text('{"slurmVersion": 3}')
    done = kedge("-x", "local.slurm", "vrps", "-o", "a.csv")
    assert done.returncode == 1 and "local.slurm" in done.stderr
    assert not (tmp_path / "a.csv").exists()


def test_wrong_skiplist_names_its_line(kedge, tmp_path):
    (tmp_path / "skip").write_text("# hosts\nrpki.example.net\nnot a host\n")
    done = kedge("--skiplist", "skip", "vrps")
    assert done.returncode == 1
    assert "skip:3: `not a host` is no host name" in done.stderr


def test_what_a_line_of_the_file_led_to(kedge, tmp_path):
    """A value that only shows to be wrong when it is used is told with its place."""
    (tmp_path / "one").write_text(
        '{"slurmVersion": 1, "validationOutputFilters":'
        ' {"prefixFilters": [], "bgpsecFilters": []}, "locallyAddedAssertions":'
        ' {"prefixAssertions": [], "bgpsecAssertions": []}}')
    for text, why in (
            ("strict = yes\ntal = arin\ntal = ripee\n",
             "k.conf:3: tal: no trust anchor `ripee` is built in"),
            ("skiplist = nowhere\n", "k.conf:1: skiplist: nowhere: No such file"),
            ("[vrps]\nformat = cvs\n", "k.conf:2: format: no format `cvs`"),
            ("[vrps]\noutput = csv=a\noutput = a\n",
             "k.conf:3: output: two outputs would go to a"),
            ("extra-tals-dir = /nowhere\n", "k.conf:1: extra-tals-dir: /nowhere: No"),
            ("exceptions = one\nexceptions = nowhere\n",
             "k.conf:2: exceptions: nowhere: No such file"),
            ("rrdp-root-cert = nowhere\n", "k.conf:1: rrdp-root-cert: nowhere: No"),
            ("constraints-dir = /nowhere\n", "k.conf:1: constraints-dir: ")):
        (tmp_path / "k.conf").write_text(text)
        done = kedge("-c", "k.conf", "vrps")
        assert done.returncode == 1 and why in done.stderr, done.stderr
    # What the command line says has no line, but it was an option.
    for option in ("--constraints-dir", "--extra-tals-dir", "--exceptions",
                   "--skiplist", "--rrdp-root-cert"):
        done = kedge(option, "/nowhere", "vrps")
        assert done.stderr == (f"kedge: error: {option}: /nowhere: "
                               "No such file or directory\n")
    done = kedge("vrps", "-o", "/nowhere/a.csv")
    assert done.stderr.startswith("kedge: error: --output: /nowhere/a.csv: no folder")
    done = kedge("validate", "-i", "/nowhere")
    assert done.stderr.startswith("kedge: error: --input: /nowhere: No such")
    (tmp_path / "k.conf").write_text("[server]\nrtr-md5-keys = /nowhere\n")
    done = kedge("-c", "k.conf", "config")
    assert done.stderr.startswith("kedge: error: k.conf:2: rtr-md5-keys: /nowhere: No")
    (tmp_path / "k.conf").write_text("[server]\nhttp = 127.0.0.1:1\nrtr = 3323\n")
    for command in (["config"], ["server", "--state-dir", "state"]):
        done = kedge("-c", "k.conf", *command)
        assert done.returncode == 1
        assert done.stderr.startswith("kedge: error: k.conf:3: rtr: `3323` is not"), done.stderr


def test_counts_are_those_of_the_file(kedge):
    done = kedge("vrps", "-f", "json-rpkiclient", "-a", "1")
    made = json.loads(done.stdout)
    assert made["roas"] == [] and made["metadata"]["vrps"] == 0


def test_help_version_tals_and_config(kedge, tmp_path):
    assert kedge("--version").stdout.startswith("kedge ")
    assert "--rrdp-fallback-time" in kedge("--help").stdout
    assert "--select-asn" in kedge("vrps", "--help").stdout
    names = [line for line in kedge("tals").stdout.splitlines()
             if not line.startswith(" ")]
    assert names == ["afrinic", "apnic", "arin", "lacnic", "ripe"]
    assert kedge("--tal", "list").stdout == kedge("tals").stdout
    config = kedge("--strict", "config").stdout
    assert "# command line\nstrict = yes\n" in config
    (tmp_path / "k.conf").write_text(config)
    assert "strict = yes" in kedge("-c", "k.conf", "config").stdout


def shown_on(terminal):
    """All that was written to its other end, which nobody holds any more."""
    shown = b""
    try:
        while more := os.read(terminal, 4096):
            shown += more
    except OSError:
        pass  # as Linux says that it is over
    os.close(terminal)
    return shown


@pytest.mark.skipif(not os.path.exists("/dev/ptmx") or not os.listdir("/dev/pts"),
                    reason="no terminals here")
def test_progress_is_for_terminals_only(build, kedge):
    assert kedge("vrps").stderr == ""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [str(build / "kedge"), "-r", "/nowhere/mute", "vrps", "-q"],
        stderr=theirs, stdout=subprocess.PIPE, timeout=60,
        env=dict(os.environ, TERM="xterm",
                 KEDGE_ENGINE_PATH="/nonexistent"))
    assert done.returncode == 1
    os.close(theirs)
    assert b"repositories" not in shown_on(ours)
    ours, theirs = pty.openpty()
    subprocess.run(
        [str(build / "kedge"), "-r", "/nowhere/good", "vrps"], stderr=theirs,
        stdout=subprocess.PIPE, timeout=60, check=True,
        env=dict(os.environ, TERM="xterm", KEDGE_ENGINE_PATH=str(
            build / "tests/unit/daemon/fake_engine")))
    os.close(theirs)
    shown = shown_on(ours)
    assert b"repositories 0/0" in shown and shown.endswith(b"\r\x1b[K")
    # Nor does a program read that there is nothing.
    assert kedge("quarantine").stdout == ""
    ours, theirs = pty.openpty()
    subprocess.run(
        [str(build / "kedge"), "-r", "/nowhere/good", "quarantine"],
        stdout=theirs, timeout=60, check=True,
        env=dict(os.environ, KEDGE_ENGINE_PATH=str(
            build / "tests/unit/daemon/fake_engine")))
    os.close(theirs)
    assert os.read(ours, 4096) == b"nothing is in quarantine\r\n"
    os.close(ours)


def test_the_example_is_a_configuration(kedge, tmp_path):
    """Every line of it, also those that stand as comments."""
    source = os.path.join(os.path.dirname(__file__), "../../doc/kedge.conf.example")
    with open(source, encoding="utf-8") as file:
        text = file.read()
    options = re.findall(r"^#?([a-z][a-z0-9-]*) = .*$", text, re.M)
    known = re.findall(r"^#? ?([a-z][a-z0-9-]*) =", kedge("config").stdout, re.M)
    assert len(options) > 40 and set(options) <= set(known)
    (tmp_path / "as-it-is.conf").write_text(text)
    done = kedge("-c", "as-it-is.conf", "config", "server")
    assert done.returncode == 0, done.stderr
    assert "rtr = 127.0.0.1:3323" in done.stdout
    every = re.sub(r"^#([a-z][a-z0-9-]* = )", r"\1", text, flags=re.M)
    lines = []
    for line in every.splitlines():
        # Files that only the operator has.
        if "= /etc/kedge/" in line or "=/srv/" in line or "-tls = " in line:
            continue
        if line.startswith("log"):
            continue
        lines.append(line)
    (tmp_path / "every.conf").write_text("\n".join(lines) + "\n")
    for command in ("server", "vrps"):
        done = kedge("-c", "every.conf", "config", command)
        assert done.returncode == 0, done.stderr


def test_config_refuses_what_a_server_would(kedge, tmp_path):
    (tmp_path / "k.conf").write_text("[server]\nrtr = localhost:3323\n")
    done = kedge("-c", "k.conf", "config")
    assert done.returncode == 1 and "127.0.0.1:3323" in done.stderr
    (tmp_path / "k.conf").write_text("[server]\nrtr = [::1]:3323\nhttp = [::1]:3323\n")
    done = kedge("-c", "k.conf", "config")
    assert done.returncode == 1
    assert "k.conf:3: http: `[::1]:3323` is named before" in done.stderr
    (tmp_path / "k.conf").write_text("[vrps]\noutput = jsn=a\n")
    assert kedge("-c", "k.conf", "config").returncode == 0
    done = kedge("-c", "k.conf", "config", "vrps")
    assert done.returncode == 1 and "did you mean json?" in done.stderr
