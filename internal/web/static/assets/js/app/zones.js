// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Offers the names of time zones in inputs that take one (data-zones), the one of this computer first. The server knows
// more names and looks again.
(function () {
  "use strict";
  for (const input of document.querySelectorAll("input[data-zones]")) {
    if (!Intl.supportedValuesOf) return;
    const list = document.createElement("datalist");
    list.id = input.id + "-zones";
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const name of new Set([here, "UTC", ...Intl.supportedValuesOf("timeZone")])) list.append(new Option("", name));
    input.after(list);
    input.setAttribute("list", list.id);
  }
})();
