// Which passkeys are good is told to the browser, so that it offers no others.
const { signal } = document.querySelector("[data-signal]").dataset;
const told = JSON.parse(signal);
const api = window.PublicKeyCredential;
api?.[told.userId ? "signalAllAcceptedCredentials" : "signalUnknownCredential"]?.(told).catch(() => {});
