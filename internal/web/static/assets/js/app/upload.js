// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Says at once that a file is too large to be sent (data-max in bytes, data-too-large in words), instead of after the
// minutes that sending it takes. The server looks again.
(function () {
  "use strict";
  document.addEventListener("change", (event) => {
    const input = event.target.closest?.("input[type=file][data-max]");
    if (!input) return;
    const large = [...input.files].some((file) => file.size > Number(input.dataset.max));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    if (large) input.reportValidity();
  });
})();
