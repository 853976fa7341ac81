// The browser makes or shows a passkey; the form carries its answer. Where it cannot, the page says so.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (octets) =>
  btoa(String.fromCharCode(...new Uint8Array(octets ?? []))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
let waiting;
const ask = async (form, more) => {
  const said = form.querySelector(".error");
  const asked = JSON.parse(form.dataset.passkey);
  for (const list of ["allowCredentials", "excludeCredentials"]) asked[list] = named(asked[list]);
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  waiting?.abort();
  waiting = new AbortController();
  said.hidden = true;
  try {
    const { id, type, response } =
      await navigator.credentials[asked.user ? "create" : "get"]({ ...more, publicKey: asked, signal: waiting.signal });
    const parts = { transports: response.getTransports?.() };
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      parts[part] = text(response[part]);
    form.elements.answer.value = JSON.stringify({ id, type, response: parts });
    form.submit();
  } catch ({ name }) {
    if (name === "AbortError" || more) return;
    said.querySelector("[data-text]").textContent = form.dataset[name === "InvalidStateError" ? "known" : "stopped"];
    said.hidden = false;
  }
};
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const api = location.origin === form.dataset.origin && window.PublicKeyCredential;
  (api ? form : form.nextElementSibling).hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  if (api && "early" in form.dataset && await api.isConditionalMediationAvailable?.()) ask(form, { mediation: "conditional" });
}
