// The member's certificate signs our text in this browser. Its files and its password have fields without a name, in a form
// that goes nowhere; what is sent is the signature, by the form beside it, and what shows a company where one is named.
import { clear, company, complain, files, made, password } from "./fields.js";
import { Refusal } from "./refusal.js";
import { sign } from "./sign.js";
import { fromBase64 } from "./write.js";

const MOST_OCTETS = 65536;
const MOST_OF_A_SIGNATURE = 32768;
const form = document.getElementById("sign");
const status = form.querySelector("[role=status]");
let busy = false;

async function octets(file) {
  if (file.size > MOST_OCTETS) throw new Refusal("kind");
  return new Uint8Array(await file.arrayBuffer());
}

async function signAndSend() {
  const chosen = await Promise.all([...files.files].map(octets));
  const shown = { typed: company?.value ?? "", kinds: (form.dataset.companies ?? "").split(" ") };
  const found = await sign(chosen, password.value, fromBase64(form.dataset.challenge), new Date(), shown);
  form.reset();
  const send = document.getElementById(form.dataset.into);
  for (const [name, text] of Object.entries(found)) if (send.elements[name]) send.elements[name].value = text;
  send.requestSubmit();
  send.reset();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  busy = true;
  clear();
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

// A photograph is not sent for nothing.
made.addEventListener("change", () => {
  clear();
  if (!(made.files[0]?.size > MOST_OF_A_SIGNATURE)) return;
  made.value = "";
  complain("signature");
});

// Browsers sign on protected addresses only.
if (!globalThis.crypto?.subtle) {
  form.hidden = true;
  document.getElementById("cannot").hidden = false;
}
