// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// In a field for code, Ctrl+Enter (Cmd+Enter on a Mac) sends its form.
(function () {
  "use strict";

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.('textarea[spellcheck="false"]');
    if (!field?.form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    field.form.requestSubmit();
  });
})();
