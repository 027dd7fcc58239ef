"""A page of the desk looked at: readable by everybody, fitting every screen."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.e2e.conftest import SCREENS
from tests.fakes_desk import DeskWorld

BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 860}
# What a wider and darker page may break; its elements are the same.
LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
EVERY = {"resultTypes": ["violations"]}  # to describe all that is well takes axe longest
BY_LOOKS = {**EVERY, "runOnly": {"type": "rule", "values": LOOKS}}


class Looks:
    """A page at its narrowest and light, then wide and dark, with its screenshots."""

    def __init__(self, page: Page, desk: DeskWorld) -> None:
        self._page, self._desk, self._axe = page, desk, Axe()
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self._heard(said.text))
        SCREENS.mkdir(parents=True, exist_ok=True)

    async def at(self, name: str, path: str) -> None:
        await self._page.goto(str(self._desk.server.make_url(f"/desk{path}")))
        await self._page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        for size, scheme, wide in ((NARROW, "light", (320,)), (WIDE, "dark", (1920,))):
            await self._page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await self._page.set_viewport_size(size)
            file = SCREENS / f"desk-{name}-{size['width']}-{scheme}.png"
            await self._page.screenshot(path=file, full_page=True)
            found = await self._axe.run(self._page, options=BY_LOOKS if size == WIDE else EVERY)
            assert found.violations_count == 0, f"{name}\n{found.generate_report()}"
            for width in (size["width"], *wide):
                await self._page.set_viewport_size({**size, "width": width})
                assert await self._page.evaluate(BEYOND) <= 0, (name, width)

    def _heard(self, said: str) -> None:
        if "Content Security" in said:
            self.troubles.append(said)
