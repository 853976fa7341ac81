// Who else is looking is asked again while the page is seen. A failure says nothing: the next page load will.
const line = document.querySelector("[data-presence]");
const ask = async () => {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(line.dataset.presence, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const text = await answer.text();
  line.hidden = !text;
  line.querySelector("span").textContent = text;
};
if (line) setInterval(ask, 20_000);
