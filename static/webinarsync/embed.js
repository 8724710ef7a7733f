// Puts a registration form into a page of another site:
//   <script src="https://…/static/webinarsync/embed.js" data-form="https://…/register/a-webinar/" async></script>
// and lets every frame of such a form grow to its content.
"use strict";

(() => {
  const script = document.currentScript;
  const address = script.dataset.form;

  if (address) {
    const wanted = new URL(address);
    wanted.searchParams.set("embed", "1");
    // What brought the visitor to this page belongs to the registration.
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (name.startsWith("utm_") || name === "source") wanted.searchParams.set(name, value);
    }
    wanted.searchParams.set("referrer", location.href.split("#")[0]);
    const frame = document.createElement("iframe");
    frame.src = wanted;
    frame.title = script.dataset.title || "Registration";
    frame.dataset.webinarsync = "";
    frame.style.cssText = "width:100%;border:0;height:40rem";
    script.before(frame);
  }

  if (window.webinarsyncGrows) return;
  window.webinarsyncGrows = true;
  addEventListener("message", (event) => {
    if (event.data?.webinarsync !== "height") return;
    for (const frame of document.querySelectorAll("iframe[data-webinarsync]")) {
      if (frame.contentWindow === event.source) {
        frame.style.height = `${Math.min(Number(event.data.height) || 0, 20000)}px`;
      }
    }
  });
})();
