"""An annotator at Label Studio's page, in a real Chromium: logs in, opens the stream of tasks, answers, moves on."""

from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from briefbench.annotation.studio.projects import desks
from briefbench.dataset.records import Bullet
from studio_support import Desk

expect.set_options(timeout=30_000)  # a busy machine is no fault of the page

SCREEN = {"width": 1280, "height": 900}
#: Returns the labels that are chosen, in order of the page.
_CHOSEN = "() => [...document.querySelectorAll('.bb-ask input:checked')].map((one) => one.name)"
#: Returns where a phrase of the bullet stands on the screen: the middles of its left and of its right edge.
_EDGES = """(line, phrase) => {
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(phrase);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + phrase.length);
    const boxes = [...range.getClientRects()];
    const [first, last] = [boxes[0], boxes[boxes.length - 1]];
    return [first.left, first.top + first.height / 2, last.right, last.top + last.height / 2];
  }
  throw new Error("no such phrase");
}"""


@dataclass
class Labelling:
    """The labelling page of one annotator's project."""

    page: Page
    project: str

    @classmethod
    def log_in(cls, browser: Browser, desk: Desk, name: str, *, decisions: bool = False) -> "Labelling":
        """Log in with the account that the invitation made, in a fresh profile."""
        account = desk.workspace.accounts()[name]
        with desk.server.studio() as studio:
            number = desks(studio, decisions=decisions)[name].project.id
        page = browser.new_context(viewport=SCREEN).new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{desk.server.url}/user/login/")
        page.fill("input[name=email]", account.email)
        page.fill("input[name=password]", account.password)
        page.click("button[type=submit]")
        page.wait_for_url(f"{desk.server.url}/")
        return cls(page, f"{desk.server.url}/projects/{number}")

    def start(self) -> str:
        """Open the stream of open tasks from the project's page; return the codebook, which is shown first."""
        self.page.goto(f"{self.project}/data")
        self.page.get_by_role("button", name="Label All Tasks").click()
        instructions = self.page.locator(".codebook")
        instructions.wait_for()
        said = instructions.inner_text()
        self.page.keyboard.press("Escape")
        instructions.wait_for(state="hidden")
        self.line.wait_for()
        return said

    @property
    def line(self) -> Locator:
        """The bullet's text."""
        return self.page.locator(".bb-top .lsf-richtext__line")

    @property
    def chosen(self) -> list[str]:
        """The labels that are chosen, in order of the page."""
        return list(self.page.evaluate(_CHOSEN))

    @property
    def suggestions(self) -> int:
        """How many suggestions the page knows of for this bullet."""
        return int(self.page.evaluate("() => window.Htx.annotationStore.predictions.length"))

    @property
    def marked(self) -> Locator:
        """The phrase that is marked."""
        return self.line.locator(".htx-highlight")

    def shows(self, bullet: Bullet) -> None:
        """Wait for a bullet; it must be shown to the letter."""
        expect(self.line).to_have_text(bullet.text, use_inner_text=True)

    def choose(self, question: str, label: str) -> None:
        """Click a label among the answers to a question."""
        answers = self.page.locator(".bb-ask", has_text=question)
        answers.locator("label", has=self.page.locator(f"input[name={label}]")).click()

    def press(self, *keys: str) -> None:
        """Press hot keys of labels, each when the one before has changed what is chosen."""
        for key in keys:
            before = self.chosen
            self.page.keyboard.press(key)
            self.page.wait_for_function(
                f"before => JSON.stringify(({_CHOSEN})()) !== JSON.stringify(before)", arg=before
            )

    def mark(self, phrase: str) -> None:
        """Press the phrase's hot key and drag over a phrase of the text."""
        self.page.keyboard.press("m")
        self.page.locator(".lsf-label_selected").wait_for()
        left, top, right, bottom = self.edges(phrase)
        self.drag((left + 1, top), (right - 1, bottom))
        self.marked.first.wait_for()

    def edges(self, phrase: str) -> tuple[float, float, float, float]:
        """Return where a phrase of the text stands: the middles of its left and of its right edge."""
        left, top, right, bottom = self.line.evaluate(_EDGES, phrase)
        return left, top, right, bottom

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the mouse at one place, move it in some steps, and let go at another."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
        mouse.move(*end, steps=3)
        mouse.up()

    def submit(self) -> None:
        """Submit, and wait until the server has it."""
        self._send("Submit current annotation", "POST")

    def update(self) -> None:
        """Submit the change of an answer."""
        self._send("submit", "PATCH")

    def skip(self) -> None:
        """Skip the task."""
        self._send("skip-task", "POST")

    def back(self) -> None:
        """Go to the task before."""
        self.page.get_by_role("button", name="Previous").click()

    def close(self) -> None:
        """Close the page; nothing in a text may have run."""
        harmed = self.page.evaluate("() => window.harmed ?? null")
        self.page.context.close()
        assert harmed is None

    def _send(self, button: str, method: str) -> None:
        with self.page.expect_response(
            lambda answer: answer.request.method == method and "/annotations" in answer.url
        ) as answer:
            self.page.get_by_role("button", name=button, exact=True).click()
        assert answer.value.ok, answer.value.text()
