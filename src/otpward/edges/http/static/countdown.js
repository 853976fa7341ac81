// Seconds that run down, for the eye only. With a period it starts again; without, it ends and shows what was waiting.
for (const line of document.querySelectorAll(".countdown[data-left]")) {
  const left = Number(line.dataset.left);
  const period = Number(line.dataset.period ?? 0);
  const waiting = line.dataset.then && document.getElementById(line.dataset.then);
  const digits = line.querySelector("[data-n]");
  const bar = line.querySelector("progress");
  const start = performance.now();
  const tick = () => {
    const gone = Math.floor((performance.now() - start) / 1000);
    const now = period ? ((left - gone - 1) % period + period) % period + 1 : Math.max(0, left - gone);
    digits.textContent = now;
    if (bar) bar.value = now;
    if (now) return;
    clearInterval(timer);
    line.hidden = true;
    if (waiting) waiting.hidden = false;
  };
  const timer = setInterval(tick, 1000);
  line.hidden = false;
  if (waiting) waiting.hidden = true;
  tick();
}
