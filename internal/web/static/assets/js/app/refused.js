// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Keeps what was typed where the server refuses it: a form is sent from the page, which stays as it is, and the sentence
// that says what is wrong stands in the form, or in a message where a form is one button only. What is done leads to
// where the server says (the header Greenroom-Location), as it would without a script; a page that is the answer takes
// the place of this one, and a file is saved. While a form is on its way, sending it again does nothing. Pages without the
// rail, where people come in, are left to the browser.
(function () {
  "use strict";
  const typed = (form) => form.querySelector("input:not([type=hidden]), select, textarea");

  function say(form, text) {
    form.querySelector("[data-refused]")?.remove();
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

  function save(name, file) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000); // the browser has read it by then
  }

  function replace(page) {
    document.open();
    document.write(page);
    document.close();
  }

  // what the answer asks for; nothing of it is done before all of it is there
  async function follow(form, answer) {
    const told = (name) => answer.headers.get(name) || "";
    if (told("Greenroom-Location")) return go(told("Greenroom-Location"));
    if (answer.type === "opaqueredirect") {
      // whoever signs out is led on; whoever was signed out meanwhile keeps what they entered
      return typed(form) ? say(form, "You are signed out. Sign in in another window, then send this again; what you entered is still here.") : location.reload();
    }
    if (told("Greenroom-Refused")) {
      const from = form.querySelector("input[name=revision]");
      if (from && told("Greenroom-Revision")) from.value = told("Greenroom-Revision"); // sent again, it is meant over what there is now
      return say(form, (await answer.text()).trim());
    }
    const file = /^attachment; filename="([^"]*)"/.exec(told("Content-Disposition"));
    if (file) return save(file[1], await answer.blob());
    replace(await answer.text());
  }

  async function send(form, button) {
    const fields = new FormData(form, button);
    const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
    const to = button?.getAttribute("formaction") || form.getAttribute("action") || location.href;
    try {
      await follow(form, await fetch(to, { method: "POST", body, headers: { "Greenroom-Form": "1" }, redirect: "manual" }));
    } catch (_) {
      say(form, "Greenroom cannot be reached. What you entered is still here; try again.");
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || document.documentElement.classList.contains("bare") || form.getAttribute("method") !== "post" || form.matches("[hx-post], [data-busy], [target]")) return;
    if ([...form.querySelectorAll("input[type=file]")].some((input) => input.files.length)) return; // upload.js shows how far they are
    event.preventDefault();
    if ("sending" in form.dataset) return;
    form.querySelector("[data-refused]")?.remove();
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
