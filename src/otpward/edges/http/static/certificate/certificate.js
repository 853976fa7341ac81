// The member's certificate signs our text in this browser. Its files and its password have fields without a name, in a form
// that goes nowhere; what is sent is the signature, by the form beside it.
import { base64, fromBase64 } from "./cms.js";
import { Refusal } from "./refusal.js";
import { sign } from "./sign.js";

const MOST_OCTETS = 65536;
const form = document.getElementById("sign");
const [files, password] = ["files", "password"].map((name) => document.getElementById(`f-${name}`));
const status = form.querySelector("[role=status]");
const title = document.title;
const OF_PASSWORD = ["empty", "password"];
// Refused before the password was looked at: it may stay.
const UNTOUCHED = ["files", "kind", "purpose", "expired", "early"];
let busy = false;

function mark(field, sentence) {
  const shown = document.getElementById(`${field.id}-error`);
  field.closest(".field").classList.toggle("wrong", Boolean(sentence));
  shown.querySelector("[data-text]").textContent = sentence;
  shown.hidden = !sentence;
  field.setAttribute("aria-invalid", Boolean(sentence));
  field.setAttribute("aria-describedby", `${field.id}-${sentence ? "error" : "hint"}`);
}

function complain(why) {
  const field = OF_PASSWORD.includes(why) ? password : files;
  mark(field, form.dataset[`say${why[0].toUpperCase()}${why.slice(1)}`]);
  document.title = form.dataset.error + title;
  if (!UNTOUCHED.includes(why)) password.value = "";
  field.focus();
}

async function octets(file) {
  if (file.size > MOST_OCTETS) throw new Refusal("kind");
  return new Uint8Array(await file.arrayBuffer());
}

async function signAndSend() {
  const chosen = await Promise.all([...files.files].map(octets));
  const cms = await sign(chosen, password.value, fromBase64(form.dataset.challenge), new Date());
  form.reset();
  const send = document.getElementById(form.dataset.into);
  send.elements.cms.value = cms;
  send.requestSubmit();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  busy = true;
  document.title = title;
  [files, password].forEach((field) => mark(field, ""));
  status.textContent = form.dataset.working;
  try {
    await signAndSend();
  } catch (fault) {
    complain(fault.why ?? "cipher");
  } finally {
    status.textContent = "";
    busy = false;
  }
});

// A signature made elsewhere goes into the box as text, whichever way it was written.
const made = document.getElementById("f-made");
made.addEventListener("change", async () => {
  const [file] = made.files;
  if (!file || file.size > MOST_OCTETS) return;
  const found = await octets(file);
  document.getElementById("f-cms").value = found[0] === 0x30 ? base64(found) : new TextDecoder().decode(found);
});

// Browsers sign on protected addresses only.
if (globalThis.crypto?.subtle) form.hidden = false;
else document.getElementById("cannot").hidden = false;
made.closest(".field").hidden = false;
