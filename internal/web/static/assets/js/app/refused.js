// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Keeps what was typed where the server refuses it: a form is sent from the page, which stays as it is, and the sentence
// that says what is wrong stands in the form, or in a message where a form is one button only. What is done leads to
// where the server says (the header Greenroom-Location), as it would without a script; a page that is the answer takes
// the place of this one. While a form is on its way, sending it again does nothing. Pages without the rail, where people come
// in, are left to the browser.
(function () {
  "use strict";
  const said = "[data-refused]";

  const typed = (form) => form.querySelector("input:not([type=hidden]), select, textarea");

  function say(form, text) {
    if (!typed(form)) return window.greenroomToast({ level: "error", text });
    const box = document.createElement("div");
    box.className = "flash flash-error";
    box.dataset.refused = "";
    box.setAttribute("role", "alert");
    const words = document.createElement("span");
    words.className = "flash-text";
    words.textContent = text;
    box.append(words);
    (form.querySelector(".dialog-body") || form).prepend(box);
    box.scrollIntoView({ block: "nearest" });
  }

  function go(to) {
    const there = new URL(to, location.href);
    const same = there.href.split("#")[0] === location.href.split("#")[0];
    if (!same) return location.assign(there);
    if (there.hash) history.replaceState(null, "", there);
    location.reload();
  }

  window.greenroomRefused = { say, go };

  async function send(form, button) {
    const fields = new FormData(form, button);
    const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
    let answer;
    try {
      answer = await fetch(button?.getAttribute("formaction") || form.getAttribute("action") || location.href, { method: "POST", body, headers: { "Greenroom-Form": "1" }, redirect: "manual" });
    } catch (_) {
      return say(form, "Greenroom cannot be reached. What you entered is still here; try again.");
    }
    const to = answer.headers.get("Greenroom-Location");
    if (to) return go(to);
    if (answer.type === "opaqueredirect") return location.reload(); // signed out meanwhile
    const text = await answer.text();
    if (answer.headers.has("Greenroom-Refused")) return say(form, text.trim());
    document.open();
    document.write(text);
    document.close();
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || document.documentElement.classList.contains("bare") || form.getAttribute("method") !== "post" || form.matches("[hx-post], [data-busy], [target]")) return;
    if ([...form.querySelectorAll("input[type=file]")].some((input) => input.files.length)) return; // upload.js shows how far they are
    event.preventDefault();
    if ("sending" in form.dataset) return;
    form.querySelector(said)?.remove();
    form.dataset.sending = "";
    event.submitter?.setAttribute("aria-busy", "true");
    try {
      await send(form, event.submitter);
    } finally {
      delete form.dataset.sending;
      event.submitter?.removeAttribute("aria-busy");
    }
  });
})();
