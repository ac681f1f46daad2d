// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Keeps the inbox current while it is open. The address in data-inbox-live tells, as server-sent events, {"version",
// "lookers"}: another version than the page was made with means that something changed, and the parts marked with
// data-part are put in anew where nobody is typing or has selected something in them; lookers are who else has the same conversation open. While
// the stream is open, others see that somebody looks.
(function () {
  "use strict";
  const root = document.querySelector("[data-inbox]");
  if (!root || !window.EventSource) return;
  let version = root.dataset.inbox;
  let stream;
  let loading = false;

  const typing = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

  function put(part, fresh) {
    if (typing(part) || part.querySelector("details[open], .row-check input:checked") || part.innerHTML === fresh.innerHTML) return;
    const row = document.activeElement?.closest?.("[data-row]");
    const at = part.contains(row) ? row.dataset.row : "";
    part.innerHTML = fresh.innerHTML;
    part.hidden = fresh.hidden;
    if (window.htmx) window.htmx.process(part);
    const again = at && part.querySelector('[data-row="' + CSS.escape(at) + '"]');
    if (again) {
      again.tabIndex = -1;
      again.focus();
    }
  }

  async function refresh(to) {
    if (loading) return;
    loading = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected) return location.reload(); // signed out
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-part]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) put(part, fresh);
      }
      const count = page.querySelector('#rail a[href="/inbox"]');
      const old = document.querySelector('#rail a[href="/inbox"]');
      if (count && old) old.innerHTML = count.innerHTML;
      version = page.querySelector("[data-inbox]")?.dataset.inbox || to;
    } catch (_) {
      // the next event tries again
    } finally {
      loading = false;
    }
  }

  function look(who) {
    const place = document.getElementById("inbox-lookers");
    if (!place) return;
    const text = who.length ? who.join(", ") + (who.length === 1 ? " is" : " are") + " looking at this, too" : "";
    if (place.textContent !== text) place.textContent = text;
    place.hidden = !text;
  }

  function listen() {
    stream = new EventSource(root.dataset.inboxLive);
    stream.onmessage = (event) => {
      const told = JSON.parse(event.data);
      look(told.lookers);
      if (told.version !== version) refresh(told.version);
    };
  }

  listen();
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => event.persisted && listen());
})();
