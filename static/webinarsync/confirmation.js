// Polls the status of the registration, and reloads the page when it changes.
"use strict";

{
  const section = document.querySelector("[data-status]");
  const every = Number(section.dataset.every) * 1000;

  const look = async () => {
    try {
      const response = await fetch(section.dataset.status, { cache: "no-store" });
      const { mark } = await response.json();
      if (mark !== section.dataset.mark) {
        location.reload();
        return;
      }
    } catch {
      // The network or the server is away for a moment: ask again later.
    }
    setTimeout(look, every);
  };

  setTimeout(look, every / 2);
}
