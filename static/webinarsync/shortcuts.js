// Searching, saving and going on without a mouse.
(function () {
  "use strict";

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function save() {
    // Saved and still there, where the page offers that.
    const button =
      document.querySelector('[name="_continue"]') || document.querySelector('[name="_save"]');
    if (button) button.click();
    return Boolean(button);
  }

  function follow(rel) {
    const link = document.querySelector(`a[rel="${rel}"]`);
    if (link) link.click();
    return Boolean(link);
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      if (save()) event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "k" && isTyping(event.target)) {
      // The theme opens the search from anywhere else.
      event.preventDefault();
      window.dispatchEvent(new CustomEvent("opencommand"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "n" && follow("next")) event.preventDefault();
    if (event.key === "p" && follow("prev")) event.preventDefault();
  });
})();

// The theme's scroll bars are not loaded, and its script asks for them. The browser's own serve.
window.SimpleBar = { instances: new Map() };
// It also fills in a name beside the theme's own file fields, which ours are not.
addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("input[type=file]")) field.hasChangeListener = true;
});
// On a phone tabs are one row that scrolls: the open one is seen.
addEventListener("DOMContentLoaded", () => {
  for (const tab of document.querySelectorAll(":is(.ws-tabs, .ws-tabbar) [aria-current]")) {
    const row = tab.closest(".ws-tabs, .ws-tabbar");
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
});
// An icon is a word to a screen reader, beside the name of the page.
addEventListener("DOMContentLoaded", () => {
  for (const icon of document.querySelectorAll("#nav-sidebar-apps .material-symbols-outlined")) {
    icon.setAttribute("aria-hidden", "true");
  }
});
addEventListener("load", () => {
  document.querySelector("#nav-sidebar-apps a.active")?.scrollIntoView({ block: "nearest" });
});
