// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Draws the rows of the timeline. Only rows near what is seen are in the document, and rows that go out of sight are
// used again, so that a plan of 5,000 tasks costs as much as one of fifty. Scrolling itself is the browser's.
(function () {
  "use strict";
  const tl = (window.greenroomTimeline = window.greenroomTimeline || {});
  const height = 34; // of a row, as in timeline.css
  const spare = 12; // rows kept above and below what is seen
  const svg = "http://www.w3.org/2000/svg";
  tl.zooms = { day: 30, week: 11, month: 4, quarter: 1.5 }; // pixels a day

  function make(tag, name, parent) {
    const el = document.createElement(tag);
    if (name) el.className = name;
    if (parent) parent.append(el);
    return el;
  }

  tl.make = make;
  tl.Grid = class {
    // rows and state belong to the caller: {rows, at, tasks, next, index, from, to, today, zoom, calendar}.
    constructor(box, state) {
      this.box = box;
      this.s = state;
      this.shown = new Map(); // index of the row → element
      this.pool = [];
      this.head = make("div", "tl-head", box);
      this.head.setAttribute("aria-hidden", "true");
      make("div", "tl-corner", this.head);
      this.scale = make("div", "tl-scale", this.head);
      this.body = make("div", "tl-body", box);
      this.body.setAttribute("role", "none");
      this.lines = make("div", "tl-lines", this.body);
      this.lines.setAttribute("aria-hidden", "true");
      this.links = document.createElementNS(svg, "svg");
      this.links.setAttribute("class", "tl-links");
      this.links.setAttribute("aria-hidden", "true");
      this.body.append(this.links);
      this.holder = make("div", "tl-rows", this.body);
      this.holder.setAttribute("role", "none");
      this.dirty = true;
      this.waiting = false;
      box.addEventListener("scroll", () => this.soon(), { passive: true });
      new ResizeObserver(() => this.draw()).observe(box);
    }
    px() {
      return tl.zooms[this.s.zoom];
    }
    x(day) {
      return (day - this.s.from) * this.px();
    }
    // draw draws everything again before the next frame; soon only what came into sight.
    draw() {
      this.dirty = true;
      this.soon();
    }
    soon() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => {
        this.waiting = false;
        this.update();
      });
    }
    update() {
      const s = this.s;
      if (this.dirty) {
        this.name = this.head.firstChild.offsetWidth;
        s.to = Math.max(s.to, s.from + Math.ceil((this.box.clientWidth - this.name) / this.px()));
        this.body.style.height = s.rows.length * height + "px";
        this.body.style.width = this.head.style.width = this.name + this.x(s.to) + "px";
        this.cover = null;
      }
      const seen = this.box.clientHeight;
      const first = Math.max(0, Math.floor(this.box.scrollTop / height) - spare);
      const last = Math.min(s.rows.length, Math.ceil((this.box.scrollTop + seen) / height) + spare);
      if (this.dirty || first !== this.first || last !== this.last || this.wasAt !== s.at) {
        this.first = first;
        this.last = last;
        this.wasAt = s.at;
        this.place();
        this.connect();
      }
      this.ticks();
      this.dirty = false;
    }
    // place puts the rows that are near into the document, the selected one with them.
    place() {
      const want = (i) => (i >= this.first && i < this.last) || i === this.s.at;
      for (const [i, el] of this.shown) {
        if (want(i) && i < this.s.rows.length) continue;
        this.shown.delete(i);
        this.pool.push(el);
      }
      const put = (i) => {
        let el = this.shown.get(i);
        const fresh = !el;
        if (fresh) {
          el = this.pool.pop() || this.element();
          el.hidden = false;
          this.shown.set(i, el);
        }
        if (fresh || this.dirty || el.row !== this.s.rows[i]) this.fill(el, i);
        el.classList.toggle("is-at", i === this.s.at);
        if (i === this.s.at) el.setAttribute("aria-selected", "true");
        else el.removeAttribute("aria-selected");
      };
      for (let i = this.first; i < this.last; i++) put(i);
      if (this.s.at >= 0 && this.s.at < this.s.rows.length) put(this.s.at);
      for (const el of this.pool) el.hidden = true;
      const at = this.shown.get(this.s.at);
      if (at) this.box.setAttribute("aria-activedescendant", at.id);
      else this.box.removeAttribute("aria-activedescendant");
    }
    element() {
      const el = make("div", "tl-row", this.holder);
      el.setAttribute("role", "row");
      const name = make("div", "tl-name", el);
      name.setAttribute("role", "rowheader");
      el.fold = make("span", "tl-fold", name);
      el.fold.setAttribute("aria-hidden", "true");
      el.link = make("a", "tl-title", name);
      el.link.tabIndex = -1;
      el.who = make("span", "tl-who", name);
      const cell = make("div", "tl-cell", el);
      cell.setAttribute("role", "gridcell");
      el.words = make("span", "sr-only", cell);
      el.base = make("div", "tl-base", cell);
      el.bar = make("div", "tl-bar", cell);
      el.text = make("span", "tl-text", el.bar);
      make("i", "tl-grip", el.bar);
      make("i", "tl-dot", el.bar);
      el.checks = make("div", "tl-checks", cell);
      return el;
    }
    fill(el, i) {
      const row = this.s.rows[i];
      el.row = row;
      el.at = i;
      el.id = "tl-" + row.kind + "-" + row.id;
      el.className = "tl-row tl-" + row.kind;
      el.style.transform = "translateY(" + i * height + "px)";
      el.setAttribute("aria-level", row.level);
      el.setAttribute("aria-rowindex", i + 1);
      if (row.kind === "plan") el.setAttribute("aria-expanded", String(row.open));
      else el.removeAttribute("aria-expanded");
      el.fold.textContent = row.kind === "plan" ? (row.open ? "▾" : "▸") : "";
      el.link.textContent = row.title;
      el.link.title = row.title;
      if (row.href) el.link.href = row.href;
      else el.link.removeAttribute("href");
      el.style.setProperty("--tl-level", row.level);
      el.who.textContent = row.kind === "task" ? (row.task.owner || "").split("@")[0] : row.pill || "";
      el.words.textContent = tl.tell(this.s, row);
      el.checks.replaceChildren();
      if (row.kind === "task") this.fillTask(el, row.task);
      else if (row.kind === "plan") this.fillPlan(el, row.plan);
      else el.bar.hidden = el.base.hidden = true;
    }
    // bar puts a bar from the morning of one day to the evening of another.
    bar(bar, first, last) {
      bar.hidden = first === null || last === null;
      if (bar.hidden) return 0;
      const width = Math.max(4, this.x(last + 1) - this.x(first));
      bar.style.left = this.x(first) + "px";
      bar.style.width = width + "px";
      return width;
    }
    fillTask(el, t) {
      const wide = this.bar(el.bar, t.start, t.end);
      const names = ["tl-bar", "is-" + t.column];
      if (t.critical) names.push("is-critical");
      if (t.late) names.push("is-late");
      if (t.days === 0) names.push("is-milestone");
      if (t.internal) names.push("is-internal");
      el.bar.className = names.join(" ");
      let text = t.days === 0 ? "" : t.title;
      if (t.slipped > 0) text += (text ? " · " : "") + t.slipped + " late";
      el.text.textContent = text;
      el.text.classList.toggle("is-beside", t.days === 0 || wide < 8 + text.length * 5.6);
      this.bar(el.base, t.base_start, t.base_end);
    }
    fillPlan(el, p) {
      this.bar(el.bar, p.begin, p.end);
      el.bar.className = "tl-bar is-plan" + (p.slipped > 0 ? " is-late" : "");
      el.text.textContent = p.tasks.length ? p.done + " of " + p.tasks.length + (p.slipped > 0 ? " · " + p.slipped + " late" : "") : "";
      el.text.classList.add("is-beside");
      el.base.hidden = true;
      if (p.base_end !== null) {
        this.bar(el.base, p.begin === null ? p.base_end : Math.min(p.begin, p.base_end), p.base_end);
      }
      for (const c of p.checkpoints) {
        const mark = make("i", "tl-check" + (c.outcome ? " is-done" : ""), el.checks);
        mark.style.left = this.x(c.day) + this.px() / 2 + "px";
        mark.title = "Checkpoint, " + tl.label(c.day, this.s.today) + ": " + c.title;
      }
    }
    // connect draws what waits for what, of the rows that are in the document.
    connect() {
      const s = this.s;
      const lines = [];
      const done = new Set();
      const add = (task, d) => {
        const from = s.tasks.get(d.on);
        const a = s.index.get(d.on);
        const b = s.index.get(task.id);
        const key = d.on + ">" + task.id;
        if (!from || a === undefined || b === undefined || done.has(key) || from.start === null || task.start === null) return;
        done.add(key);
        lines.push(this.path(from, a, task, b, d.kind || "finish-start"));
      };
      for (let i = this.first; i < this.last; i++) {
        const t = s.rows[i]?.task;
        if (!t) continue;
        for (const d of t.after) add(t, d);
        for (const n of s.next.get(t.id) || []) for (const d of n.after) if (d.on === t.id) add(n, d);
      }
      if (this.loose) lines.push(this.loose);
      this.links.style.transform = "translateY(" + this.first * height + "px)";
      while (this.links.childNodes.length > lines.length) this.links.lastChild.remove();
      lines.forEach((line, i) => {
        const el = this.links.childNodes[i] || this.links.appendChild(document.createElementNS(svg, "path"));
        el.setAttribute("d", line.d);
        el.setAttribute("class", line.name);
      });
    }
    path(from, a, to, b, kind) {
      const [leaves, meets] = kind.split("-");
      const out = leaves === "finish" ? 7 : -7;
      const into = meets === "start" ? -7 : 7;
      const x1 = this.name + this.x(leaves === "finish" ? from.end + 1 : from.start);
      const x2 = this.name + this.x(meets === "start" ? to.start : to.end + 1);
      const y1 = (a - this.first) * height + height / 2;
      const y2 = (b - this.first) * height + height / 2;
      const half = y2 > y1 ? height / 2 : -height / 2;
      const straight = leaves === "finish" && meets === "start" && x2 - x1 >= 12;
      const way = straight ? "M" + x1 + " " + y1 + "h" + out + "V" + y2 + "H" + x2 : "M" + x1 + " " + y1 + "h" + out + "v" + half + "H" + (x2 + into) + "V" + y2 + "H" + x2;
      const tip = "M" + (x2 + into * 0.7) + " " + (y2 - 3.5) + "L" + x2 + " " + y2 + "l" + into * 0.7 + " 3.5";
      return { d: way + tip, name: from.critical && to.critical ? "is-critical" : "" };
    }
    // ticks draws the scale and the lines below it for what is seen and as much on both sides.
    ticks() {
      const s = this.s;
      const px = this.px();
      const wide = this.box.clientWidth - this.name;
      const left = Math.floor(s.from + this.box.scrollLeft / px);
      const right = Math.ceil(left + wide / px);
      if (this.cover && left >= this.cover[0] && right <= this.cover[1]) return;
      const more = right - left;
      this.cover = [Math.max(s.from, left - more), Math.min(s.to, right + more)];
      if (this.cover[0] === s.from) this.cover[0] = -1e9;
      if (this.cover[1] === s.to) this.cover[1] = 1e9;
      const marks = document.createDocumentFragment();
      const lines = document.createDocumentFragment();
      for (let d = Math.max(s.from, left - more); d <= Math.min(s.to, right + more); d++) this.tick(d, marks, lines);
      const now = make("span", "tl-now", marks);
      now.textContent = "today";
      now.style.left = this.x(s.today) + px / 2 + "px";
      make("i", "tl-today", lines).style.left = this.x(s.today) + px / 2 + "px";
      this.scale.replaceChildren(marks);
      this.lines.replaceChildren(lines);
    }
    tick(d, marks, lines) {
      const s = this.s;
      const date = tl.date(d);
      const day = date.getUTCDate();
      const month = date.getUTCMonth();
      const x = this.x(d) + "px";
      const fine = s.zoom === "day" || s.zoom === "week";
      if (fine && !s.calendar.works(d)) {
        const off = make("i", "tl-off", lines);
        off.style.left = x;
        off.style.width = this.px() + "px";
      }
      const large = fine ? day === 1 : day === 1 && month === 0;
      const small = { day: true, week: date.getUTCDay() === 1, month: day === 1, quarter: day === 1 && month % 3 === 0 }[s.zoom];
      if (large || d === s.from) {
        const mark = make("b", "", marks);
        mark.textContent = fine ? date.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }) : String(date.getUTCFullYear());
        mark.style.left = x;
      }
      if (!small) return;
      const mark = make("span", "", marks);
      mark.style.left = x;
      mark.textContent = s.zoom === "month" ? date.toLocaleDateString("en-GB", { month: "short", timeZone: "UTC" }) : s.zoom === "quarter" ? "Q" + (1 + month / 3) : String(day);
      if (s.zoom !== "day" || date.getUTCDay() === 1) make("i", large ? "tl-line is-large" : "tl-line", lines).style.left = x;
    }
    // reveal scrolls until a row, and where in time it is, can be seen.
    reveal(i, sideways) {
      const top = i * height;
      const room = this.box.clientHeight - this.head.offsetHeight;
      if (top < this.box.scrollTop) this.box.scrollTop = top;
      else if (top + height > this.box.scrollTop + room) this.box.scrollTop = top + height - room;
      const t = this.s.rows[i]?.task;
      if (!sideways || !t || t.start === null) return;
      const left = this.x(t.start);
      const wide = this.box.clientWidth - this.name;
      if (left < this.box.scrollLeft || this.x(t.end + 1) > this.box.scrollLeft + wide) this.box.scrollLeft = Math.max(0, left - wide / 4);
    }
    // day is the day at a place of the window.
    day(clientX) {
      return Math.floor(this.s.from + (clientX - this.box.getBoundingClientRect().left - this.name + this.box.scrollLeft) / this.px());
    }
    // row is the index of the row at a place of the window.
    row(clientY) {
      const i = Math.floor((clientY - this.body.getBoundingClientRect().top) / height);
      return i >= 0 && i < this.s.rows.length ? i : -1;
    }
    // thread draws a loose line from a task to a place of the window; null takes it away.
    thread(task, clientX, clientY) {
      const i = task ? this.s.index.get(task.id) : -1;
      this.loose = null;
      if (task) {
        const at = this.body.getBoundingClientRect();
        this.loose = { d: "M" + (this.name + this.x(task.end + 1)) + " " + ((i - this.first) * height + height / 2) + "L" + (clientX - at.left) + " " + (clientY - at.top - this.first * height), name: "is-loose" };
      }
      this.connect();
    }
  };
})();
