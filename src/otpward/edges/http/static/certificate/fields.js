// What is wrong stands beside its field, which takes the focus.
const form = document.getElementById("sign");
// The server may have found an error before.
const title = document.title.replace(form.dataset.error, "");
const field = (name) => document.getElementById(`f-${name}`);
export const [files, password, company, made] = ["files", "password", "company", "made"].map(field);

const AT = { empty: password, password, number: company, person: company, random: company, other: company, signature: made };
// Refused before the password was looked at, or after it was right: it may stay.
const UNTOUCHED = ["none", "files", "kind", "purpose", "expired", "early", "number", "person", "random", "other", "signature"];

function mark(one, sentence) {
  const shown = document.getElementById(`${one.id}-error`);
  one.closest(".field").classList.toggle("wrong", Boolean(sentence));
  shown.querySelector("[data-text]").textContent = sentence;
  shown.hidden = !sentence;
  one.setAttribute("aria-invalid", Boolean(sentence));
  one.setAttribute("aria-describedby", `${one.id}-${sentence ? "error" : "hint"}`);
}

export function clear() {
  document.title = title;
  // What the last answer of the server said is over.
  document.getElementById("errors")?.remove();
  for (const one of [files, password, company, made]) if (one) mark(one, "");
}

export function complain(why) {
  const one = AT[why] ?? files;
  mark(one, form.dataset[`say${why[0].toUpperCase()}${why.slice(1)}`]);
  document.title = form.dataset.error + title;
  if (!UNTOUCHED.includes(why)) password.value = "";
  one.focus();
}
