// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// The switch between system, light and dark at the foot of the rail; dialogs; small things every page has.
(function () {
  "use strict";
  function show() {
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === window.greenroomTheme.get()));
    }
  }
  document.addEventListener("greenroom:theme", show);
  show();

  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  if (mac) for (const hint of document.querySelectorAll("[data-modkey]")) hint.textContent = "⌘ " + hint.dataset.modkey;

  function openDialog(id) {
    const dialog = document.getElementById(id);
    dialog.showModal();
    const first = ".dialog-body :is(input:not([type=hidden]), select, textarea), .dialog-foot button";
    (dialog.querySelector(".dialog-body [type=radio]:checked") || dialog.querySelector(first))?.focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-theme-set], [data-dialog], [data-close], [data-dismiss], [data-year] rect[data-href]");
    if (!target) {
      // a click outside closes an open definition
      for (const open of document.querySelectorAll("details[data-popover][open]")) if (!open.contains(event.target)) open.open = false;
      return;
    }
    if ("themeSet" in target.dataset) window.greenroomTheme.set(target.dataset.themeSet);
    else if (target.dataset.dialog) openDialog(target.dataset.dialog);
    else if ("close" in target.dataset) target.closest("dialog").close();
    else if ("dismiss" in target.dataset) target.closest(".flash").remove();
    else if (target.dataset.href) location.assign(target.dataset.href);
  });

  // a click on the shade beside a dialog closes it
  document.addEventListener("mousedown", (event) => {
    if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-popover][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  // buttons that are kept for their explanation do nothing
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
  }, true);
})();
