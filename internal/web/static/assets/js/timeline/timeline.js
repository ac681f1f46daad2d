// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// The timeline of plans: everything by pointer and everything by keyboard. What is done is sent to the server with the
// version that it was made from; the server computes the dates, and its answer is what is drawn. Nothing is overwritten:
// where somebody else changed the same, both values are shown.
(function () {
  "use strict";
  const tl = window.greenroomTimeline;
  const root = document.querySelector("[data-timeline]");
  if (!root) return;
  const make = tl.make;
  const remembered = "greenroom-timeline-zoom";
  const keys = [
    ["↑ ↓", "choose a row"], ["← →", "close and open a plan"], ["Shift ← →", "move the task by a day"], ["Alt ← →", "make it shorter or longer"], ["Enter", "open it"],
    ["L", "link: then choose what waits for it, and Enter"], ["Del", "take a link away"], ["U", "undo what you did here"], ["+ −", "zoom"], ["T", "go to today"], ["Esc", "stop linking or dragging"],
  ];
  const tools = make("div", "tl-tools", root);
  const box = make("div", "tl-box", root);
  const say = make("p", "tl-say", root);
  const tip = make("div", "tl-tip", root);
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  say.setAttribute("role", "status");
  say.id = "tl-say";
  box.tabIndex = 0;
  box.setAttribute("role", "treegrid");
  box.setAttribute("aria-label", root.dataset.label);
  let s, grid, drag, link, timer;
  let queue = Promise.resolve();
  const pending = new Map(); // task's number → {task, patch, words}
  const mine = []; // what was done here, {plan, step}, for undo

  const tell = (text) => (say.textContent = text);
  const row = () => s.rows[s.at];
  const current = () => row()?.task;

  async function ask(address, body) {
    const answer = await fetch(address, body ? { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) } : { headers: { Accept: "application/json" } });
    if (answer.redirected || !(answer.headers.get("Content-Type") || "").includes("json")) throw new Error("no answer");
    const got = await answer.json();
    return { ok: answer.ok && !got.message, got };
  }

  async function load() {
    const { ok, got } = await ask(root.dataset.timeline);
    if (!ok) throw new Error(got.message);
    const first = !s;
    const next = tl.state(got, s);
    if (first) {
      next.zoom = zoomAtFirst(next);
      s = next;
      grid = new tl.Grid(box, s);
      buttons();
    } else {
      Object.assign(next, { rows: s.rows, from: Math.min(s.from, next.from), to: Math.max(s.to, next.to) });
      Object.assign(s, next);
      tl.arrange(s);
    }
    box.setAttribute("aria-rowcount", s.rows.length);
    grid.draw();
    if (first) {
      grid.update();
      toDay(s.today);
    }
    root.dataset.drawn = "";
  }

  function zoomAtFirst(state) {
    let zoom = "";
    try {
      zoom = sessionStorage.getItem(remembered);
    } catch (_) {
      // the usual one
    }
    if (tl.zooms[zoom]) return zoom;
    const room = box.clientWidth - 260;
    return Object.keys(tl.zooms).find((z) => (state.to - state.from) * tl.zooms[z] <= room * 1.6) || "month";
  }

  // --- tools -----------------------------------------------------------------------------------------------------
  const button = (parent, text, label, does, name) => {
    const b = make("button", "btn btn-sm" + (name ? " " + name : ""), parent);
    b.type = "button";
    b.textContent = text;
    if (label) b.setAttribute("aria-label", label);
    b.addEventListener("click", does);
    return b;
  };
  function buttons() {
    const zooms = make("div", "tl-zooms", tools);
    zooms.setAttribute("role", "group");
    zooms.setAttribute("aria-label", "Zoom");
    for (const z of Object.keys(tl.zooms)) {
      const b = button(zooms, z[0].toUpperCase() + z.slice(1), "", () => zoom(z), "tl-zoom");
      b.dataset.zoom = z;
      b.setAttribute("aria-pressed", String(z === s.zoom));
    }
    button(tools, "Today", "", () => toDay(s.today));
    if (!s.one) {
      button(tools, "Open all", "", () => fold([...s.plans.keys()], true));
      button(tools, "Close all", "", () => fold([...s.plans.keys()], false));
    }
    if (s.may) {
      const act = make("div", "tl-act", tools);
      act.setAttribute("role", "group");
      act.setAttribute("aria-label", "The chosen task");
      button(act, "‹ Day", "A day earlier", () => move(-1));
      button(act, "Day ›", "A day later", () => move(1));
      button(act, "Shorter", "", () => resize(-1));
      button(act, "Longer", "", () => resize(1));
      button(act, "Link…", "", linking);
      button(act, "Unlink…", "", unlink);
      button(act, "Undo", "Undo what you did here", undo);
    }
    button(tools, "?", "Keys of the timeline", help);
  }
  function zoom(z) {
    const middle = s.from + (box.scrollLeft + (box.clientWidth - grid.name) / 2) / grid.px();
    s.zoom = z;
    try {
      sessionStorage.setItem(remembered, z);
    } catch (_) {
      // until the page is left
    }
    for (const b of tools.querySelectorAll("[data-zoom]")) b.setAttribute("aria-pressed", String(b.dataset.zoom === z));
    grid.dirty = true;
    grid.update();
    toDay(middle);
    tell("Zoom: " + z);
  }
  function toDay(day) {
    box.scrollLeft = Math.max(0, grid.x(day) - (box.clientWidth - grid.name) / 2);
    grid.soon();
  }
  function fold(plans, open) {
    for (const id of plans) open ? s.open.add(id) : s.open.delete(id);
    tl.arrange(s);
    box.setAttribute("aria-rowcount", s.rows.length);
    grid.draw();
  }
  function dialog(title) {
    const d = make("dialog", "dialog", root);
    const head = make("div", "dialog-head", d);
    const name = make("h2", "", head);
    name.textContent = title;
    name.id = "tl-dialog-title";
    d.setAttribute("aria-labelledby", name.id);
    d.addEventListener("close", () => {
      d.remove();
      box.focus();
    });
    const body = make("div", "dialog-body stack", d);
    return { d, body };
  }
  function help() {
    const { d, body } = dialog("Keys of the timeline");
    const list = make("dl", "keys", body);
    for (const [key, what] of keys) {
      make("kbd", "", make("dt", "", list)).textContent = key;
      make("dd", "", list).textContent = what;
    }
    const foot = make("div", "form-actions", body);
    button(foot, "Close", "", () => d.close());
    d.showModal();
  }

  // --- what people do ----------------------------------------------------------------------------------------------
  function choose(i, sideways) {
    if (i < 0 || i >= s.rows.length) return;
    s.at = i;
    grid.reveal(i, sideways);
    grid.soon();
  }
  function step(by) {
    let i = s.at + by;
    while (s.rows[i]?.kind === "goal") i += by < 0 ? -1 : 1;
    i = Math.max(0, Math.min(s.rows.length - 1, i));
    while (s.rows[i]?.kind === "goal") i++;
    choose(i, true);
    tell(row().title + ": " + tl.tell(s, row()));
  }
  // may says whether a task can be changed so, and tells why where it cannot.
  function may(task, how) {
    if (!s.may) tell("Your role lets you look, not change.");
    else if (!task) tell("Choose a task first.");
    else if (task.start === null) tell("Its dates cannot be told; open the plan to see why.");
    else if (how !== "link" && task.column === "done") tell(task.title + " is done; its dates are what happened.");
    else if (how === "move" && task.column === "doing") tell(task.title + " has begun; its length can be changed, and its first day in its form.");
    else return true;
    return false;
  }
  function move(n) {
    const t = current();
    if (may(t, "move")) moveTo(t, s.calendar.add(t.start, n));
  }
  function moveTo(t, start) {
    t.start = start;
    t.end = t.days > 0 ? s.calendar.add(start, t.days - 1) : start;
    later(t, { not_before: tl.iso(start) }, "");
  }
  function resize(n) {
    const t = current();
    if (may(t, "size")) resizeTo(t, Math.max(t.days === 0 ? 0 : 1, t.days + n));
  }
  function resizeTo(t, days) {
    if (days === t.days) return tell(t.title + ": " + tl.days(days) + ", no less.");
    t.days = days;
    t.end = days > 0 ? s.calendar.add(t.start, days - 1) : t.start;
    later(t, { days }, tl.days(days) + ", ");
  }
  function linking() {
    const t = current();
    if (!may(t, "link")) return;
    link = t;
    box.classList.add("is-linking");
    box.focus();
    tell("Choose with the arrow keys what waits for " + t.title + ", then press Enter. Escape stops.");
  }
  function tie(from, to) {
    stop();
    if (!to || to === from) return tell("Nothing was linked.");
    if (to.plan !== from.plan) return tell("A task waits for tasks of its own plan only. Nothing was linked.");
    if (to.after.some((d) => d.on === from.id)) return tell(to.title + " waits for " + from.title + " already.");
    send(to, { after: [...to.after, { on: from.id }] }, to.title + " waits for " + from.title + " now.");
  }
  function stop() {
    link = null;
    box.classList.remove("is-linking");
  }
  function unlink() {
    const t = current();
    if (!may(t, "link")) return;
    if (!t.after.length) return tell(t.title + " waits for nothing.");
    const without = (on) => send(t, { after: t.after.filter((d) => d.on !== on) }, t.title + " does not wait for " + (s.tasks.get(on)?.title || "task " + on) + " any more.");
    if (t.after.length === 1) return without(t.after[0].on);
    const { d, body } = dialog("What does " + t.title + " not wait for?");
    for (const x of t.after) {
      button(make("div", "", body), s.tasks.get(x.on)?.title || "task " + x.on, "", () => {
        d.close();
        without(x.on);
      });
    }
    button(make("div", "form-actions", body), "Cancel", "", () => d.close());
    d.showModal();
  }
  function open() {
    const r = row();
    if (r?.href) location.assign(r.href);
  }

  // --- to the server and back --------------------------------------------------------------------------------------
  // later sends a change when nothing more came for a moment, so that ten presses are one step of the history.
  function later(t, patch, words) {
    pending.set(t.id, { task: t, patch: { ...pending.get(t.id)?.patch, ...patch } });
    tell(t.title + ": " + words + tl.dates(s, t));
    grid.draw();
    clearTimeout(timer);
    timer = setTimeout(flush, 400);
  }
  function flush() {
    clearTimeout(timer);
    const all = [...pending.values()];
    pending.clear();
    for (const p of all) send(p.task, p.patch, "");
  }
  function send(t, patch, words) {
    root.dataset.busy = "";
    queue = queue.then(() => post(t, patch, words)).catch(lost).finally(() => {
      if (!pending.size) delete root.dataset.busy;
    });
    return queue;
  }
  async function lost() {
    tell("That was not saved: Greenroom cannot be reached, or you are signed out. Nothing was lost of what was saved before.");
    await load().catch(() => {});
  }
  async function post(t, patch, words) {
    const { ok, got } = await ask(t.plan.href + "/tasks/" + t.id + "/timeline", { version: t.version, step: t.plan.step, set: patch });
    if (ok) return taken(t.plan, got, t, patch, words, true);
    if (got.clashes) return conflict(t, patch, got);
    await load();
    tell(got.message);
  }
  function taken(plan, got, t, patch, words, undoable) {
    const moved = tl.take(s, plan, got, pending).filter((x) => x !== t);
    if (undoable) mine.push({ plan, step: got.plan.step });
    grid.draw();
    const text = [words || (t ? t.title + ": " + tl.dates(s, t) + ", saved." : "")];
    if (t && patch.not_before && !pending.has(t.id) && tl.iso(t.start) !== patch.not_before) text.push("It cannot begin before: it waits for others, or the day is past or free.");
    if (moved.length) text.push(moved.length === 1 ? "1 other task moved." : moved.length + " other tasks moved.");
    if (moved.length && plan.end !== null) text.push("The plan ends on " + tl.label(plan.end, s.today) + ".");
    tell(text.join(" "));
  }
  function undo() {
    flush();
    queue = queue.then(async () => {
      const last = mine.pop();
      if (!last) return tell("There is nothing of yours to undo here; the plan's page undoes what was before.");
      const { ok, got } = await ask(last.plan.href + "/timeline/undo", { step: last.step, has: last.plan.step });
      if (!ok) {
        await load();
        return tell(got.message);
      }
      taken(last.plan, got, null, {}, "Took back: " + got.undone + ".", false);
    }).catch(lost);
  }
  const shownValue = (v) => (v === undefined || v === null || v === "" ? "nothing" : Array.isArray(v) ? v.map((d) => s.tasks.get(d.on)?.title || "task " + d.on).join(", ") || "nothing" : String(v));
  // conflict shows what both changed; what is chosen is sent as a change of what is there now.
  function conflict(t, patch, got) {
    const { d, body } = dialog("Somebody else changed the same");
    make("p", "", body).textContent = got.message;
    const form = make("form", "form", body);
    form.method = "dialog";
    for (const c of got.clashes) {
      const set = make("fieldset", "tl-clash", form);
      make("legend", "", set).textContent = c.field.replaceAll("_", " ") + ", which was " + shownValue(c.before);
      for (const [of, value] of [["theirs", c.theirs], ["yours", c.yours]]) {
        const label = make("label", "", set);
        const input = make("input", "", label);
        Object.assign(input, { type: "radio", name: c.field, value: of, checked: of === "theirs" });
        label.append(" " + (of === "theirs" ? got.by + ": " : "You: ") + shownValue(value));
      }
    }
    const foot = make("div", "form-actions", form);
    button(foot, "Save what is chosen", "", () => {
      const chosen = { ...patch };
      for (const c of got.clashes) if (form.elements[c.field].value === "theirs") delete chosen[c.field];
      t.version = got.version;
      d.close();
      if (Object.keys(chosen).length) send(t, chosen, "");
      else load().then(() => tell("What " + got.by + " wrote stays."), lost);
    }, "btn-primary");
    d.addEventListener("cancel", () => load().then(() => tell("What " + got.by + " wrote stays."), lost));
    tell(got.message);
    d.showModal();
  }

  // --- keyboard ----------------------------------------------------------------------------------------------------
  const commands = {
    ArrowUp: () => step(-1), ArrowDown: () => step(1), PageUp: () => step(-15), PageDown: () => step(15), Home: () => step(-s.rows.length), End: () => step(s.rows.length),
    "Shift+ArrowLeft": () => move(-1), "Shift+ArrowRight": () => move(1), "Alt+ArrowLeft": () => resize(-1), "Alt+ArrowRight": () => resize(1),
    ArrowLeft() {
      const r = row();
      if (r?.kind === "task") choose(s.rows.findIndex((x) => x.kind === "plan" && x.plan === r.plan));
      else if (r?.kind === "plan" && r.open) fold([r.id], false);
      if (row()) tell(row().title + (row().kind === "plan" && !row().open ? ", closed" : ""));
    },
    ArrowRight() {
      const r = row();
      if (r?.kind !== "plan") return;
      if (r.open) step(1);
      else fold([r.id], true), tell(r.title + ", open: " + r.plan.tasks.length + " tasks");
    },
    Enter: () => (link ? tie(link, current()) : open()),
    l: linking, Delete: unlink, Backspace: unlink, u: undo, "?": help, t: () => toDay(s.today),
    "+": () => nextZoom(-1), "=": () => nextZoom(-1), "-": () => nextZoom(1),
    Escape() {
      if (drag) return cancel();
      if (!link) return false;
      stop();
      tell("Nothing was linked.");
    },
  };
  function nextZoom(by) {
    const all = Object.keys(tl.zooms);
    const to = all[all.indexOf(s.zoom) + by];
    if (to) zoom(to);
  }
  box.addEventListener("keydown", (event) => {
    if (!s || event.ctrlKey || event.metaKey || event.isComposing) return;
    const name = (event.altKey ? "Alt+" : "") + (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
    const single = event.key.length === 1;
    if (!commands[name] || (single && document.documentElement.dataset.keys === "off")) return;
    if (commands[name]() === false) return;
    event.preventDefault();
    event.stopPropagation();
  });

  // --- pointer -----------------------------------------------------------------------------------------------------
  box.addEventListener("pointerdown", (event) => {
    const el = event.target.closest(".tl-row");
    if (!s || !el || event.button !== 0) return;
    if (event.target.closest(".tl-fold") && el.row.kind === "plan") {
      s.at = el.at;
      return fold([el.row.id], !el.row.open);
    }
    if (event.target.closest("a[href]")) return;
    if (link) {
      event.preventDefault();
      return tie(link, el.row.task);
    }
    s.at = el.at;
    grid.soon();
    const t = el.row.task;
    if (!t || !event.target.closest(".tl-bar")) return tell(el.row.title + ": " + tl.tell(s, el.row));
    const how = event.target.closest(".tl-dot") ? "link" : event.target.closest(".tl-grip") ? "size" : "move";
    if (!may(t, how)) return;
    flush();
    drag = { t, how, x: event.clientX, y: event.clientY, left: box.scrollLeft, start: t.start, end: t.end, days: t.days, at: event };
    box.setPointerCapture(event.pointerId);
    box.focus({ preventScroll: true });
    event.preventDefault();
    requestAnimationFrame(follow);
  });
  box.addEventListener("pointermove", (event) => drag && (drag.at = event));
  box.addEventListener("pointerup", () => drag && drop());
  box.addEventListener("pointercancel", () => drag && cancel());
  box.addEventListener("dblclick", (event) => event.target.closest(".tl-bar") && open());
  // follow draws what is dragged once a frame, and scrolls where the pointer is at an edge.
  function follow() {
    if (!drag) return;
    const { t, how, at } = drag;
    const edge = box.getBoundingClientRect(); // everything is read before anything is written
    const home = root.getBoundingClientRect();
    if (at.clientX > edge.right - 30) box.scrollLeft += 10;
    else if (at.clientX < edge.left + grid.name + 20 && at.clientX < drag.x) box.scrollLeft -= 10;
    const by = Math.round((at.clientX - drag.x + box.scrollLeft - drag.left) / grid.px());
    if (how === "link") grid.thread(t, at.clientX, at.clientY);
    else if (by !== drag.by) {
      drag.by = by;
      if (how === "move") {
        t.start = s.calendar.from(drag.start + by, by < 0 ? -1 : 1);
        t.end = t.days > 0 ? s.calendar.add(t.start, t.days - 1) : t.start;
      } else {
        t.end = Math.max(t.start, drag.end + by);
        t.days = Math.max(1, s.calendar.count(t.start, t.end));
      }
      const el = grid.shown.get(s.index.get(t.id));
      if (el) grid.fill(el, el.at);
      grid.connect();
    }
    tip.hidden = false;
    const says = how === "link" ? t.title + " → " + (s.rows[grid.row(at.clientY)]?.task?.title || "…") : tl.dates(s, t) + ", " + tl.days(t.days);
    if (tip.textContent !== says) tip.textContent = says;
    tip.style.transform = "translate(" + Math.min(at.clientX - home.left + 14, home.width - 220) + "px," + (at.clientY - home.top + 16) + "px)";
    requestAnimationFrame(follow);
  }
  function ended() {
    const was = drag;
    drag = null;
    tip.hidden = true;
    grid.thread(null);
    return was;
  }
  function drop() {
    const { t, how, at, start, days } = ended();
    if (how === "link") return tie(t, s.rows[grid.row(at.clientY)]?.task);
    if (how === "move" && t.start !== start) send(t, { not_before: tl.iso(t.start) }, "");
    else if (how === "size" && t.days !== days) send(t, { days: t.days }, "");
    else {
      Object.assign(t, { start, days });
      tell(t.title + ": " + tl.tell(s, s.rows[s.index.get(t.id)]));
    }
    grid.draw();
  }
  function cancel() {
    const was = ended();
    Object.assign(was.t, { start: was.start, end: was.end, days: was.days });
    grid.draw();
    tell("Nothing was changed.");
  }

  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flush();
    else if (s && !drag && !pending.size && !document.querySelector("dialog[open]")) queue = queue.then(load).catch(() => {});
  });
  document.addEventListener("greenroom:theme", () => grid?.draw());
  load().catch(() => tell("The timeline cannot be read. The list has the same."));
})();
