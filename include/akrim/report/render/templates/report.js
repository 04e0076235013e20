"use strict";
(function () {
  const tools = document.getElementById("tools");
  if (!tools) return;
  const rows = Array.from(document.querySelectorAll("#ranking tbody tr[data-id]"));
  const texts = rows.map((row) => (row.querySelector("th").textContent + " " + row.dataset.id).toLocaleLowerCase());
  const [search, status, moved, unchecked, jump, shown] =
    ["search", "status", "moved", "unchecked", "jump", "shown"].map((id) => document.getElementById(id));

  function filter() {
    const wanted = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, place) => {
      row.hidden = !wanted.every((word) => texts[place].includes(word))
        || (status.value !== "" && row.dataset.status !== status.value)
        || (moved.checked && !("moved" in row.dataset))
        || (unchecked.checked && !("unchecked" in row.dataset));
      if (!row.hidden) count += 1;
    });
    shown.value = shown.dataset.text.replace("{shown}", count).replace("{total}", rows.length);
  }

  function go() {
    const link = document.querySelector("#r-" + Number(jump.value) + " a");
    if (link) { link.click(); }
  }

  tools.hidden = false;
  tools.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => { event.preventDefault(); if (jump.value) go(); });
  jump.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go(); } });
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((box) => { box.open = true; }));
  filter();
}());
