# SPDX-License-Identifier: BSD-2-Clause
"""What kedge-forge made of a story: its steps and their truths."""
import os
import pathlib
import subprocess

STORIES = pathlib.Path(__file__).resolve().parent.parent / "stories"


def rows(path, width):
    """The lines of a CSV file after its header, cut to the first columns."""
    lines = pathlib.Path(path).read_text().splitlines()[1:]
    return {tuple(line.split(",")[:width]) for line in lines if line}


class Step:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.at = (self.folder / "at").read_text().strip()

    def vrps(self, memory="warm"):
        return rows(self.folder / self._name("truth", memory), 4)

    def aspas(self, memory="warm"):
        return rows(self.folder / self._name("truth-aspas", memory), 3)

    def router_keys(self, memory="warm"):
        return rows(self.folder / self._name("truth-routerkeys", memory), 4)

    def publish(self):
        """Its notifications are from now, for who asks whether there are newer ones."""
        for notification in self.folder.glob("https/*/notification.xml"):
            os.utime(notification)

    @staticmethod
    def _name(name, memory):
        return name + ("-cold" if memory == "cold" else "") + ".csv"


class Tale:
    """A story that was played into a folder."""

    def __init__(self, folder, story=None):
        self.folder = pathlib.Path(folder)
        self.tals = self.folder / "tals"
        count = len(list(self.folder.glob("step-*")))
        self.steps = [Step(self.folder / f"step-{n + 1}") for n in range(count)]
        self.expected = _expectations(story)


def _expectations(story):
    """step number -> list of words after 'expect'."""
    found, step = {}, 1
    if story is not None:
        for line in pathlib.Path(story).read_text().splitlines():
            words = line.split("#")[0].split()
            if words[:1] == ["step"]:
                step += 1
            elif words[:1] == ["expect"]:
                found.setdefault(step, []).append(words[1:])
    return found


class Forge:
    def __init__(self, program, keys):
        self.program = program
        self.keys = keys

    def run(self, verb, *args, timeout=1800):
        # What is given later wins.
        subprocess.run([self.program, verb, "--keys", self.keys, *map(str, args)],
                       check=True, timeout=timeout)

    def play(self, story, out, site=None, *options):
        """With a site: URIs that it serves. Without: names for offline peers."""
        story = pathlib.Path(story)
        if not story.exists():
            story = STORIES / story
        bases = ["--rsync-all"] if site is None else site.bases()
        self.run("play", story, "--out", out, *bases, *options)
        return Tale(out, story)

    def tell(self, text, folder, site):
        """Play a text in this folder; the site shows its first step."""
        story = folder / "story.scn"
        story.write_text(text)
        made = self.play(story, folder / "tale", site)
        site.show(made.steps[0])
        return made
