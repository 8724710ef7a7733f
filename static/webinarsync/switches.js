// Saves a switch as soon as it is used, says so, and offers to undo it. Without it, the button sends
// its form and the page comes again.
(function () {
  "use strict";
  const SHOWN_FOR = 8000;

  function toast(text, undo) {
    const place = document.getElementById("toasts");
    const shown = document.createElement("p");
    shown.className = "ws-toast";
    shown.append(text);
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = place.dataset.undo;
      button.addEventListener("click", () => { shown.remove(); undo(); });
      shown.append(" ", button);
    }
    place.replaceChildren(shown);
    // Whoever is about to use its button keeps it.
    const remove = () => (shown.matches(":hover, :focus-within") ? later() : shown.remove());
    const later = () => window.setTimeout(remove, SHOWN_FOR);
    later();
  }

  function show(button, on) {
    button.setAttribute("aria-checked", String(on));
    button.setAttribute("formaction", on ? button.dataset.off : button.dataset.on);
  }

  async function use(button, withUndo) {
    const on = button.getAttribute("aria-checked") !== "true";
    show(button, on);
    button.disabled = true;
    let text = document.getElementById("toasts").dataset.failed;
    let saved = false;
    try {
      const answer = await fetch(on ? button.dataset.on : button.dataset.off, {
        method: "POST", body: new FormData(button.form), headers: { Accept: "application/json" },
      });
      if ((answer.headers.get("Content-Type") || "").includes("json")) text = (await answer.json()).text;
      saved = answer.ok;
    } catch (error) {
      // The server is away: the switch goes back, and the text says so.
    }
    button.disabled = false;
    button.focus();
    if (!saved) show(button, !on);
    toast(text, saved && withUndo ? () => use(button, false) : null);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.ws-switch");
    if (!button) return;
    event.preventDefault();
    use(button, true);
  });
})();
