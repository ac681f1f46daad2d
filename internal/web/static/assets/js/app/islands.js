// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Loads what only some pages need: the chart script, when a chart is on the page or comes with a swapped part.
(function () {
  "use strict";
  const source = document.querySelector("meta[name=greenroom-chart]")?.content;
  let loading = false;
  function look() {
    if (!document.querySelector("[data-chart]:not([data-drawn])")) return;
    if (window.greenroomCharts) return window.greenroomCharts();
    if (loading || !source) return;
    loading = true;
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => window.greenroomCharts();
    document.head.append(script);
  }
  // a calendar that does not fit shows its latest weeks first
  function start() {
    look();
    for (const year of document.querySelectorAll(".year:not([data-shown])")) {
      year.scrollLeft = year.scrollWidth;
      year.dataset.shown = "";
    }
  }
  // a message that came with the address is shown once: it is not part of a link that is copied
  const here = new URL(location.href);
  if (here.searchParams.has("seal")) {
    for (const name of ["done", "undo", "seal"]) here.searchParams.delete(name);
    history.replaceState(history.state, "", here);
  }
  start();
  document.addEventListener("htmx:load", start);
})();
