// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Days and working days of the timeline. A day is a whole number, days since 1 January 1970: it has no zone and no
// hours, so nothing here shifts when clocks do.
(function () {
  "use strict";
  const tl = (window.greenroomTimeline = window.greenroomTimeline || {});
  const length = 86400000;
  const names = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const full = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

  tl.day = (text) => (text ? Date.parse(text + "T00:00:00Z") / length : null);
  tl.iso = (day) => new Date(day * length).toISOString().slice(0, 10);
  tl.date = (day) => new Date(day * length);
  // label is a day for people; with its year where that is another than today's.
  const labels = new Map(); // writing a date is slow, and the same days come again and again
  tl.label = (day, today) => {
    const year = tl.date(day).getUTCFullYear() !== tl.date(today).getUTCFullYear();
    const key = year ? -1 - day : day;
    let words = labels.get(key);
    if (words === undefined) labels.set(key, (words = (year ? full : names).format(tl.date(day))));
    return words;
  };
  tl.days = (n) => n + (Math.abs(n) === 1 ? " working day" : " working days");

  // Calendar says on which days there is work, as the server's package schedule does.
  tl.Calendar = class {
    constructor(weekdays, holidays) {
      this.week = new Set(weekdays);
      this.free = new Set(holidays.map(tl.day));
    }
    works(day) {
      return this.week.has((((day + 4) % 7) + 7) % 7) && !this.free.has(day);
    }
    // from is the first working day at or after a day; with step -1 at or before it.
    from(day, step = 1) {
      let d = day;
      for (let i = 0; i < 4000 && !this.works(d); i++) d += step;
      return d;
    }
    // add is the working day n working days after one.
    add(day, n) {
      const step = n < 0 ? -1 : 1;
      let d = this.from(day, step);
      for (let left = Math.abs(n); left > 0; left--) d = this.from(d + step, step);
      return d;
    }
    // count counts the working days from one day to another, both included.
    count(first, last) {
      let n = 0;
      for (let d = first; d <= last; d++) if (this.works(d)) n++;
      return n;
    }
  };
})();
