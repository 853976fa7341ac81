// Keys for a long list: j and k go from row to row, Enter opens (it is a link), x ticks, / finds, ? tells. None of them where
// something is typed, none with a modifier; an operator can turn them off, and then this is not here.
const rows = [...document.querySelectorAll("[data-row]")];
const link = (row) => row?.querySelector("a");
const here = () => rows.findIndex((row) => row.contains(document.activeElement));
const go = (step) => link(rows[Math.min(Math.max(here() + step, 0), rows.length - 1)])?.focus();
const acts = {
  j: () => go(1),
  k: () => go(here() < 0 ? 1 : -1),
  x: () => rows[here()]?.querySelector("input[type=checkbox]")?.click(),
  "/": () => document.querySelector("[data-keys] input")?.focus(),
  "?": () => {
    const help = document.querySelector("details[data-keys-help]");
    if (!help) return;
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  },
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
