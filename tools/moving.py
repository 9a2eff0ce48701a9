"""Make docs/moving.gif, the picture of the README that moves: `python -m tools.moving`.

In a real JupyterLab an exercise of chapter 02 is answered, wrong and then right, and a derivation is stepped
through. It is a GIF because GitHub lets its readers stop one.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import NOTEBOOKS, Chapter, Server
from tools.book.browser import chromium

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "moving.gif"
CHAPTER = "02_dense_layer"
WINDOW = {"width": 1180, "height": 900}
HEIGHT = 670  # of the pictures; they are as wide as the cells of the chapter
TASK, EXERCISE, CHECK = (
    "### Exercise 2.2",
    "def weight_gradient(X, dZ):",
    "checks.weight_gradient(weight_gradient)",
)
DERIVATION = 'widgets.derivation("2.6")'
WRONG, RIGHT = "return dZ.T @ X", "return X.T @ dZ"
KEY, GLANCE, READ, STUDY = 90, 700, 1800, 3500  # milliseconds that a picture is shown


class Film:
    """Pictures of the same part of a page, each with how long it is shown.

    Attributes
    ----------
    frames : list of PIL.Image.Image
    milliseconds : list of int
    """

    def __init__(self, page):
        self.page, self.frames, self.milliseconds = page, [], []

    def look_at(self, cell):
        """Let what follows show the page from this cell on."""
        self._cell = cell

    def take(self, milliseconds):
        """Take a picture of the page as it is; JupyterLab may have scrolled it."""
        self._cell.evaluate("cell => cell.scrollIntoView({ block: 'start' })")
        box = self._cell.bounding_box()
        clip = {"x": box["x"], "y": box["y"], "width": int(box["width"]), "height": HEIGHT}
        shot = self.page.screenshot(clip=clip, animations="disabled", caret="initial")
        self.frames.append(Image.open(io.BytesIO(shot)).convert("RGB"))
        self.milliseconds.append(milliseconds)

    def type(self, text):
        """Type, with a picture of each key."""
        for key in text:
            self.page.keyboard.type(key)
            self.take(KEY)

    def save(self, path):
        """Write the pictures, all in the same 64 colours."""
        tall = Image.new("RGB", (self.frames[0].width, HEIGHT * len(self.frames)))
        for k, frame in enumerate(self.frames):
            tall.paste(frame, (0, k * HEIGHT))
        colours = tall.quantize(64, dither=Image.Dither.NONE)
        first, *others = (frame.quantize(palette=colours, dither=Image.Dither.NONE) for frame in self.frames)
        first.save(path, save_all=True, append_images=others, duration=self.milliseconds, loop=0)


def answer(film, chapter):
    """Answer an exercise, wrong and then right."""
    film.look_at(chapter.cell(TASK))
    film.take(STUDY)
    last = "..."
    for line, verdict in ((WRONG, "transposed"), (RIGHT, "Right")):
        chapter.cell(EXERCISE).locator(".cm-content").click()
        film.page.keyboard.press("ControlOrMeta+End")
        for _ in last:
            film.page.keyboard.press("Backspace")
        film.take(GLANCE)
        film.type(line)
        film.take(GLANCE)
        for _ in range(2):  # the function, and its check
            film.page.keyboard.press("Shift+Enter")
        expect(chapter.output(CHECK)).to_contain_text(verdict)
        film.take(STUDY)
        if (fold := chapter.output(CHECK).locator("summary")).count():
            fold.click()
            film.take(STUDY)
        last = line


def step(film, chapter):
    """Step through a derivation, and look at another entry."""
    film.look_at(chapter.cell(DERIVATION))
    panel = chapter.panel(DERIVATION)
    film.take(READ)
    for line in range(2, 7):
        panel.click("Next").reads("line", str(line))
        film.page.wait_for_timeout(500)  # MathJax sets the line
        film.take(READ)
    panel.move("i", 1)
    film.page.wait_for_timeout(500)
    film.take(STUDY)


def main():
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = Server(NOTEBOOKS, Path(folder))
        try:
            chapter = Chapter(browser.new_page(viewport=WINDOW), server, CHAPTER)
            chapter.run(DERIVATION)
            film = Film(chapter.page)
            answer(film, chapter)
            step(film, chapter)
        finally:
            server.stop()
    film.save(PICTURE)
    seconds = sum(film.milliseconds) / 1000
    print(f"{len(film.frames)} pictures, {seconds:.0f} s, {PICTURE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
