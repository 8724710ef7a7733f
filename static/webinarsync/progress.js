// Updates the status of running syncs. Without JavaScript the page shows the status when it was loaded.
(function () {
  "use strict";
  const EVERY = 1000;
  let idle = 0;

  function shown() {
    return Array.from(document.querySelectorAll("[data-webinar]"));
  }

  function show(item) {
    for (const place of document.querySelectorAll(`[data-webinar="${item.webinar}"]`)) {
      // A list has room for a word or two; the sentence is in the tooltip.
      const text = "short" in place.dataset ? item.short : item.text;
      if (place.textContent !== text) place.textContent = text;
      if (place.title) place.title = item.text;
      place.className = `ws-health ws-health-${item.tone}`;
      place.dataset.running = item.running ? "yes" : "no";
    }
    for (const bar of document.querySelectorAll(`[data-progress="${item.webinar}"]`)) {
      bar.hidden = !item.running;
      if (item.total) {
        bar.max = item.total;
        bar.value = item.done;
      } else {
        // How much there is to do is not known yet: the bar says that something goes on.
        bar.removeAttribute("value");
      }
    }
    for (const place of document.querySelectorAll(`[data-on-the-way="${item.webinar}"]`)) {
      if (place.textContent !== item.on_the_way) place.textContent = item.on_the_way;
    }
  }

  function anybodyOnTheWay() {
    return Array.from(document.querySelectorAll("[data-on-the-way]")).some((p) => p.textContent);
  }

  // A run so short that it was never seen running is over too: its number is another one.
  function isNews(item) {
    const place = document.querySelector(`[data-webinar="${item.webinar}"][data-run]`);
    return place && !item.running && place.dataset.run !== String(item.run);
  }

  async function look() {
    const ids = [...new Set(shown().map((place) => place.dataset.webinar))];
    if (!ids.length) return;
    const before = shown().some((place) => place.dataset.running === "yes") || anybodyOnTheWay();
    let news = false;
    try {
      const query = ids.map((id) => `id=${id}`).join("&");
      const answer = await fetch(`/webinars/progress/?${query}`, { credentials: "same-origin" });
      if (!answer.ok) return;
      for (const item of (await answer.json()).webinars) {
        show(item);
        news = news || isNews(item);
      }
    } catch (error) {
      // The server is unreachable for a moment: try again later.
    }
    const running = shown().some((place) => place.dataset.running === "yes") || anybodyOnTheWay();
    const counts = document.querySelector("[data-reload-when-done]");
    if ((news || (before && !running)) && counts) return window.location.reload();
    idle = running ? 0 : idle + 1;
    // Somebody else may start one: look seldom when nothing runs.
    window.setTimeout(look, running || idle < 20 ? EVERY : 15000);
  }

  document.addEventListener("DOMContentLoaded", () => window.setTimeout(look, EVERY));
})();
