// Draws what finger, pen or mouse do, and keeps it as points in the measure of the field: strokes parted by ";", points by " ".
for (const box of document.querySelectorAll("[data-sign]")) {
  const field = box.querySelector("svg");
  const path = field.querySelector("path");
  const kept = box.querySelector("input[name=signature]");
  const { width, height } = field.viewBox.baseVal;
  let strokes = [];
  let pen = null;
  const show = () => {
    path.setAttribute("d", strokes.map((one) => `M${one.join(" L")}`).join(" "));
    kept.value = strokes.map((one) => one.join(" ")).join(";");
  };
  const point = (event) => {
    const place = field.getBoundingClientRect();
    const x = Math.round(((event.clientX - place.left) / place.width) * width);
    const y = Math.round(((event.clientY - place.top) / place.height) * height);
    return `${Math.min(Math.max(x, 0), width)},${Math.min(Math.max(y, 0), height)}`;
  };
  field.addEventListener("pointerdown", (event) => {
    pen = event.pointerId;
    field.setPointerCapture(pen);
    strokes.push([point(event)]);
    show();
  });
  field.addEventListener("pointermove", (event) => {
    const stroke = strokes.at(-1);
    if (event.pointerId !== pen || stroke.at(-1) === point(event)) return;
    stroke.push(point(event));
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) field.addEventListener(end, () => { pen = null; });
  box.closest("form").addEventListener("reset", () => { strokes = []; setTimeout(show); });
  box.hidden = false;
}
