# SPDX-License-Identifier: BSD-2-Clause
"""A certification authority for tests and what it issues."""
import subprocess


def openssl(*words, folder):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Papers:
    """PEM files in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.ca = folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key",
                "-out", "ca.pem", "-days", "30", "-subj", "/CN=test authority",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", folder=folder)

    def issue(self, name, names, days=20):
        (self.folder / "ext").write_text(f"subjectAltName={names}\n"
                                         "authorityKeyIdentifier=keyid\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
                folder=self.folder)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", str(days),
                "-extfile", "ext", folder=self.folder)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"
