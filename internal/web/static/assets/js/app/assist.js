// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// A list of what fits below an input while one types, after the ARIA combobox pattern; its keys and its lines are here
// once, for fields that choose (choose.js) and for queries (query.js). greenroomAssist takes what differs: the inputs, the
// address to ask, which items are in the answer, and what taking one does.
(function () {
  "use strict";

  window.greenroomAssist = function ({ inputs, box, wait, address, items, take, tab }) {
    const state = new WeakMap();
    const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
    const of = (event) => event.target.closest?.(inputs);

    function close(input) {
      listOf(input).hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      const s = state.get(input);
      if (s) s.at = -1;
    }

    function mark(input, index) {
      const s = state.get(input);
      const lines = [...listOf(input).children];
      s.at = (index + lines.length) % lines.length;
      for (const [i, line] of lines.entries()) line.setAttribute("aria-selected", String(i === s.at));
      input.setAttribute("aria-activedescendant", lines[s.at].id);
      lines[s.at].scrollIntoView({ block: "nearest" });
    }

    function accept(input, index) {
      const s = state.get(input);
      const more = take(input, s.items[index], s.answer);
      close(input);
      input.focus();
      if (more) ask(input);
    }

    function render(input, answer) {
      const list = listOf(input);
      const found = items(answer);
      state.set(input, { ...state.get(input), answer, items: found, at: -1 });
      list.replaceChildren();
      for (const [i, item] of found.entries()) {
        const line = document.createElement("li");
        line.id = list.id + "-" + i;
        line.dataset.index = i;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.append(Object.assign(document.createElement("span"), { textContent: item.label || item.insert }), Object.assign(document.createElement("span"), { textContent: item.note || "" }));
        list.append(line);
      }
      if (!found.length) return close(input);
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }

    function ask(input) {
      const s = state.get(input) || { asked: 0 };
      state.set(input, s);
      clearTimeout(s.timer);
      const mine = ++s.asked;
      s.timer = setTimeout(async () => {
        const where = address(input);
        if (!where) return close(input);
        try {
          const answer = await fetch(where, { headers: { Accept: "application/json" } });
          if (!answer.ok) throw new Error(String(answer.status));
          const body = await answer.json();
          if (mine === state.get(input).asked && document.activeElement === input) render(input, body);
        } catch (_) {
          close(input); // typing works without
        }
      }, wait);
    }

    document.addEventListener("input", (event) => {
      const input = of(event);
      if (input) ask(input);
    });
    document.addEventListener("focusout", (event) => {
      const input = of(event);
      if (input) close(input);
    });
    document.addEventListener("keydown", (event) => {
      const input = of(event);
      if (!input || event.isComposing) return;
      const s = state.get(input);
      const open = !listOf(input).hidden;
      if (event.key === "ArrowDown" && !open) ask(input);
      else if (event.key === "ArrowDown" && open) mark(input, s.at + 1);
      else if (event.key === "ArrowUp" && open) mark(input, s.at < 0 ? s.items.length - 1 : s.at - 1);
      else if (event.key === "Enter" && open && s.at >= 0) accept(input, s.at);
      else if (tab && event.key === "Tab" && open && !event.shiftKey && s.at >= 0) accept(input, s.at);
      else if (event.key === "Escape" && open) close(input);
      else return;
      event.preventDefault();
    });
    document.addEventListener("mousedown", (event) => {
      const line = event.target.closest(box + " .query-list [data-index]");
      if (!line) return;
      event.preventDefault(); // the input keeps the focus
      accept(line.closest(box).querySelector(inputs), Number(line.dataset.index));
    });
  };
})();
