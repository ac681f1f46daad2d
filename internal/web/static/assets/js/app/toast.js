// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Short messages with a way back. A handler sends the header HX-Trigger: {"toast": {"text": …, "undo_post": …}};
// scripts call greenroomToast with the same object.
(function () {
  "use strict";
  const place = document.getElementById("toasts");
  const stay = 10000; // long enough to read and to reach Undo; pointer or focus inside holds it

  function element(tag, name, text) {
    const el = document.createElement(tag);
    if (name) el.className = name;
    if (text) el.textContent = text;
    return el;
  }

  function undo(toast, box) {
    const form = element("form", "inline");
    form.method = "post";
    form.action = toast.undo_post;
    form.append(element("button", "btn btn-sm", toast.undo_label || "Undo"));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const answer = await fetch(form.action, { method: "POST", headers: { "HX-Request": "true" } });
        if (!answer.ok) throw new Error(String(answer.status));
        location.reload();
      } catch (_) {
        box.remove();
        show({ level: "error", text: "Undo did not work; nothing was changed. Try again, or reload the page." });
      }
    });
    return form;
  }

  function show(toast) {
    const box = element("div", "flash" + (toast.level ? " flash-" + toast.level : ""));
    if (toast.level === "error") box.setAttribute("role", "alert");
    const tools = element("span", "flash-tools");
    if (toast.undo_post) tools.append(undo(toast, box));
    const close = element("button", "close", "×");
    close.type = "button";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", "Dismiss message");
    tools.append(close);
    box.append(element("span", "flash-text", toast.text), tools);
    place.append(box);
    let timer;
    const hold = () => clearTimeout(timer);
    const wait = () => {
      clearTimeout(timer);
      if (toast.level !== "error") timer = setTimeout(() => box.remove(), stay);
    };
    box.addEventListener("mouseenter", hold);
    box.addEventListener("focusin", hold);
    box.addEventListener("mouseleave", wait);
    box.addEventListener("focusout", wait);
    wait();
  }
  window.greenroomToast = show;
  document.addEventListener("toast", (event) => show(event.detail));

  document.addEventListener("htmx:responseError", () => show({ level: "error", text: "That did not work; nothing was changed. Try again, or reload the page." }));
  document.addEventListener("htmx:sendError", () => show({ level: "error", text: "Greenroom cannot be reached. What you see may be old; nothing was lost." }));

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy || location.href;
    try {
      await navigator.clipboard.writeText(text);
      show({ text: "Copied" });
    } catch (_) {
      show({ level: "warn", text: "The browser did not allow copying. Select the text and copy it by hand." });
    }
  });
})();
