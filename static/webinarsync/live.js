// Keeps the parts marked data-live as they are on the server; shows the page anew when none is left.
"use strict";

{
  const EVERY = 2000;
  const parts = (page) => Array.from(page.querySelectorAll("[data-live]"));

  const update = async () => {
    try {
      const response = await fetch(location.href, { cache: "no-store" });
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
