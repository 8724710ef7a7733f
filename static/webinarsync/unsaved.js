// Asks before the page is left while a form has changes that were not saved.
"use strict";

{
  const form = document.getElementById("letter");
  // The fields of the form, wherever they are on the page; choosing whom a preview shows is no
  // change of the email.
  const state = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "as" && name !== "template"));
  const opened = form && state();
  let leaving = false;

  if (form) {
    form.addEventListener("submit", () => { leaving = true; });
    // After the browser's Back button, the page is shown as it was left.
    window.addEventListener("pageshow", () => { leaving = false; });
    window.addEventListener("beforeunload", (event) => {
      if (!leaving && ("unsaved" in form.dataset || state() !== opened)) event.preventDefault();
    });
  }
}
