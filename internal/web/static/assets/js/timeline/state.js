// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// What the timeline shows: plans and tasks as the server tells them, made into rows, and the words that say the same.
(function () {
  "use strict";
  const tl = (window.greenroomTimeline = window.greenroomTimeline || {});

  function task(t, plan) {
    return { ...t, plan, after: t.after || [], internal: plan.internal, start: tl.day(t.start), end: tl.day(t.end), base_start: tl.day(t.base_start), base_end: tl.day(t.base_end) };
  }
  function about(p) {
    return { begin: tl.day(p.begin), end: tl.day(p.end), base_end: tl.day(p.base_end), slipped: p.slipped || 0, done: p.done, step: p.step };
  }

  // state is made of the server's answer; before is the one that it takes the place of.
  tl.state = function (data, before) {
    const s = { may: data.may, one: data.plans.length === 1 && data.one, today: tl.day(data.today), calendar: new tl.Calendar(data.weekdays, data.holidays), plans: new Map(), tasks: new Map(), at: before ? before.at : 0, zoom: before ? before.zoom : "month" };
    const count = data.plans.reduce((n, p) => n + p.tasks.length, 0);
    s.open = before ? before.open : new Set(s.one || count <= 60 ? data.plans.map((p) => p.id) : []);
    for (const p of data.plans) {
      const plan = { ...p, ...about(p), tasks: [], checkpoints: (p.checkpoints || []).map((c) => ({ ...c, day: tl.day(c.day) })) };
      plan.tasks = p.tasks.map((t) => task(t, plan));
      for (const t of plan.tasks) s.tasks.set(t.id, t);
      s.plans.set(plan.id, plan);
    }
    tl.arrange(s);
    return s;
  };

  // arrange makes the rows, and whatever is looked up by them.
  tl.arrange = function (s) {
    const at = s.rows?.[s.at];
    s.rows = [];
    s.index = new Map();
    s.next = new Map();
    let goal = null;
    let first = s.today - 14;
    let last = s.today + 60;
    for (const p of s.plans.values()) {
      const level = s.one ? 1 : 2;
      if (!s.one && p.goal_title !== goal) {
        goal = p.goal_title;
        s.rows.push({ kind: "goal", id: p.goal || 0, level: 1, title: goal || "No goal yet" });
      }
      const open = s.open.has(p.id);
      s.rows.push({ kind: "plan", id: p.id, level, title: p.title, href: p.href, pill: p.internal ? "internal" : "", open, plan: p });
      for (const c of p.checkpoints) last = Math.max(last, c.day + 14);
      for (const t of p.tasks) {
        if (t.start !== null) {
          first = Math.min(first, t.start - 7, (t.base_start ?? t.start) - 7);
          last = Math.max(last, t.end + 30, (t.base_end ?? 0) + 30);
        }
        for (const d of t.after) s.next.set(d.on, [...(s.next.get(d.on) || []), t]);
        if (!open) continue;
        s.index.set(t.id, s.rows.length);
        s.rows.push({ kind: "task", id: t.id, level: level + 1, title: t.title, href: p.href + (s.may ? "/tasks/" + t.id : ""), task: t, plan: p });
      }
    }
    // what was seen stays where it is: the left end only moves out
    s.from = Math.min(s.from ?? first, first);
    s.to = Math.max(s.to ?? last, last);
    const same = at && s.rows.findIndex((r) => r.kind === at.kind && r.id === at.id);
    s.at = at ? (same >= 0 ? same : Math.min(s.at, s.rows.length - 1)) : s.rows.findIndex((r) => r.kind !== "goal");
  };

  // take puts what the server says of a plan after a change in the place of what is there, and gives the tasks that moved.
  tl.take = function (s, plan, got, pending) {
    Object.assign(plan, about(got.plan));
    let fresh = got.whole;
    const moved = [];
    const tasks = [];
    for (const raw of got.tasks) {
      const t = task(raw, plan);
      const old = s.tasks.get(t.id);
      if (!old) fresh = true;
      else if (old.start !== t.start || old.end !== t.end) moved.push(old);
      if (old && pending.has(t.id)) Object.assign(old, { version: t.version });
      else if (old) Object.assign(old, t);
      tasks.push(old || t);
      s.tasks.set(t.id, old || t);
    }
    if (fresh && got.whole) plan.tasks = tasks;
    tl.arrange(s);
    return moved;
  };

  // dates say when a task is done.
  tl.dates = function (s, t) {
    if (t.start === null) return "no dates";
    if (t.start === t.end) return tl.label(t.start, s.today);
    return tl.label(t.start, s.today) + " to " + tl.label(t.end, s.today);
  };

  // tell says a row in words, for those who hear it.
  tl.tell = function (s, row) {
    if (row.kind === "goal") return "Goal";
    if (row.kind === "plan") {
      const p = row.plan;
      const words = [p.begin === null ? "no dates" : tl.label(p.begin, s.today) + " to " + tl.label(p.end, s.today), p.done + " of " + p.tasks.length + " tasks done"];
      if (p.base_end !== null) words.push("promised for " + tl.label(p.base_end, s.today), p.slipped > 0 ? tl.days(p.slipped) + " late" : p.slipped < 0 ? tl.days(-p.slipped) + " early" : "in time");
      for (const c of p.checkpoints) words.push("checkpoint " + tl.label(c.day, s.today) + ": " + c.title);
      return words.join(", ");
    }
    const t = row.task;
    const words = [tl.dates(s, t), t.days === 0 ? "milestone" : tl.days(t.days), { todo: "to do", doing: "begun", done: "done" }[t.column]];
    if (t.who) words.push(t.who);
    if (t.critical) words.push("critical");
    if (t.slipped > 0) words.push(t.slipped + " late, promised for " + tl.label(t.base_end, s.today));
    const waits = t.after.map((d) => s.tasks.get(d.on)?.title || "task " + d.on);
    if (waits.length) words.push("waits for " + waits.join(" and "));
    return words.join(", ");
  };
})();
