// Keeps the parts marked data-live as they are on the server; shows the page anew when none is left.
// A part may name a smaller page that holds the same parts.
"use strict";

{
  const EVERY = 2000;
  const parts = (page) => Array.from(page.querySelectorAll("[data-live]"));

  const update = async () => {
    try {
      const source = parts(document)[0]?.dataset.live || location.href;
      const response = await fetch(source, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const shown = parts(document);
      const fresh = parts(page);
      if (response.ok && fresh.length !== shown.length) {
        location.reload();
        return;
      }
      fresh.forEach((part, place) => {
        if (!part.isEqualNode(shown[place])) shown[place].innerHTML = part.innerHTML;
      });
    } catch {
      // The network or the server is away for a moment: ask again later.
    }
    setTimeout(update, EVERY);
  };

  setTimeout(update, EVERY);
}
