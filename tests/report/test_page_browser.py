"""The page in a real browser, where there is one: it asks nobody, and its cells lead somewhere."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.model.outcome import Verdict

from .folders import CASE, arrival, check, page_of_run, seen, write_run

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402 - needs selenium

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
TOKEN = "harness-00000001-main-0000007"
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--window-size=1280,1600",
)

pytestmark = [
    pytest.mark.skipif(
        BROWSER is None or DRIVER is None, reason="chromium and chromedriver are not installed"
    ),
    pytest.mark.filterwarnings("default::ResourceWarning"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium with a profile of its own, which writes down what it does."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


class Listener:
    """An address that a hostile mail wants to be asked, and how often anybody connected to it."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def connections(self) -> int:
        """Those that wait to be accepted; not even a connection without a request is well."""
        self._socket.settimeout(1.0)
        try:
            self._socket.accept()[0].close()
        except TimeoutError:
            return 0
        return 1 + self.connections()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    """Where nobody must connect to."""
    with closing(Listener()) as made:
        yield made


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Path:
    """A run with passed, deviating and failed checks; a mail of it would tell on its reader."""
    url = listener.url
    mail = (
        f"<h1>Archived</h1><img src='{url}/image'><script src='{url}/script'></script>"
        f"<link rel=stylesheet href='{url}/style'><style>@import '{url}/import';"
        f"body{{background:url({url}/background)}}</style><iframe src='{url}/frame'></iframe>"
        f"<meta http-equiv=refresh content='0;url={url}/refresh'>"
        "<script>parent.document.title = 'taken over'</script><img src=x onerror=alert(1)>"
    )
    failed = {"deciding": "create.datasets.owner", "expected": "deny", "reason": "status 201"}
    folder = write_run(
        tmp_path_factory.mktemp("page"),
        *(check(seen(), case=f"{CASE}-{number}", identity="user2") for number in range(250)),
        check(seen(), case=f"{CASE}-d", verdict=Verdict.DEVIATING, ledger="v3-list-crash"),
        check(seen(), verdict=Verdict.FAILED, correlation=TOKEN, **failed),
        arrivals=[arrival("email", TOKEN, html=mail, subject="Archived", accepted=True)],
        stories={CASE: "POST http://x/api/v4/jobs as user1\n  observed  201 {}"},
        parts={CASE: [("observed", "201 {}"), ("curl", "curl -X POST http://x")]},
    )
    page_of_run(folder)
    return folder / "report.html"


