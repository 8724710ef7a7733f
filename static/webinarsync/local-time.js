// Adds the reader's own clock to a webinar's time where it differs from the webinar's.
(function () {
  "use strict";
  const language = document.documentElement.lang || undefined;
  const format = new Intl.DateTimeFormat(language, {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
    hourCycle: "h23", timeZoneName: "short",
  });

  // In the form of core/dates.py: "Fri 27 Nov, 10:53 GMT+1", with the year if it is another one.
  function shown(at) {
    const part = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = value;
    const day = `${part.weekday.replace(/\.$/, "")} ${part.day} ${part.month}`;
    const year = at.getFullYear() === new Date().getFullYear() ? "" : ` ${part.year}`;
    return `${day}${year}, ${part.hour}:${part.minute} ${part.timeZoneName}`;
  }

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
      own.append(sign, shown(at));
      time.parentElement.append(own);
    }
  });
})();
