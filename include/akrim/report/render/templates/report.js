"use strict";
(function () {
  const MANY = 8;
  const root = document.documentElement;
  const bar = document.querySelector(".sections");
  // What sticks below the bar of sections, and where a link stops, depends on how many lines the bar takes. An observer is told once
  // the page stands: to ask while it is read would lay out all of it first.
  new ResizeObserver(() => {
    const height = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    root.style.scrollPaddingTop = `calc(${height}px + 3rem)`;
    document.getElementById("ranking")?.style.setProperty("--bar", `${height}px`);
  }).observe(bar);
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((box) => { box.open = true; }));

  // Of a table's many links one is reached by the tabulator, the others from there by the arrows, so that what follows is near.
  function rove(table, links) {
    const visible = () => Array.from(table.querySelectorAll(`tbody tr:not([hidden]) ${links}`));
    function stop(chosen) {
      table.querySelectorAll(`tbody ${links}`).forEach((link) => { link.tabIndex = -1; });
      const first = chosen || visible()[0];
      if (first) first.tabIndex = 0;
    }
    table.addEventListener("keydown", (event) => {
      const shown = visible();
      const at = shown.indexOf(event.target);
      const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
      if (at < 0 || !shown[next]) return;
      event.preventDefault();
      stop(shown[next]);
      shown[next].focus();
    });
    return stop;
  }
  document.querySelectorAll("section:not(#list, #profiles) table").forEach((table) => {
    if (table.querySelectorAll("tbody a").length <= MANY) return;
    table.setAttribute("aria-describedby", "arrows");
    rove(table, "a")();
  });

  const tools = document.getElementById("tools");
  if (!tools) return;
  const texts = JSON.parse(tools.dataset.texts);
  const table = document.getElementById("ranking");
  const groups = Array.from(table.tBodies, (body) => ({
    body, head: body.rows[0], title: body.rows[0].cells[0].firstChild.data, rows: Array.from(body.rows).slice(1), isAside: body.classList.contains("dismissed"),
  }));
  const standing = groups.filter((group) => !group.isAside);
  const rows = groups.flatMap((group) => group.rows);
  const order = new Map(rows.map((row) => [row, JSON.parse(row.dataset.order)]));
  // As written, and as whoever lacks its letters writes it: Arunas for Arūnas, Hakon for Håkon.
  const LETTERS = { "ø": "o", "æ": "ae", "đ": "d", "ł": "l" };
  const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[øæđł]/g, (letter) => LETTERS[letter]);
  const found = new Map(rows.map((row) => {
    const text = (row.querySelector("th").textContent + " " + row.dataset.search).toLocaleLowerCase();
    return [row, text + " " + bare(text)];
  }));
  const [search, jump, shown] = ["search", "jump", "shown"].map((id) => document.getElementById(id));
  const choices = Array.from(tools.querySelectorAll("select"));
  const boxes = Array.from(tools.querySelectorAll("[type=checkbox]"));
  const collator = new Intl.Collator(root.lang);
  const stop = rove(table, "th a");
  let isSorted = false;

  function passes(row, wanted) {
    return wanted.every((word) => found.get(row).includes(word))
      && choices.every(({ value, dataset }) => value === "" || row.dataset[dataset.choice].split("|").includes(value))
      && boxes.every((box) => !box.checked || row.dataset.flags.split(" ").includes(box.value));
  }

  function filter() {
    const wanted = search.value.normalize("NFC").toLocaleLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => { row.hidden = !passes(row, wanted); });
    groups.forEach(({ head, title, rows, isAside }) => {
      const left = rows.filter((row) => !row.hidden).length;
      head.hidden = (isSorted && !isAside) || left === 0;
      head.cells[0].firstChild.data = left < rows.length ? title.replace(/\(.*\)$/, `(${left}/${rows.length})`) : title;
    });
    const count = rows.filter((row) => !row.hidden).length;
    stop();
    shown.value = texts.shown.replace("{shown}", count).replace("{total}", rows.length);
  }

  function showAll() {
    tools.reset();
    filter();
  }

  // By its own column the list stands in its groups; by any other they are one, and those set aside stay last.
  function sort(heading, column) {
    const isUpFirst = column === 0 || typeof order.get(rows[0])[column] === "string";
    const isDescending = heading.ariaSort === null ? !isUpFirst : heading.ariaSort === "ascending";
    table.querySelectorAll("thead th").forEach((other) => { other.ariaSort = null; });
    isSorted = column !== 0 || isDescending;
    heading.ariaSort = isDescending ? "descending" : "ascending";
    const sign = isDescending ? -1 : 1;
    const compare = (one, other) => {
      const [a, b] = [order.get(one)[column], order.get(other)[column]];
      return sign * (typeof a === "string" ? collator.compare(a, b) : a - b);
    };
    groups.forEach(({ body, rows }) => body.append(...rows));
    if (isSorted) {
      standing[0]?.body.append(...standing.flatMap((group) => group.rows).sort(compare));
      groups.filter((group) => group.isAside).forEach(({ body, rows }) => body.append(...rows.slice().sort(compare)));
    }
    filter();
  }

  function go() {
    const row = document.getElementById("r-" + Number(jump.value));
    if (!row) { shown.value = texts.no_place.replace("{place}", jump.value).replace("{total}", rows.length); return; }
    const link = row.querySelector("a");
    location.hash = link ? link.hash : row.id;
    if (!link) reveal();
  }

  // A link into the list leads to its row, also where the row is filtered out.
  function reveal() {
    const row = document.getElementById(location.hash.slice(1));
    if (!order.has(row)) return;
    if (row.hidden) showAll();
    row.scrollIntoView({ block: "center" });
  }

  tools.hidden = false;
  tools.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => { event.preventDefault(); if (jump.value) go(); });
  jump.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go(); } });
  window.addEventListener("hashchange", reveal);
  table.querySelectorAll("thead button").forEach((button) => {
    button.disabled = false;
    button.addEventListener("click", () => sort(button.closest("th"), Number(button.dataset.column)));
  });
  filter();
}());