def opened(browser: Any, page: Path, scheme: str = "light", fragment: str = "") -> None:
    """Open the page afresh, in light or dark."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get("about:blank")
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(page.as_uri() + fragment)


def requests_of(browser: Any) -> set[str]:
    """What was asked for since the page was opened, but for the file itself."""
    messages = [json.loads(each["message"])["message"] for each in browser.get_log("performance")]
    urls = [
        each["params"]["request"]["url"]
        for each in messages
        if each["method"] == "Network.requestWillBeSent"
    ]
    return {each for each in urls if not each.startswith(("file:", "data:", "about:"))}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_quietly(scheme: str, browser: Any, page: Path, tmp_path: Path) -> None:
    opened(browser, page, scheme)
    assert browser.title.startswith("fail: SciCat jobs")
    assert browser.get_log("browser") == []
    assert requests_of(browser) == set()
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in ground[4:-1].split(","))
    assert (brightness < 200) == (scheme == "dark")
    assert browser.save_screenshot(str(tmp_path / f"{scheme}.png"))


def test_a_cell_of_the_heat_map_leads_to_its_cases(browser: Any, page: Path) -> None:
    opened(browser, page)
    cell = browser.find_element("css selector", "#map-create td.bad a")
    assert cell.get_attribute("aria-label").startswith("create all_access as user1")
    cell.send_keys("\n")  # by keyboard, as by mouse
    found = browser.find_element("id", "found").text
    assert found == "2 of 252 cases"
    rows = browser.find_elements("css selector", "#list tbody tr")
    assert [each.get_attribute("class") for each in rows] == ["deviating", "failed"]
    assert browser.switch_to.active_element.get_attribute("id") == "h-cases"
    browser.find_element("css selector", "#filter button[type=reset]").click()
    browser.find_element("id", "more").click()
    assert len(browser.find_elements("css selector", "#list tbody tr")) == 200


def test_filters_are_in_the_address(browser: Any, page: Path) -> None:
    opened(browser, page)
    browser.find_element("css selector", "#map-create td.bad a").click()
    followed = browser.current_url
    assert "#cases?" in followed
    search = browser.find_element("name", "text")
    search.send_keys("201 failed")
    assert browser.find_element("id", "found").text == "1 of 252 cases"
    assert "text=201+failed" in browser.current_url
    opened(browser, page, fragment=f"#{browser.current_url.partition('#')[2]}")
    assert browser.find_element("id", "found").text == "1 of 252 cases"
    # The same cell again: its own filters, without what was typed.
    browser.find_element("css selector", "#map-create td.bad a").click()
    assert browser.find_element("id", "found").text == "2 of 252 cases"
    browser.find_element("css selector", "#filter button[type=reset]").click()
    WebDriverWait(browser, 5).until(lambda each: "#cases" not in each.current_url)


def test_the_same_cell_twice_leads_to_its_cases_twice(browser: Any, page: Path) -> None:
    opened(browser, page)
    for _ in range(2):
        browser.execute_script("scrollTo(0, 0); document.activeElement.blur()")
        browser.find_element("css selector", "#map-create td.bad a").send_keys("\n")
        assert browser.switch_to.active_element.get_attribute("id") == "h-cases"
        assert browser.execute_script("return scrollY") > 0


def test_cases_are_sorted_by_a_column(browser: Any, page: Path) -> None:
    opened(browser, page, fragment="#cases?verdict=failed")
    head = browser.find_elements("css selector", "#list thead th button")[-1]
    head.click()
    assert head.find_element("xpath", "..").get_attribute("aria-sort") == "ascending"
    times = times_of(browser)
    assert times == sorted(times)
    head.click()
    assert times_of(browser) == sorted(times, reverse=True)
    assert "sort=-ms" in browser.current_url


def times_of(browser: Any) -> list[int]:
    cells = browser.find_elements("css selector", "#list tbody td.num")
    return [int(each.text) for each in cells]


def test_a_command_is_copied_or_selected(browser: Any, page: Path) -> None:
    opened(browser, page)
    browser.execute_script(
        "for (const each of document.querySelectorAll('details')) each.open = true"
    )
    button = browser.find_element("css selector", "button.copy")
    button.click()
    WebDriverWait(browser, 5).until(lambda _: button.text in ("Copied", "Selected"))


def test_a_slash_leads_to_the_search(browser: Any, page: Path) -> None:
    opened(browser, page)
    browser.find_element("css selector", "body").send_keys("/")
    assert browser.switch_to.active_element.get_attribute("name") == "text"
    assert browser.switch_to.active_element.get_attribute("value") == ""


def test_a_failed_case_opens_where_it_is_told_and_a_deviating_one_in_the_list(
    browser: Any, page: Path
) -> None:
    opened(browser, page, fragment="#cases?ledger=v3-list-crash")
    browser.find_element("css selector", "#list button.name").click()
    detail = browser.find_element("css selector", "#list tr.detail").text
    assert "known deviation" in detail
    opened(browser, page, fragment="#cases?verdict=failed")
    browser.find_element("css selector", "#list td a").click()
    case = browser.find_element("css selector", "details.case")
    assert case.get_attribute("open") is not None
    assert "201 {}" in case.text


def test_a_passed_case_opens_with_what_its_row_knows(browser: Any, page: Path) -> None:
    opened(browser, page, fragment="#cases?verdict=passed")
    browser.find_element("css selector", "#list button.name").click()
    detail = browser.find_element("css selector", "#list tr.detail").text
    assert "create v4 as user2" in detail
    assert "expected\nallow" in detail
    assert "none, and none arrived" not in detail
    browser.find_element("css selector", "#list button.name").click()
    assert browser.find_elements("css selector", "#list tr.detail") == []


def test_on_paper_few_failures_are_open_and_many_are_lines(browser: Any, page: Path) -> None:
    opened(browser, page)
    open_cases = "return document.querySelectorAll('details.case[open]').length"
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(open_cases) == 1
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(open_cases) == 0
    browser.execute_script(
        "const one = document.querySelector('details.case');"
        "for (let number = 0; number < 40; number++) one.after(one.cloneNode(true));"
        "dispatchEvent(new Event('beforeprint'))"
    )
    assert browser.execute_script(open_cases) == 0


def test_a_mail_is_shown_and_can_do_nothing(browser: Any, page: Path, listener: Listener) -> None:
    opened(browser, page, fragment="#case-251")
    frame = browser.find_element("tag name", "iframe")
    browser.execute_script("arguments[0].scrollIntoView()", frame)
    browser.switch_to.frame(frame)
    assert browser.find_element("tag name", "h1").text == "Archived"
    browser.switch_to.default_content()
    assert browser.title.startswith("fail:")
    assert listener.connections() == 0


def test_the_page_tells_the_verdict_without_its_script(browser: Any, page: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, page)
        text = browser.find_element("tag name", "body").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    for told in ("fail", "create.datasets.owner", "Create: identity", "needs the script"):
        assert told in text
