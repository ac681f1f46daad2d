// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Chooses light or dark before the page is drawn, so that nothing flashes. Runs in <head>, without defer.
(function () {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = "";
  let keys = "on";
  try {
    chosen = localStorage.getItem("greenroom-theme") || "";
    keys = localStorage.getItem("greenroom-keys") || "on";
  } catch (_) {
    // storage is refused in some private windows; the system's choice then stands
  }
  function apply() {
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    root.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("greenroom:theme"));
  }
  root.dataset.js = "";
  root.dataset.keys = keys;
  apply();
  system.addEventListener("change", apply);
  window.greenroomTheme = {
    get: () => chosen,
    set(value) {
      chosen = value;
      try {
        localStorage.setItem("greenroom-theme", value);
      } catch (_) {
        // remembered until the page is left
      }
      apply();
    },
  };
})();
