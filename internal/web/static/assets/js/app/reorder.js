// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Lists whose items can be dragged: [data-reorder] around [data-item] with a draggable handle. The order of the fields in the
// page is the order that is sent. Without a mouse, or without this, the buttons beside each item do the same.
(function () {
  "use strict";
  let moving = null;
  const itemOf = (event) => event.target.closest && event.target.closest("[data-item]");
  const clear = () => { for (const over of document.querySelectorAll("[data-over]")) delete over.dataset.over; };
  document.addEventListener("dragstart", (event) => {
    const item = itemOf(event);
    if (!item || !item.closest("[data-reorder]")) return;
    moving = item;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  document.addEventListener("dragover", (event) => {
    const item = itemOf(event);
    if (!moving || !item || item.parentElement !== moving.parentElement) return;
    event.preventDefault();
    clear();
    if (item !== moving) item.dataset.over = "";
  });
  document.addEventListener("drop", (event) => {
    const item = itemOf(event);
    if (!moving || !item || item === moving || item.parentElement !== moving.parentElement) return;
    event.preventDefault();
    const after = moving.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
    item[after ? "after" : "before"](moving);
    moving.querySelector("summary")?.focus();
  });
  document.addEventListener("dragend", () => { moving = null; clear(); });
})();
