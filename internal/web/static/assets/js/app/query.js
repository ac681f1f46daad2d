// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Suggestions while a query is typed, asked from the input's data-suggest: GET ?q=…&at=N answers {"from", "to", "items":
// [{"insert", "label", "note"}]}. The list follows the ARIA combobox pattern; Tab or Enter takes what is marked.
(function () {
  "use strict";
  const state = new WeakMap();

  function listOf(input) {
    return document.getElementById(input.getAttribute("aria-controls"));
  }
  function close(input) {
    listOf(input).hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    const s = state.get(input);
    if (s) s.at = -1;
  }
  function choose(input, index) {
    const s = state.get(input);
    const lines = [...listOf(input).children];
    s.at = (index + lines.length) % lines.length;
    for (const [i, line] of lines.entries()) line.setAttribute("aria-selected", String(i === s.at));
    input.setAttribute("aria-activedescendant", lines[s.at].id);
    lines[s.at].scrollIntoView({ block: "nearest" });
  }
  function take(input, index) {
    const s = state.get(input);
    const item = s.items[index];
    input.setRangeText(item.insert, s.from, s.to, "end");
    close(input);
    input.focus();
    ask(input);
  }

  function render(input, answer) {
    const list = listOf(input);
    const items = answer.items || [];
    state.set(input, { ...state.get(input), from: answer.from, to: answer.to, items, at: -1 });
    list.replaceChildren();
    for (const [i, item] of items.entries()) {
      const line = document.createElement("li");
      line.id = list.id + "-" + i;
      line.dataset.index = i;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      const label = document.createElement("span");
      label.textContent = item.label || item.insert;
      const note = document.createElement("span");
      note.textContent = item.note || "";
      line.append(label, note);
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
      const address = new URL(input.dataset.suggest, location.href);
      address.searchParams.set("q", input.value);
      address.searchParams.set("at", input.selectionStart);
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const body = await answer.json();
        if (mine === state.get(input).asked && document.activeElement === input) render(input, body);
      } catch (_) {
        close(input); // typing works without suggestions
      }
    }, 100);
  }

  const suggesting = (event) => event.target.closest?.("input[data-suggest]");

  document.addEventListener("input", (event) => {
    const input = suggesting(event);
    if (input) ask(input);
  });
  document.addEventListener("focusout", (event) => {
    const input = suggesting(event);
    if (input) close(input);
  });
  document.addEventListener("keydown", (event) => {
    const input = suggesting(event);
    if (!input || event.isComposing) return;
    const s = state.get(input);
    const open = !listOf(input).hidden;
    if (event.key === "ArrowDown" && !open) ask(input);
    else if (event.key === "ArrowDown" && open) choose(input, s.at + 1);
    else if (event.key === "ArrowUp" && open) choose(input, s.at < 0 ? s.items.length - 1 : s.at - 1);
    else if (event.key === "Enter" && open && s.at >= 0) take(input, s.at);
    else if (event.key === "Tab" && open && !event.shiftKey && s.at >= 0) take(input, s.at);
    else if (event.key === "Escape" && open) close(input);
    else return;
    event.preventDefault();
  });
  document.addEventListener("mousedown", (event) => {
    const line = event.target.closest(".query .query-list [data-index]");
    if (!line) return;
    event.preventDefault(); // the input keeps the focus
    take(line.closest(".query").querySelector("input[data-suggest]"), Number(line.dataset.index));
  });
  document.addEventListener("click", (event) => {
    const fix = event.target.closest("[data-query-fix]");
    if (!fix) return;
    const input = document.getElementById(fix.dataset.queryFor);
    input.value = fix.dataset.queryFix;
    input.form.requestSubmit();
  });
})();
