// Follows a mailing that is being sent; shows the page anew when it has ended.
"use strict";

{
  const status = document.querySelector("[data-progress]");
  const bar = document.getElementById("mailing-bar");

  const look = async () => {
    try {
      const answer = await (await fetch(status.dataset.progress, { cache: "no-store" })).json();
      status.textContent = answer.text;
      bar.max = answer.total;
      bar.value = answer.done;
      if (!answer.going) {
        location.reload();
        return;
      }
    } catch {
      // The server is away for a moment: look again later.
    }
    setTimeout(look, 1500);
  };

  setTimeout(look, 500);
}
