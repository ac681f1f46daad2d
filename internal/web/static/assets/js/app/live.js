// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Follows long work: bars with data-live name an address that tells {"running": [{"id", "label", "count", "note", "done",
// "total"}]} as server-sent events, or once as JSON. Bars are filled in where they stand, so that the focus stays on
// Stop. A bar whose work is not told any more has ended: the page loads anew, with what came in.
(function () {
  "use strict";
  const quiet = 15000; // a stream that says nothing for so long does not get through
  const every = 2000; // between two questions where there is no stream
  let stream, watch, timer;
  let failed = 0;

  const bars = () => [...document.querySelectorAll("[data-live]")];
  const put = (bar, part, text) => {
    const place = bar.querySelector("[data-live-" + part + "]");
    if (place && place.textContent !== text) place.textContent = text;
  };

  function stop() {
    clearTimeout(watch);
    clearTimeout(timer);
    stream?.close();
    stream = undefined;
  }

  function show(told) {
    failed = 0;
    for (const bar of bars()) {
      const tick = told.running.find((t) => t.id === bar.id);
      if (!tick) {
        stop();
        return location.reload();
      }
      for (const part of ["label", "count", "note"]) put(bar, part, tick[part]);
      const meter = bar.querySelector("progress");
      if (tick.total) {
        meter.max = tick.total;
        meter.value = tick.done;
      }
    }
  }

  function lost() {
    failed++;
    if (failed > 2) for (const bar of bars()) put(bar, "note", "Greenroom cannot be reached; this page tries again. What was stored is kept.");
  }

  async function ask() {
    const bar = bars()[0];
    if (!bar) return;
    try {
      const answer = await fetch(bar.dataset.live, { headers: { Accept: "application/json" } });
      if (answer.redirected) return location.reload(); // signed out
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
    } catch (_) {
      lost();
    }
    timer = setTimeout(ask, every);
  }

  function instead() {
    stop();
    ask();
  }

  function listen() {
    const bar = bars()[0];
    if (!bar || stream) return;
    if (!window.EventSource) return instead();
    stream = new EventSource(bar.dataset.live);
    const waiting = () => {
      clearTimeout(watch);
      watch = setTimeout(instead, quiet);
    };
    waiting();
    stream.onmessage = (event) => {
      waiting();
      show(JSON.parse(event.data));
    };
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) return instead();
      waiting(); // the browser connects again by itself
      lost();
    };
  }

  listen();
  document.addEventListener("htmx:load", listen);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && listen());
})();
