// Ticks all people of a page, counts those that are ticked, and keeps "all" and the boxes in step.
// Without it each box is ticked by hand.
(function () {
  "use strict";
  for (const form of document.querySelectorAll("form.ws-people")) {
    const boxes = Array.from(form.querySelectorAll("tbody input[type=checkbox]"));
    const ofPage = form.querySelector("[data-ws-page]");
    const all = form.querySelector("[data-ws-all]");
    const count = form.querySelector("[data-ws-count]");

    function show() {
      const ticked = boxes.filter((box) => box.checked).length;
      ofPage.checked = boxes.length > 0 && ticked === boxes.length;
      ofPage.indeterminate = ticked > 0 && ticked < boxes.length;
      count.textContent = (all && all.checked ? Number(all.dataset.wsAll) : ticked)
        .toLocaleString(document.documentElement.lang);
    }

    form.addEventListener("change", (event) => {
      if (event.target === ofPage || event.target === all) {
        for (const box of boxes) box.checked = event.target.checked;
      }
      // One who is left out leaves the page's others, not everybody.
      if (event.target !== all && all && !boxes.every((box) => box.checked)) all.checked = false;
      if (event.target === ofPage && all && !ofPage.checked) all.checked = false;
      show();
    });
    // A browser that comes back to the page ticks what was ticked.
    window.addEventListener("pageshow", show);
  }
})();
