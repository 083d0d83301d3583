# SPDX-License-Identifier: BSD-2-Clause
"""A small internet: a network of its own, where names are what they say.

In a namespace with nothing but loopback every host has an address of its own,
/etc/hosts knows their names, an rsyncd listens on each and one HTTPS server
for all. What other people's repositories say about themselves is thus true,
and nothing leaves the machine.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

RSYNCD = """\
use chroot = no
log file = {top}/{host}.log
address = {address}
port = {port}
read only = yes
list = no
{owner}
"""

NGINX = """\
daemon off;
{owner}
pid {top}/nginx.pid;
error_log {top}/nginx-error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log {top}/nginx-access.log;
    client_body_temp_path {top}/body;
    proxy_temp_path {top}/proxy;
    fastcgi_temp_path {top}/fastcgi;
    uwsgi_temp_path {top}/uwsgi;
    scgi_temp_path {top}/scgi;
    default_type application/octet-stream;
    server {{
        listen 443 ssl;
        listen 8443 ssl;
        server_name _;
        ssl_certificate {top}/server.pem;
        ssl_certificate_key {top}/server.key;
        location / {{ root {top}/https/$host; }}
    }}
}}
"""


def _find(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def possible():
    """Why not, or None."""
    for program in ("unshare", "nsenter", "ip", "rsync", "nginx", "openssl"):
        if _find(program) is None:
            return f"no {program}"
    user = [] if os.getuid() == 0 else ["--map-root-user"]
    done = subprocess.run(["unshare", *user, "--net", "--mount", _find("ip"), "link",
                           "set", "lo", "up"], capture_output=True)
    return None if done.returncode == 0 else "no namespaces of one's own"


def require():
    """Skips the test where there can be no realm."""
    why = possible()
    if why is not None:
        pytest.skip(why)


class Realm:
    """hosts: the names that exist, each with the port of its rsyncd."""

    def __init__(self, top, hosts):
        self.top = pathlib.Path(top)
        self.top.mkdir(parents=True)
        self.hosts = dict(hosts)
        self.root_cert = self.top / "server.pem"
        self.processes = []
        self.rsyncds = {}
        self.holder = None

    def enter(self):
        """What to put before a command to run it in here."""
        user = [] if os.getuid() == 0 else ["-U", "--preserve-credentials"]
        return ["nsenter", "-t", str(self.holder.pid), *user, "-n", "-m"]

    def run(self, *command, **options):
        return subprocess.run([*self.enter(), *map(str, command)], **options)

    def address(self, host):
        if host == "localhost":
            return "127.0.0.1"
        return f"127.0.1.{list(self.hosts).index(host) + 1}"

    def __enter__(self):
        user = [] if os.getuid() == 0 else ["--map-root-user"]
        self.holder = subprocess.Popen(["unshare", *user, "--net", "--mount", "sh", "-c",
                                        "echo ready; exec sleep 86400"],
                                       stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"ready\n"
        self.run(_find("ip"), "link", "set", "lo", "up", check=True)
        names = self.top / "hosts"
        names.write_text("127.0.0.1 localhost\n" + "".join(
            f"{self.address(h)} {h}\n" for h in self.hosts if h != "localhost"))
        self.run("mount", "--bind", names, "/etc/hosts", check=True)
        self._certificate()
        self._start_nginx()
        for host, port in self.hosts.items():
            self.show(host)
            self.rsyncds[host] = self._start(
                self.address(host), port, "rsync", "--daemon", "--no-detach",
                f"--config={self.top / host}.conf")
        return self

    def _certificate(self):
        names = ",".join(f"DNS:{h}" for h in self.hosts)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
             "-subj", "/CN=realm", "-addext", f"subjectAltName={names}",
             "-keyout", self.top / "server.key", "-out", self.root_cert],
            check=True, capture_output=True)

    def _start_nginx(self):
        (self.top / "https").mkdir()
        conf = self.top / "nginx.conf"
        owner = "user root;" if os.getuid() == 0 else ""
        conf.write_text(NGINX.format(top=self.top, owner=owner))
        self._start("127.0.0.1", 443, _find("nginx"), "-p", self.top, "-c", conf,
                    "-e", self.top / "nginx-error.log")

    def _start(self, address, port, *command):
        process = subprocess.Popen([*self.enter(), *map(str, command)],
                                   stdin=subprocess.DEVNULL,
                                   stdout=open(self.top / "servers.log", "ab"),
                                   stderr=subprocess.STDOUT)
        self.processes.append(process)
        until = time.monotonic() + 10
        while not self._listens(address, port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command} does not listen on {address}:{port}")
            time.sleep(0.05)
        return process

    @contextlib.contextmanager
    def mute(self, host):
        """Its rsyncd takes connections and never says a word."""
        self.rsyncds[host].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.rsyncds[host].send_signal(signal.SIGCONT)

    def _listens(self, address, port):
        """As the kernel in there tells it: one need not enter to look."""
        table = pathlib.Path(f"/proc/{self.holder.pid}/net/tcp").read_text()
        wanted = {socket.inet_aton(a)[::-1].hex().upper() + f":{port:04X}"
                  for a in (address, "0.0.0.0")}
        return any(line.split()[1] in wanted and line.split()[3] == "0A"
                   for line in table.splitlines()[1:])

    def show(self, host, modules=None, https=None):
        """From now on this host serves these modules (name -> folder) and this
        folder; rsyncd reads its configuration anew for each connection."""
        owner = "uid = root\ngid = root" if os.getuid() == 0 else ""
        text = RSYNCD.format(top=self.top, host=host, address=self.address(host),
                             port=self.hosts[host], owner=owner)
        for name, folder in (modules or {}).items():
            text += f"\n[{name}]\npath = {folder}\n"
        aside = self.top / "aside"
        aside.write_text(text)
        os.replace(aside, self.top / f"{host}.conf")
        web = self.top / "https" / host
        if web.is_symlink():
            web.unlink()
        if https is not None:
            web.symlink_to(pathlib.Path(https).resolve())

    def show_tree(self, tree, https=True):
        """Folders HOST/MODULE of a tree; HTTPS has the same files."""
        for host in self.hosts:
            folder = pathlib.Path(tree) / host
            if folder.is_dir():
                self.show(host, {m.name: m for m in folder.iterdir() if m.is_dir()},
                          folder if https else None)
            else:
                self.show(host)

    def requests(self):
        """Paths asked of the HTTPS server, in order, with status."""
        log = (self.top / "nginx-access.log").read_text().splitlines()
        return [(line.split('"')[1].split()[1], int(line.split('"')[2].split()[0]))
                for line in log]

    def __exit__(self, *what):
        for process in [*reversed(self.processes), self.holder]:
            process.terminate()
        for process in [*self.processes, self.holder]:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
