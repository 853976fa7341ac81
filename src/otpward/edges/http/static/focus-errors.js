// The summary takes the focus, so that it is read first; its links go into the field, not only near it.
const summary = document.getElementById("errors");
summary?.focus();
summary?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus({ preventScroll: true });
  (field.closest(".field, .choice, .tick") ?? field).scrollIntoView();
});
