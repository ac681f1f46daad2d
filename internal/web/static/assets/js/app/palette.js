// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Ctrl/Cmd-K: search over everything, and going anywhere. The endpoint answers {"groups": [{"label", "items": [{"label",
// "note", "href"}]}]}; places come from the rail, so that they are always those that exist.
(function () {
  "use strict";
  const dialog = document.getElementById("palette");
  const address = document.querySelector("meta[name=greenroom-search]")?.content;
  if (!dialog || !address) return;
  const input = dialog.querySelector("input");
  const list = document.getElementById("palette-list");
  let items = [];
  let at = 0;
  let asked = 0;
  let timer;

  function places() {
    const links = [...document.querySelectorAll("#rail li a")].map((a) => ({ label: "Go to " + a.firstChild.textContent.trim(), href: a.href }));
    const modes = [["", "Colors like the system"], ["light", "Light colors"], ["dark", "Dark colors"]];
    return [
      ...links,
      ...modes.map(([value, label]) => ({ label, run: () => window.greenroomTheme.set(value) })),
      { label: "Show keys", run: () => document.getElementById("keys").showModal() },
      { label: "Copy link to this page", run: () => navigator.clipboard.writeText(location.href).then(() => window.greenroomToast({ text: "Copied" })) },
    ];
  }

  function commands(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = places().filter((c) => words.every((w) => c.label.toLowerCase().includes(w)));
    return { label: "Places and commands", items: query ? found.slice(0, 6) : found };
  }

  function el(tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function render(groups) {
    items = [];
    list.replaceChildren();
    for (const [g, group] of groups.entries()) {
      if (!group.items.length) continue;
      const box = el("div", "");
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", "palette-group-" + g);
      const name = el("div", "palette-group overline", group.label);
      name.id = "palette-group-" + g;
      name.setAttribute("role", "presentation");
      box.append(name);
      for (const item of group.items) {
        const line = el("div", "palette-item");
        line.id = "palette-item-" + items.length;
        line.setAttribute("role", "option");
        line.dataset.index = items.length;
        line.append(el("span", "", item.label), el("span", "", item.note));
        box.append(line);
        items.push({ ...item, line });
      }
      list.append(box);
    }
    if (!items.length) {
      const none = el("div", "palette-none", "Nothing found");
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      list.append(none);
    }
    choose(0);
  }

  function choose(index) {
    at = Math.min(Math.max(index, 0), items.length - 1);
    for (const [i, item] of items.entries()) item.line.setAttribute("aria-selected", String(i === at));
    if (items[at]) {
      input.setAttribute("aria-activedescendant", items[at].line.id);
      items[at].line.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function open(item, elsewhere) {
    if (!item) return;
    dialog.close();
    if (item.run) item.run();
    else if (elsewhere) window.open(item.href, "_blank", "noopener");
    else location.assign(item.href);
  }

  async function search() {
    const query = input.value.trim();
    const mine = ++asked;
    if (!query) return render([commands("")]);
    const own = commands(query);
    try {
      const answer = await fetch(address + "?q=" + encodeURIComponent(query), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (mine === asked) render([...(found.groups || []), own]);
    } catch (_) {
      if (mine === asked) render([own]);
    }
  }

  function show() {
    if (dialog.open) return;
    input.value = "";
    render([commands("")]);
    dialog.showModal();
    input.focus();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  input.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
    if (event.key in moves) choose(moves[event.key]);
    else if (event.key === "Enter") open(items[at], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousemove", (event) => {
    const line = event.target.closest("[data-index]");
    if (line && Number(line.dataset.index) !== at) choose(Number(line.dataset.index));
  });
  list.addEventListener("click", (event) => {
    const line = event.target.closest("[data-index]");
    if (line) open(items[Number(line.dataset.index)], event.ctrlKey || event.metaKey);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      show();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) show();
  });
})();
