// Adds the reader's own clock to a webinar's time where it differs from the webinar's.
(function () {
  "use strict";
  const language = document.documentElement.lang || undefined;
  const format = new Intl.DateTimeFormat(language, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
    hourCycle: "h23", timeZoneName: "short",
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const time of document.querySelectorAll("time[data-own-time]")) {
      const stated = time.getAttribute("datetime") || "";
      const at = new Date(stated);
      if (Number.isNaN(at.getTime())) continue;
      const offset = stated.match(/([+-])(\d\d):(\d\d)$/);
      const minutes = offset ? Number(`${offset[1]}1`) * (offset[2] * 60 + Number(offset[3])) : 0;
      if (minutes === -at.getTimezoneOffset()) continue;
      const own = document.createElement("span");
      own.className = "own";
      const sign = document.createElement("span");
      sign.textContent = "= ";
      own.append(sign, format.format(at));
      time.parentElement.append(own);
    }
  });
})();
