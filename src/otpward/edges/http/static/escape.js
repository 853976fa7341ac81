// Escape goes back one step, as the link at the top does; while an input method is composing it belongs to that.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  document.querySelector("a.back")?.click();
});
