// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// The gallery of connectors shows what fits while one types: each card has data-words, and every word that is typed has to
// be in them. Without scripts the form asks the server, which does the same. Enter opens the only one that is left.
(function () {
  "use strict";
  const input = document.querySelector("[data-gallery]");
  if (!input || input.value) return; // what the server has left out cannot be shown
  const cards = [...document.querySelectorAll("[data-words]")];
  const shelves = [...document.querySelectorAll(".gallery-shelf")];
  const chips = document.querySelector("[data-gallery-shelves]");
  const none = document.querySelector("[data-gallery-none]");
  const found = document.querySelector("[data-gallery-found]");

  function fitting() {
    return cards.filter((card) => !card.hidden);
  }
  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) card.hidden = !words.every((word) => card.dataset.words.includes(word));
    for (const shelf of shelves) shelf.hidden = !shelf.querySelector("[data-words]:not([hidden])");
    const n = fitting().length;
    if (chips) chips.hidden = words.length > 0;
    none.hidden = n > 0;
    found.textContent = n + (n === 1 ? " connector" : " connectors");
  }
  input.addEventListener("input", filter);
  input.form.addEventListener("submit", (event) => {
    const left = fitting();
    event.preventDefault();
    if (left.length === 1) left[0].querySelector(".row-link").click();
  });
  filter();
})();

// A form that asks a platform says so while the answer is on its way. The result of a test is what is read out next.
(function () {
  "use strict";
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.target.dataset?.busy || button?.value !== "test") return;
    const label = button.textContent;
    button.setAttribute("aria-busy", "true");
    button.textContent = event.target.dataset.busy;
    // who comes back to the form finds it as it was
    addEventListener("pagehide", () => {
      button.removeAttribute("aria-busy");
      button.textContent = label;
    }, { once: true });
  });
  document.querySelector("[data-focus]")?.focus();
})();
