# SPDX-License-Identifier: BSD-2-Clause
"""hostile_https - an HTTPS server on loopback that does what it is told.

Each path has a script: octets to send as they are, or a function that gets
the connection and does what it likes with it. Certificates are made by the
openssl command when they are needed; nothing of them is kept.
"""
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path


class Certificates:
    """A CA of our own and what it can sign, good and bad."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.ca = self.folder / "ca.pem"
        self._key("ca")
        self._openssl("req", "-x509", "-new", "-key", "ca.key", "-out",
                      "ca.pem", "-days", "30", "-subj", "/CN=test root",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _openssl(self, *args):
        subprocess.run(("openssl",) + args, cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _key(self, name):
        self._openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout",
                      "-out", name + ".key")

    def leaf(self, name, san="DNS:localhost,IP:127.0.0.1", expired=False):
        self._key(name)
        self._openssl("req", "-new", "-key", name + ".key", "-out",
                      name + ".csr", "-subj", "/CN=" + name)
        (self.folder / (name + ".ext")).write_text(
            "subjectAltName=%s\nbasicConstraints=CA:FALSE\n"
            "authorityKeyIdentifier=keyid\n" % san)
        if expired:
            (self.folder / "index.txt").write_text("")
            (self.folder / "ca.cnf").write_text(
                "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nrand_serial=yes"
                "\nnew_certs_dir=.\npolicy=p\ndefault_md=sha256\n"
                "[p]\ncommonName=supplied\n")
            self._openssl("ca", "-batch", "-config", "ca.cnf", "-cert",
                          "ca.pem", "-keyfile", "ca.key", "-in",
                          name + ".csr", "-out", name + ".pem", "-notext",
                          "-extfile", name + ".ext", "-startdate",
                          "20200101000000Z", "-enddate", "20200201000000Z")
        else:
            self._openssl("x509", "-req", "-in", name + ".csr", "-CA",
                          "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                          "-days", "10", "-extfile", name + ".ext", "-out",
                          name + ".pem")
        return name

    def self_signed(self, name):
        self._key(name)
        self._openssl("req", "-x509", "-new", "-key", name + ".key", "-out",
                      name + ".pem", "-days", "5", "-subj", "/CN=localhost",
                      "-addext", "subjectAltName=DNS:localhost")
        return name

    def context(self, name, most=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / (name + ".pem"),
                                self.folder / (name + ".key"))
        if most is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = most
        return context


class Request:
    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.path = lines[0].split(" ")[1] if " " in lines[0] else ""
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()


def answer(body, status="200 OK", headers=(), length=True):
    """A whole, honest answer."""
    if isinstance(body, str):
        body = body.encode()
    head = ["HTTP/1.1 " + status] + list(headers)
    if length:
        head.append("Content-Length: %d" % len(body))
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


def drip(first, octet=b"x", pause=0.2, most=600):
    """Send `first`, then one octet at a time."""
    def script(connection, request):
        connection.sendall(first)
        for _ in range(most):
            connection.sendall(octet)
            time.sleep(pause)
    return script


class Server:
    def __init__(self, certificates, leaf="good", most=None, handshake=True):
        self.context = certificates.context(leaf, most)
        self.handshake = handshake
        self.routes = {}
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.over = False
        threading.Thread(target=self._accept, daemon=True).start()

    def uri(self, path=""):
        return "https://localhost:%d%s" % (self.port, path)

    def find(self, request):
        return self.routes.get(request.path, answer("no", "404 Not Found"))

    def close(self):
        self.over = True
        self.listener.close()

    def _accept(self):
        while not self.over:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            # Or an answer waits for the other side's word on what TLS sent first.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, raw):
        try:
            if not self.handshake:
                time.sleep(30)
                return
            with self.context.wrap_socket(raw, server_side=True) as connection:
                while self._one(connection):
                    pass
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            raw.close()

    def _one(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(65536)
            if not more:
                return False
            head += more
        request = Request(head)
        self.requests.append(request)
        script = self.find(request)
        if callable(script):
            script = script(connection, request)
            if script is None:
                return False
        connection.sendall(script)
        return b"Connection: close" not in script and \
            (b"Content-Length" in script or b" 304 " in script[:20])
