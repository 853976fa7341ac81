// A hand scanner types a serial number and Enter. Each scan is sent by itself and in order, while the field is empty and has the
// focus for the next one; what it found is said at once. Without this script the form is simply sent.
const form = document.querySelector("form.scan");
const field = form.querySelector("input[name=serial]");
const waiting = [];
let busy = false;

const show = (page) => {
  for (const id of ["scanned", "work"]) {
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (fresh && old) old.replaceChildren(...fresh.childNodes);
  }
};

// As a document of its own, since this page takes no HTML from a script (Trusted Types).
const send = (body) => new Promise((done, failed) => {
  const request = new XMLHttpRequest();
  request.open("POST", form.getAttribute("action"));
  request.responseType = "document";
  request.onload = () => {
    if (request.response?.querySelector("form.scan")) done(request.response);
    else if (request.status === 200) location.assign(request.responseURL); // the last one: nothing is left to scan
    else failed();
  };
  request.onerror = failed;
  request.send(body);
});

const next = async () => {
  if (busy || !waiting.length) return;
  busy = true;
  const body = waiting.shift();
  try {
    show(await send(body));
  } catch {
    field.value = body.get("serial");
    form.submit();
    return;
  }
  busy = false;
  next();
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (field.value.trim()) waiting.push(new URLSearchParams(new FormData(form)));
  field.value = "";
  field.focus();
  next();
});
