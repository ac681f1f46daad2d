// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Fields that offer what fits while one types: an input's data-choose names an address that answers GET ?q= with
// {"items": [{"value", "label", "note"}]}. The list follows the ARIA combobox pattern; what is taken writes its value
// into the field, so the form works the same when nothing is chosen or no script runs.
(function () {
  "use strict";
  const state = new WeakMap();
  const of = (input) => document.getElementById(input.getAttribute("aria-controls"));

  function close(input) {
    of(input).hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    const s = state.get(input);
    if (s) s.at = -1;
  }

  function choose(input, index) {
    const s = state.get(input);
    const lines = [...of(input).children];
    s.at = (index + lines.length) % lines.length;
    for (const [i, line] of lines.entries()) line.setAttribute("aria-selected", String(i === s.at));
    input.setAttribute("aria-activedescendant", lines[s.at].id);
    lines[s.at].scrollIntoView({ block: "nearest" });
  }

  function take(input, index) {
    input.value = state.get(input).items[index].value;
    close(input);
    input.focus();
  }

  function render(input, items) {
    const list = of(input);
    state.set(input, { ...state.get(input), items, at: -1 });
    list.replaceChildren();
    for (const [i, item] of items.entries()) {
      const line = document.createElement("li");
      line.id = list.id + "-" + i;
      line.dataset.index = i;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.append(Object.assign(document.createElement("span"), { textContent: item.label }), Object.assign(document.createElement("span"), { textContent: item.note || "" }));
      list.append(line);
    }
    if (!items.length) return close(input);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function ask(input) {
    const s = state.get(input) || { asked: 0 };
    state.set(input, s);
    clearTimeout(s.timer);
    const mine = ++s.asked;
    s.timer = setTimeout(async () => {
      if (input.value.trim().length < 2) return close(input);
      const address = new URL(input.dataset.choose, location.href);
      address.searchParams.set("q", input.value);
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const body = await answer.json();
        if (mine === state.get(input).asked && document.activeElement === input) render(input, body.items || []);
      } catch (_) {
        close(input); // what is written is looked for when the form is sent
      }
    }, 120);
  }

  const choosing = (event) => event.target.closest?.("input[data-choose]");
  document.addEventListener("input", (event) => {
    const input = choosing(event);
    if (input) ask(input);
  });
  document.addEventListener("focusout", (event) => {
    const input = choosing(event);
    if (input) close(input);
  });
  document.addEventListener("keydown", (event) => {
    const input = choosing(event);
    if (!input || event.isComposing) return;
    const s = state.get(input);
    const open = !of(input).hidden;
    if (event.key === "ArrowDown" && !open) ask(input);
    else if (event.key === "ArrowDown" && open) choose(input, s.at + 1);
    else if (event.key === "ArrowUp" && open) choose(input, s.at < 0 ? s.items.length - 1 : s.at - 1);
    else if (event.key === "Enter" && open && s.at >= 0) take(input, s.at);
    else if (event.key === "Escape" && open) close(input);
    else return;
    event.preventDefault();
  });
  document.addEventListener("mousedown", (event) => {
    const line = event.target.closest(".choose [data-index]");
    if (!line) return;
    event.preventDefault(); // the input keeps the focus
    take(line.closest(".choose").querySelector("input"), Number(line.dataset.index));
  });
})();
