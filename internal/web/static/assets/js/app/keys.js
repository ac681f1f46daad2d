// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Keys for work without a mouse: j and k move in the list, Enter opens, x selects, / goes to the query, ? explains, and
// every button with a key hint has its key. Single keys can be switched off, as people who dictate need.
(function () {
  "use strict";
  const root = document.documentElement;
  const help = document.getElementById("keys");

  function on() {
    return root.dataset.keys !== "off";
  }
  const toggle = document.querySelector("[data-keys-toggle]");
  if (toggle) {
    toggle.checked = on();
    toggle.addEventListener("change", () => {
      root.dataset.keys = toggle.checked ? "on" : "off";
      try {
        localStorage.setItem("greenroom-keys", root.dataset.keys);
      } catch (_) {
        // remembered until the page is left
      }
    });
  }

  function visible(el) {
    return el.checkVisibility ? el.checkVisibility() : el.offsetParent !== null;
  }
  function rows() {
    return [...document.querySelectorAll("[data-list] [data-row]")].filter(visible);
  }
  function current(all) {
    return all.find((row) => row.contains(document.activeElement)) || all.find((row) => row.dataset.at === "") || all.find((row) => row.getAttribute("aria-current") === "true");
  }
  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current(all));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    for (const row of all) delete row.dataset.at;
    next.dataset.at = "";
    next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function explain() {
    const list = help.querySelector("dl");
    for (const old of list.querySelectorAll("[data-own]")) old.remove();
    for (const el of document.querySelectorAll("[data-key]")) {
      if (!visible(el)) continue;
      const key = document.createElement("dt");
      const what = document.createElement("dd");
      key.dataset.own = what.dataset.own = "";
      key.append(Object.assign(document.createElement("kbd"), { textContent: el.dataset.key }));
      const label = el.cloneNode(true);
      for (const gone of label.querySelectorAll("kbd, [aria-hidden]")) gone.remove();
      what.textContent = label.textContent.trim();
      list.append(key, what);
    }
    help.showModal();
  }

  const commands = {
    j: () => move(1),
    k: () => move(-1),
    Enter: () => (document.activeElement.hasAttribute("data-row") ? current(rows())?.querySelector(".row-link")?.click() : false),
    x: () => current(rows())?.querySelector(".row-check input")?.click(),
    "/": () => document.querySelector("[data-query]")?.focus(),
    "?": explain,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    if (!on() && event.key !== "Enter") return;
    const own = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === event.key && visible(el));
    if (own) {
      event.preventDefault();
      own.click();
      return;
    }
    // a choice in the current row; the next row is then the current one
    const chosen = [...(current(rows())?.querySelectorAll("[data-row-key]") || [])].find((el) => el.dataset.rowKey === event.key);
    if (chosen) {
      event.preventDefault();
      chosen.click();
      move(1);
      return;
    }
    const command = commands[event.key];
    if (command && command() !== false) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    const list = box.closest("[data-list]");
    if (!list) return;
    const boxes = [...list.querySelectorAll(".row-check input:not([data-select-all])")];
    const all = list.querySelector("[data-select-all]");
    if (box === all) for (const one of boxes) one.checked = all.checked;
    const count = boxes.filter((one) => one.checked).length;
    if (all) {
      all.checked = count > 0 && count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
    const text = list.closest("form, .card")?.querySelector("[data-selected]");
    if (text) text.textContent = count + " selected";
  });
})();
