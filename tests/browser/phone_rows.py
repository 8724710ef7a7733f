"""Rows of lists on a phone: small, complete, and no wider than the screen."""

from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
HIGHEST = 90
ROWS = "#result_list tr.data-row, .ws-list > tbody > tr"
# For each row: its height, its titles, what is cut off in it, and what is beside it. Text that ends
# in an ellipsis is complete in a title.
MEASURE = """(rows) => rows.map((row) => {
  const shown = [...row.querySelectorAll("*")].filter((one) => one.checkVisibility());
  const isShort = (one) => {
    const style = getComputedStyle(one);
    const ends = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    return ends && one.closest("[title]");
  };
  const clipped = shown.filter((one) => one.clientWidth > 0 && !isShort(one) &&
    !one.classList.contains("material-symbols-outlined") &&
    getComputedStyle(one).overflow !== "visible" &&
    (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1));
  const box = row.getBoundingClientRect();
  const beside = shown.filter((one) => {
    const own = one.getBoundingClientRect();
    return own.width && !one.parentElement.closest("td, th") &&
      (own.right > box.right + 1 || own.left < box.left - 1 || own.bottom > box.bottom + 1);
  });
  return {
    height: box.height,
    titles: shown.filter((one) => one.matches(".ws-card-title")).map((one) => one.innerText),
    clipped: clipped.map((one) => one.outerHTML.slice(0, 200)),
    beside: beside.map((one) => one.outerHTML.slice(0, 200)),
    small: [...row.querySelectorAll("a, button, label")].filter((one) => one.checkVisibility())
      .map((one) => [one, one.getBoundingClientRect().height])
      .filter(([one, high]) => high < 24 && !one.closest(".ws-card-title"))
      .map(([one, high]) => `${high} ${one.outerHTML.slice(0, 200)}`),
  };
})"""
# Everything that scrolls sideways within the page, except rows of tabs, which may.
SCROLLING = """() => [...document.querySelectorAll("main *")].filter((one) =>
  ["auto", "scroll"].includes(getComputedStyle(one).overflowX) &&
  !one.matches(".ws-tabs, .ws-tabbar") && one.checkVisibility() &&
  one.scrollWidth > one.clientWidth + 1
).map((one) => one.outerHTML.slice(0, 200))"""
WIDTH = "document.documentElement.scrollWidth"


def check_rows(page: Page, address: str) -> None:
    """Fail if a row of the open page is not one small card."""
    assert page.evaluate(WIDTH) <= PHONE["width"], address
    assert page.evaluate(SCROLLING) == [], address
    rows = page.locator(ROWS).evaluate_all(MEASURE)
    assert rows, f"{address} has no row"
    for row in rows:
        assert row["height"] <= HIGHEST, (address, row)
        assert len(row["titles"]) == 1 and row["titles"][0].strip(), (address, row)
        assert [row["clipped"], row["beside"], row["small"]] == [[], [], []], (address, row)
