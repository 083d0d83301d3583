# SPDX-License-Identifier: BSD-2-Clause
"""A real rsyncd and a real HTTPS server on free loopback ports."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

from ports import free_port

RSYNCD = """\
use chroot = no
pid file = {top}/rsyncd.pid
log file = {top}/rsyncd.log
address = 127.0.0.1
port = {port}
read only = yes
list = no
{owner}
"""

MODULE = """
[{name}]
path = {top}/live/rsync/{name}
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
        listen 127.0.0.1:{port} ssl;
        server_name localhost;
        ssl_certificate {top}/server.pem;
        ssl_certificate_key {top}/server.key;
        root {top}/live/https;
    }}
}}
"""


def wait_for(port, process, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nobody listens on port {port}")


class Site:
    """Serves one step of a tale at a time; show() turns to another."""

    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.top.mkdir(parents=True)
        self.rsync_port = free_port()
        self.https_port = free_port()
        self.root_cert = self.top / "server.pem"
        self.processes = []

    def bases(self):
        return ["--rsync-base", f"rsync://localhost:{self.rsync_port}/%h",
                "--https-base", f"https://localhost:{self.https_port}/%h"]

    def __enter__(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "400",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", self.top / "server.key", "-out", self.root_cert],
            check=True, capture_output=True)
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        owner = "user root;" if os.getuid() == 0 else ""
        conf = self.top / "nginx.conf"
        conf.write_text(NGINX.format(top=self.top, port=self.https_port, owner=owner))
        self._start(self.https_port, nginx, "-p", self.top, "-c", conf,
                    "-e", self.top / "nginx-error.log")
        return self

    def _start(self, port, *command):
        process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                   stdout=open(self.top / "servers.log", "ab"),
                                   stderr=subprocess.STDOUT)
        self.processes.append(process)
        wait_for(port, process)
        return process

    def show(self, step):
        """From now on serve this step."""
        aside = self.top / "live.new"
        aside.symlink_to(step.folder.resolve())
        os.replace(aside, self.top / "live")
        if len(self.processes) == 1:
            self._start_rsyncd(step.folder.parent)

    def _start_rsyncd(self, tale):
        owner = "uid = root\ngid = root" if os.getuid() == 0 else ""
        text = RSYNCD.format(top=self.top, port=self.rsync_port, owner=owner)
        hosts = {p.name for p in tale.glob("step-*/rsync/*") if p.is_dir()}
        for name in sorted(hosts):
            text += MODULE.format(top=self.top, name=name)
        conf = self.top / "rsyncd.conf"
        conf.write_text(text)
        self._start(self.rsync_port, "rsync", "--daemon", "--no-detach",
                    f"--config={conf}")

    def requests(self):
        """Paths that were asked of the HTTPS server, in order, with status."""
        log = (self.top / "nginx-access.log").read_text().splitlines()
        return [(line.split('"')[1].split()[1], int(line.split('"')[2].split()[0]))
                for line in log]

    def __exit__(self, *what):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
