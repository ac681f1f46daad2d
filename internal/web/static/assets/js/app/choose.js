// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Fields that offer what fits while one types: an input's data-choose names an address that answers GET ?q= with
// {"items": [{"value", "label", "note"}]}. What is taken writes its value into the field, so the form works the same when
// nothing is chosen or no script runs.
window.greenroomAssist({
  inputs: "input[data-choose]",
  box: ".choose",
  wait: 120,
  address(input) {
    if (input.value.trim().length < 2) return null;
    const address = new URL(input.dataset.choose, location.href);
    address.searchParams.set("q", input.value);
    return address;
  },
  items: (answer) => answer.items || [],
  take(input, item) {
    input.value = item.value;
  },
});
