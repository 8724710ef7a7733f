// Draws charts from their data tables. Without JavaScript the tables are shown.
(function () {
  "use strict";
  // Told apart in light and dark, and by most who see colours otherwise.
  const LIGHT = ["#1448dd", "#0a7a43", "#a15c00", "#8b2fc9", "#b42318", "#0b7285"];
  const DARK = ["#8ec3ff", "#4ad98f", "#f5c469", "#d6a4ff", "#ff8a80", "#66d9e8"];
  const drawn = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function isDark() {
    return document.documentElement.classList.contains("dark");
  }

  function read(table) {
    const rows = Array.from(table.tBodies[0].rows);
    return {
      labels: rows.map((row) => row.cells[0].textContent),
      series: Array.from(table.tHead.rows[0].cells).slice(1).map((cell, place) => ({
        name: cell.textContent,
        numbers: rows.map((row) => {
          const value = row.cells[place + 1].dataset.value;
          return value === "" ? null : Number(value);
        }),
      })),
    };
  }

  function axis(stacked, ticks, few) {
    return {
      stacked,
      beginAtZero: true,
      grid: { color: ticks ? colour("--ws-line") : "transparent" },
      border: { color: colour("--ws-line") },
      ticks: { color: colour("--ws-soft"), maxRotation: 0, autoSkipPadding: 16, autoSkip: !few, precision: 0 },
    };
  }

  // A long label goes on in a line below; numbers and days stay as they are.
  function lines(label) {
    const broken = label.match(/.{1,18}(?:\s|$)/g) || [label];
    return broken.length < 2 ? label : broken.slice(0, 4).map((line) => line.trim());
  }

  // The legend shows a piece of each curve, dashed as it is.
  const LINE_SAMPLES = {
    usePointStyle: true,
    pointStyle: "line",
    pointStyleWidth: 28,
    generateLabels: (chart) =>
      window.Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => {
        const curve = chart.data.datasets[item.datasetIndex];
        return {
          ...item,
          lineDash: curve.borderDash,
          lineWidth: curve.borderWidth,
          strokeStyle: curve.borderColor,
        };
      }),
  };

  function drawing(kind, data) {
    const colours = isDark() ? DARK : LIGHT;
    const lying = kind === "lying";
    const few = data.labels.length <= 8 && !lying && window.innerWidth > 800;
    const curves = kind === "lines";
    return {
      type: curves ? "line" : "bar",
      data: {
        labels: data.labels.length <= 8 ? data.labels.map(lines) : data.labels,
        datasets: data.series.map((series, place) => ({
          label: series.name,
          data: series.numbers,
          backgroundColor: colours[place % colours.length],
          borderColor: colours[place % colours.length],
          borderWidth: curves ? 2 : 0,
          borderDash: curves && place % 2 ? [6, 4] : [],
          borderRadius: curves ? 0 : 2,
          pointRadius: 0,
          pointHitRadius: 12,
          tension: 0.2,
        })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        locale: document.documentElement.lang || undefined,
        indexAxis: lying ? "y" : "x",
        interaction: { mode: "index", intersect: false, axis: lying ? "y" : "x" },
        scales: { x: axis(kind === "stacked", lying, few), y: axis(kind === "stacked", !lying, false) },
        plugins: {
          legend: {
            display: data.series.length > 1,
            position: "bottom",
            labels: { color: colour("--ws-soft"), boxWidth: 14, ...(curves ? LINE_SAMPLES : {}) },
          },
        },
      },
    };
  }

  function draw(figure) {
    const table = figure.querySelector("table");
    if (!table) return;
    const place = figure.querySelector(".ws-canvas");
    figure.querySelector("details").open = false;
    figure.classList.add("ws-drawn");
    const chart = new window.Chart(
      place.querySelector("canvas"),
      drawing(figure.dataset.chart, read(table)),
    );
    drawn.push([figure, chart]);
  }

  function drawAgain() {
    for (const [figure, chart] of drawn.splice(0)) {
      chart.destroy();
      draw(figure);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.Chart) {
      // The tables say the same.
      for (const figure of document.querySelectorAll("[data-chart]")) {
        figure.classList.add("ws-drawn");
        figure.querySelector(".ws-canvas")?.remove();
      }
      return;
    }
    document.querySelectorAll("[data-chart]").forEach(draw);
    // The theme can be changed at any time: colours follow.
    let dark = isDark();
    new MutationObserver(() => {
      if (dark === isDark()) return;
      dark = isDark();
      drawAgain();
    }).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  });
})();
