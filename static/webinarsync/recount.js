// Counts the recipients of a draft again when a choice of who is left out changes; nothing is saved.
// Where that fails, and without JavaScript, a button saves and counts.
"use strict";

{
  const form = document.getElementById("letter");
  const again = document.querySelector("[data-count-again]");
  const parts = (page) => Array.from(page.querySelectorAll("[data-count]"));
  let asked;

  const count = async () => {
    asked?.abort();
    const now = new AbortController();
    asked = now;
    const values = new FormData(form);
    values.set("do", "count");
    const shown = parts(document);
    shown.forEach((part) => part.setAttribute("aria-busy", "true"));
    let counted = false;
    try {
      const answer = await fetch(form.action, { method: "POST", body: values, signal: now.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = parts(page);
      counted = answer.ok && fresh.length === shown.length;
      if (counted && asked === now) shown.forEach((part, place) => { part.innerHTML = fresh[place].innerHTML; });
    } catch {
      // The server is away, or a later choice is being counted.
    }
    if (asked !== now) return;
    shown.forEach((part) => part.removeAttribute("aria-busy"));
    again.hidden = counted;
  };

  if (again) {
    again.hidden = true;
    for (const field of form.elements) {
      if ("recount" in field.dataset) field.addEventListener("change", count);
    }
  }
}
