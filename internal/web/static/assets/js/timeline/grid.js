// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Draws the rows of the timeline. Only rows near what is seen are in the document, and rows that go out of sight are
// used again, so that a plan of 5,000 tasks costs as much as one of fifty. Scrolling itself is the browser's.
//
// A frame does little: only what differs from what an element shows already is written to it, the lines between rows stay where
// they are while one scrolls, and after a jump the rows in sight come first, those around them and the lines in the frames after.
(function () {
  "use strict";
  const tl = (window.greenroomTimeline = window.greenroomTimeline || {});
  const height = 34; // of a row, as in timeline.css
  const spare = 12; // rows kept above and below what is seen
  const most = 6; // rows that are filled in a frame beside those in sight
  const svg = "http://www.w3.org/2000/svg";
  tl.zooms = { day: 30, week: 11, month: 4, quarter: 1.5 }; // pixels a day

  function make(tag, name, parent) {
    const el = document.createElement(tag);
    if (name) el.className = name;
    if (parent) parent.append(el);
    return el;
  }

  // These write only what is another than what was written last.
  function text(el, words) {
    if (el.says === words) return;
    el.says = words;
    if (el.firstChild) el.firstChild.data = words;
    else el.append(words);
  }
  function attr(el, name, value) {
    const had = (el.had ||= {});
    if (had[name] === value) return;
    had[name] = value;
    if (value === null) el.removeAttribute(name);
    else el.setAttribute(name, value);
  }
  function style(el, name, value) {
    const has = (el.has ||= {});
    if (has[name] === value) return;
    has[name] = value;
    el.style.setProperty(name, value);
  }
  function hide(el, is) {
    if (el.gone === is) return;
    el.gone = is;
    el.hidden = is;
  }
  function name(el, names) {
    if (el.named === names) return;
    el.named = names;
    el.setAttribute("class", names);
  }

  tl.make = make;
  tl.Grid = class {
    // rows and state belong to the caller: {rows, at, tasks, next, index, from, to, today, zoom, calendar}.
    constructor(box, state) {
      this.box = box;
      this.s = state;
      this.shown = new Map(); // index of the row → element
      this.pool = [];
      this.wires = new Map(); // from one task to another → line
      this.slack = []; // lines that are not used now
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
        this.seen = this.box.clientHeight;
        this.wide = this.box.clientWidth - this.name;
        s.to = Math.max(s.to, s.from + Math.ceil(this.wide / this.px()));
        this.body.style.height = s.rows.length * height + "px";
        this.body.style.width = this.head.style.width = this.name + this.x(s.to) + "px";
        this.box.style.setProperty("--tl-bar", this.box.offsetHeight - this.box.clientHeight + "px");
        this.cover = null;
      }
      const top = this.box.scrollTop;
      this.left = this.box.scrollLeft;
      const sight = [Math.max(0, Math.floor(top / height)), Math.min(s.rows.length, Math.ceil((top + this.seen) / height))];
      const first = Math.max(0, sight[0] - spare);
      const last = Math.min(s.rows.length, sight[1] + spare);
      if (this.dirty || this.open || first !== this.first || last !== this.last || this.wasAt !== s.at) {
        this.first = first;
        this.last = last;
        this.open = this.place(sight);
        if (this.open) this.soon();
        else this.connect();
      }
      this.ticks();
      this.heads();
      this.dirty = false;
    }
    // place puts the rows that are near into the document, the selected one with them: those in sight at once, of the others a
    // few. It reports whether some are left for the next frame.
    place(sight) {
      const s = this.s;
      for (const [i, el] of this.shown) {
        if (i < s.rows.length && ((i >= this.first && i < this.last) || i === s.at)) continue;
        this.shown.delete(i);
        this.pool.push(el);
      }
      let room = this.dirty ? Infinity : most;
      const put = (i, must) => {
        let el = this.shown.get(i);
        if (el && !this.dirty && el.row === s.rows[i]) return true;
        if (room-- <= 0 && !must) return false;
        if (!el) {
          el = this.pool.pop() || this.element();
          this.shown.set(i, el);
        }
        this.fill(el, i);
        hide(el, false);
        return true;
      };
      for (let i = sight[0]; i < sight[1]; i++) put(i, true);
      if (s.at >= 0 && s.at < s.rows.length) put(s.at, true);
      let whole = true;
      for (let n = 0; n < spare; n++) {
        if (sight[1] + n < this.last) whole = put(sight[1] + n, false) && whole;
        if (sight[0] - 1 - n >= this.first) whole = put(sight[0] - 1 - n, false) && whole;
      }
      for (const el of this.pool) {
        if (!el.gone) el.id = "";
        hide(el, true);
      }
      const at = this.shown.get(s.at);
      if (this.was && this.was !== at) this.mark(this.was, false);
      if (at) this.mark(at, true);
      this.was = at;
      attr(this.box, "aria-activedescendant", at ? at.id : null);
      return !whole;
    }
    // mark says whether a row is the selected one.
    mark(el, is) {
      el.classList.toggle("is-at", is);
      el.named = el.className;
      attr(el, "aria-selected", is ? "true" : null);
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
      const plan = row.kind === "plan";
      el.row = row;
      el.at = i;
      el.id = "tl-" + row.kind + "-" + row.id;
      name(el, "tl-row tl-" + row.kind + (i === this.s.at ? " is-at" : ""));
      style(el, "transform", "translateY(" + i * height + "px)");
      attr(el, "aria-level", row.level);
      attr(el, "aria-rowindex", i + 1);
      attr(el, "aria-expanded", plan ? String(row.open) : null);
      attr(el, "aria-selected", i === this.s.at ? "true" : null);
      text(el.fold, plan ? (row.open ? "▾" : "▸") : "");
      text(el.link, row.title);
      attr(el.link, "title", row.title);
      attr(el.link, "href", row.href || null);
      style(el, "--tl-level", row.level);
      text(el.who, row.kind === "task" ? (row.task.who || "").split("@")[0] : row.pill || "");
      attr(el.who, "title", row.task?.owner || null);
      text(el.words, tl.tell(this.s, row));
      if (el.checks.firstChild) el.checks.replaceChildren();
      if (row.kind === "task") this.fillTask(el, row.task);
      else if (plan) this.fillPlan(el, row.plan);
      else hide(el.bar, true), hide(el.base, true);
    }
    // bar puts a bar from the morning of one day to the evening of another.
    bar(bar, first, last) {
      hide(bar, first === null || last === null);
      if (bar.gone) return 0;
      const width = Math.max(4, this.x(last + 1) - this.x(first));
      style(bar, "left", this.x(first) + "px");
      style(bar, "width", width + "px");
      return width;
    }
    fillTask(el, t) {
      const wide = this.bar(el.bar, t.start, t.end);
      let names = "tl-bar is-" + t.column;
      if (t.critical) names += " is-critical";
      if (t.late) names += " is-late";
      if (t.days === 0) names += " is-milestone";
      if (t.internal) names += " is-internal";
      name(el.bar, names);
      let words = t.days === 0 ? "" : t.title;
      if (t.slipped > 0) words += (words ? " · " : "") + t.slipped + " late";
      text(el.text, words);
      style(el.text, "margin-left", "");
      name(el.text, t.days === 0 || wide < 8 + words.length * 5.6 ? "tl-text is-beside" : "tl-text");
      this.bar(el.base, t.base_start, t.base_end);
    }
    fillPlan(el, p) {
      this.bar(el.bar, p.begin, p.end);
      name(el.bar, "tl-bar is-plan" + (p.slipped > 0 ? " is-late" : ""));
      text(el.text, p.tasks.length ? p.done + " of " + p.tasks.length + (p.slipped > 0 ? " · " + p.slipped + " late" : "") : "");
      name(el.text, "tl-text is-beside");
      hide(el.base, true);
      if (p.base_end !== null) {
        this.bar(el.base, p.begin === null ? p.base_end : Math.min(p.begin, p.base_end), p.base_end);
      }
      // what is said of the plan stands behind a checkpoint that would cover it
      const end = p.end === null ? 0 : this.x(p.end + 1);
      const behind = Math.max(0, ...p.checkpoints.map((c) => this.x(c.day) + this.px() / 2 - end).filter((by) => by < 90));
      style(el.text, "margin-left", (behind ? behind + 10 : 6) + "px");
      for (const c of p.checkpoints) {
        const mark = make("i", "tl-check" + (c.outcome ? " is-done" : ""), el.checks);
        mark.style.left = this.x(c.day) + this.px() / 2 + "px";
        mark.title = "Checkpoint, " + tl.label(c.day, this.s.today) + ": " + c.title;
      }
    }
    // connect draws what waits for what, of the rows that are in the document. A line that is there already is left alone.
    connect() {
      const s = this.s;
      const near = new Map();
      const add = (task, d) => {
        const from = s.tasks.get(d.on);
        const a = s.index.get(d.on);
        const b = s.index.get(task.id);
        const key = d.on + ">" + task.id;
        if (!from || a === undefined || b === undefined || near.has(key) || from.start === null || task.start === null) return;
        near.set(key, this.path(from, a, task, b, d.kind || "finish-start"));
      };
      for (let i = this.first; i < this.last; i++) {
        const t = s.rows[i]?.task;
        if (!t) continue;
        for (const d of t.after) add(t, d);
        for (const n of s.next.get(t.id) || []) for (const d of n.after) if (d.on === t.id) add(n, d);
      }
      if (this.loose) near.set("", this.loose);
      for (const [key, el] of this.wires) {
        if (near.has(key)) continue;
        this.wires.delete(key);
        this.slack.push(el);
      }
      for (const [key, line] of near) {
        let el = this.wires.get(key);
        if (!el) {
          el = this.slack.pop() || this.links.appendChild(document.createElementNS(svg, "path"));
          this.wires.set(key, el);
        }
        attr(el, "d", line.d);
        attr(el, "class", line.name);
      }
      for (const el of this.slack) attr(el, "d", null);
    }
    path(from, a, to, b, kind) {
      const [leaves, meets] = kind.split("-");
      const out = leaves === "finish" ? 7 : -7;
      const into = meets === "start" ? -7 : 7;
      const x1 = this.name + this.x(leaves === "finish" ? from.end + 1 : from.start);
      const x2 = this.name + this.x(meets === "start" ? to.start : to.end + 1);
      const y1 = a * height + height / 2;
      const y2 = b * height + height / 2;
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
      const left = Math.floor(s.from + this.left / px);
      const right = Math.ceil(left + this.wide / px);
      if (this.cover && left >= this.cover[0] && right <= this.cover[1]) return;
      const more = right - left;
      this.cover = [Math.max(s.from, left - more), Math.min(s.to, right + more)];
      if (this.cover[0] === s.from) this.cover[0] = -1e9;
      if (this.cover[1] === s.to) this.cover[1] = 1e9;
      const marks = document.createDocumentFragment();
      const lines = document.createDocumentFragment();
      this.spans = [];
      const end = Math.min(s.to, right + more);
      for (let d = Math.max(s.from, left - more); d <= end; d++) this.tick(d, marks, lines);
      this.spans.forEach((span, i) => {
        span.end = this.x(i + 1 < this.spans.length ? this.spans[i + 1].day : end + 1);
        span.mark.style.width = span.end - this.x(span.day) + "px";
      });
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
      if (large || !this.spans.length) {
        const mark = make("b", "", marks);
        const write = (month) => date.toLocaleDateString("en-GB", { month, year: "numeric", timeZone: "UTC" });
        const year = String(date.getUTCFullYear());
        mark.style.left = x;
        this.spans.push({ day: d, mark, label: make("i", "", mark), names: fine ? [write("long"), write("short")] : [year] });
      }
      if (!small) return;
      const mark = make("span", "", marks);
      mark.style.left = x;
      if (Math.abs(d - s.today) * this.px() > 30) mark.textContent = s.zoom === "month" ? date.toLocaleDateString("en-GB", { month: "short", timeZone: "UTC" }) : s.zoom === "quarter" ? "Q" + (1 + month / 3) : String(day);
      if (s.zoom !== "day" || date.getUTCDay() === 1) make("i", large ? "tl-line is-large" : "tl-line", lines).style.left = x;
    }
    // heads names months, or years, each at the first of it that is seen, in the longest way that has room there.
    heads() {
      const left = this.left;
      for (const span of this.spans) {
        const room = span.end - Math.max(this.x(span.day), left);
        text(span.label, span.names.find((n) => n.length * 7.5 + 8 <= room) || "");
      }
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
        this.loose = { d: "M" + (this.name + this.x(task.end + 1)) + " " + (i * height + height / 2) + "L" + (clientX - at.left) + " " + (clientY - at.top), name: "is-loose" };
      }
      this.connect();
    }
  };
})();
