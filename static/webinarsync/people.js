// Ticks all people of a page, counts those that are ticked, and keeps "all" and the boxes in step.
// Without it each box is ticked by hand.
(function () {
  "use strict";
  for (const form of document.querySelectorAll("form.ws-people")) {
    const boxes = Array.from(form.querySelectorAll("input[name=_selected_action]"));
    const ofPage = Array.from(form.querySelectorAll("[data-ws-page]"));
    const all = form.querySelector("[data-ws-all]");
    const count = form.querySelector("[data-ws-count]");
    if (!count) continue;

    function show() {
      const ticked = boxes.filter((box) => box.checked);
      for (const box of ofPage) {
        box.checked = boxes.length > 0 && ticked.length === boxes.length;
        box.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
      }
      // Who is listed twice is one.
      const people = new Set(ticked.map((box) => box.value)).size;
      count.textContent = (all && all.checked ? Number(all.dataset.wsAll) : people)
        .toLocaleString(document.documentElement.lang);
    }

    form.addEventListener("change", (event) => {
      const used = event.target;
      if (used === all || ofPage.includes(used)) {
        for (const box of boxes) box.checked = used.checked;
      }
      // Unticking one person keeps the rest of this page, not the whole result.
      if (used !== all && all && !boxes.every((box) => box.checked)) all.checked = false;
      show();
    });
    // A browser that comes back to the page ticks what was ticked.
    window.addEventListener("pageshow", show);
  }
})();
