// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Files of forms. One that is too large to be sent (data-max in bytes, data-too-large in words) is refused at once, instead
// of after the minutes that sending it takes; the server looks again. While one is sent, a bar says how far it is, and the
// sending can be stopped. Without this script the browser sends the form itself, with the same answer.
(function () {
  "use strict";
  document.addEventListener("change", (event) => {
    const input = event.target.closest?.("input[type=file][data-max]");
    if (!input) return;
    const large = [...input.files].some((file) => file.size > Number(input.dataset.max));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    if (large) input.reportValidity();
  });

  function size(bytes) {
    const unit = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]].find(([, n]) => bytes >= n) || ["B", 1];
    const n = bytes / unit[1];
    return n.toFixed(n < 10 && unit[1] > 1 ? 1 : 0) + "\u202f" + unit[0];
  }

  function left(seconds) {
    if (seconds < 60) return "less than a minute left";
    const minutes = Math.ceil(seconds / 60);
    if (minutes < 60) return "about " + minutes + " min left";
    return "about " + Math.floor(minutes / 60) + " h " + (minutes % 60) + " min left";
  }

  function part(tag, name, text) {
    return Object.assign(document.createElement(tag), { className: name, textContent: text || "" });
  }

  // the bar below a form, as ui/progress writes one
  function bar(label) {
    const box = part("div", "work");
    const head = part("div", "work-head");
    const name = part("span", "work-name", label);
    const count = part("span", "num muted");
    const meter = part("progress");
    const note = part("div", "small");
    const tools = part("div", "form-actions");
    const stop = part("button", "btn btn-sm", "Stop sending");
    box.dataset.sending = "";
    name.id = "sending-name";
    stop.type = "button";
    meter.setAttribute("aria-labelledby", name.id);
    head.append(name, count);
    tools.append(stop);
    box.append(head, meter, note, part("div", "small muted", "Stay on this page until the file is there."), tools);
    return { box, count, meter, note, stop };
  }

  // the answer is a page that says what is wrong: its main part takes the place of this one's
  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const main = page.querySelector("main");
    if (!main) return false;
    document.querySelector("main").replaceWith(main);
    document.title = page.title;
    window.htmx?.process(main);
    main.tabIndex = -1;
    main.focus();
    scrollTo(0, 0);
    return true;
  }

  function send(form, submitter, files) {
    const data = new FormData(form);
    if (submitter?.name) data.append(submitter.name, submitter.value);
    const shown = bar("Sending " + files.map((file) => file.name).join(", "));
    const buttons = [...form.querySelectorAll("button")].filter((button) => !button.disabled);
    for (const button of buttons) button.disabled = true;
    form.append(shown.box);
    shown.stop.focus();
    shown.box.scrollIntoView({ block: "nearest" });

    const action = new URL(form.getAttribute("action"), location.href).href;
    const request = new XMLHttpRequest();
    const begun = performance.now();
    function rest(message) {
      for (const button of buttons) button.disabled = false;
      shown.box.remove();
      (submitter || buttons[0])?.focus();
      if (message) window.greenroomToast(message);
    }
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      shown.meter.max = event.total;
      shown.meter.value = event.loaded;
      shown.count.textContent = Math.floor((100 * event.loaded) / event.total) + "\u202f%";
      const seconds = (performance.now() - begun) / 1000;
      const note = [size(event.loaded) + " of " + size(event.total)];
      if (seconds > 3) note.push(left(((event.total - event.loaded) * seconds) / event.loaded));
      shown.note.textContent = note.join(" · ");
    };
    request.upload.onload = () => {
      shown.note.textContent = "The file is there; Greenroom looks at it.";
    };
    request.onload = () => {
      const to = request.getResponseHeader("Greenroom-Location");
      if (to) return window.greenroomRefused.go(to);
      if (request.getResponseHeader("Greenroom-Refused")) {
        rest();
        return window.greenroomRefused.say(form, request.responseText);
      }
      if (request.responseURL !== action) return location.assign(request.responseURL); // where the answer leads
      if (!show(request.responseText)) rest({ level: "error", text: "That did not work; nothing was imported. Send the file again." });
    };
    request.onerror = () => rest({ level: "error", text: "The file did not get through; nothing was imported. Check the connection and send it again." });
    request.onabort = () => rest();
    shown.stop.addEventListener("click", () => request.abort());
    addEventListener("pagehide", () => request.abort(), { once: true });
    request.open("POST", action);
    request.setRequestHeader("Accept", "text/html");
    request.setRequestHeader("Greenroom-Form", "1");
    request.send(data);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    if (event.defaultPrevented || form.enctype !== "multipart/form-data" || !files.length) return;
    event.preventDefault();
    send(form, event.submitter, files);
  });
})();
