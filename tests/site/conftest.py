"""One headless browser for all tests, and a site built from the example paper."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.pages.figures.drawing import write_figure
from common.pages.layout import Layout
from common.pages.site.catalogue_page import write_catalogue
from common.pages.site.front_page import write_front
from common.pages.site.paper_page import write_paper
from common.pages.tables.writing import write_table
from tests.pages import example, grouped

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder site/quick of the example, and beside it the page of a paper with a wide table."""
    root = tmp_path_factory.mktemp("example")
    example.write_example(root)
    layout = Layout(root, "quick", example.PAPER)
    write_table(layout, "corruptions")
    write_figure(layout, "bars")
    write_paper(layout)
    write_paper(Layout(root, "quick", "bare"))
    folder = write_front(root, "quick").parent
    write_catalogue(root, "quick")
    wide = grouped.write_grouped(tmp_path_factory.mktemp("wide"))
    write_paper(wide)
    shutil.copytree(wide.site, folder / "wide")
    return folder


@pytest.fixture(scope="session")
def driver() -> Iterator[Any]:
    """Headless Chromium that logs each request and everything on the console."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    chromedriver = shutil.which("chromedriver")
    if not (browser and chromedriver):
        pytest.skip("NO BROWSER, THE SITE IS NOT TESTED: install chromium and chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    arguments = ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # which Chromium's sandbox asks of root
    for argument in arguments:
        options.add_argument(argument)
    started = webdriver.Chrome(options=options, service=Service(chromedriver))
    yield started
    started.quit()


@pytest.fixture
def browser(driver: Any) -> Any:
    """The browser with its usual window, scripts on and empty logs."""
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    show(driver, width=1280)
    driver.get("about:blank")
    driver.get_log("performance")
    driver.get_log("browser")
    return driver


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("NO AXE, CONTRAST AND ROLES ARE NOT TESTED: pip install axe-core-python")
    return (Path(found.origin).parent / "axe.min.js").read_text()


def violations(driver: Any, axe: str) -> list[str]:
    """What axe-core finds on the page as it stands, with all details open."""
    driver.execute_script("for (const part of document.querySelectorAll('details')) part.open = true;")
    driver.execute_script(axe)
    found: list[str] = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run({resultTypes: ['violations']}).then(found => done(found.violations.map("
        "  v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html).join(' | '))));"
    )
    return found


def show(driver: Any, width: int, scheme: str = "light") -> None:
    """Give the page a width in CSS pixels and a colour scheme."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
