// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Suggestions while a query is typed, asked from the input's data-suggest: GET ?q=…&at=N answers {"from", "to", "items":
// [{"insert", "label", "note"}]}. Tab or Enter takes what is marked, and asks for what may follow.
window.greenroomAssist({
  inputs: "input[data-suggest]",
  box: ".query",
  wait: 100,
  tab: true,
  address(input) {
    const address = new URL(input.dataset.suggest, location.href);
    address.searchParams.set("q", input.value);
    address.searchParams.set("at", input.selectionStart);
    return address;
  },
  items: (answer) => answer.items || [],
  take(input, item, answer) {
    input.setRangeText(item.insert, answer.from, answer.to, "end");
    return true;
  },
});

document.addEventListener("click", (event) => {
  const fix = event.target.closest("[data-query-fix]");
  if (!fix) return;
  const input = document.getElementById(fix.dataset.queryFor);
  input.value = fix.dataset.queryFix;
  input.form.requestSubmit();
});
