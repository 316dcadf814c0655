"use strict";
const search = document.getElementById("search");
const all = document.getElementById("all");
const nothing = document.getElementById("nothing");
const parts = [...document.querySelectorAll("details[id]")];
const entries = new Map([...document.querySelectorAll("a.entry")].map((a) => [a.hash.slice(1), a]));

function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target && target.closest("details");
  if (!part) return;
  if (part.hidden) {
    search.value = "";
    filter();
  }
  part.open = true;
  target.scrollIntoView();
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const part of parts) {
    const text = part.querySelector("summary").textContent.toLowerCase();
    const matches = words.every((word) => text.includes(word));
    part.hidden = !matches;
    const entry = entries.get(part.id);
    if (entry) entry.hidden = !matches;
    if (matches) found += 1;
  }
  for (const line of document.querySelectorAll(".elsewhere")) line.hidden = words.length > 0;
  for (const section of document.querySelectorAll("section")) {
    section.hidden = words.length > 0 && !section.querySelector("details:not([hidden])");
  }
  nothing.hidden = found > 0;
}

function toggle() {
  const shown = parts.filter((part) => !part.hidden);
  const expand = shown.some((part) => !part.open);
  for (const part of shown) part.open = expand;
  all.textContent = expand ? all.dataset.collapse : all.dataset.expand;
}

search.hidden = all.hidden = false;
search.addEventListener("input", filter);
all.addEventListener("click", toggle);
addEventListener("hashchange", open);
addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && event.target === search) {
    search.value = "";
    filter();
  }
});
open();
