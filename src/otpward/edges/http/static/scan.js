// A camera is the second choice after a hand scanner: it opens after a press, reads one code into its field, sends, and lets go.
for (const box of document.querySelectorAll("[data-camera]")) {
  const field = document.getElementById(box.dataset.camera);
  const [button, told, video] = [box.querySelector("button"), box.querySelector("p"), box.querySelector("video")];
  const say = (which) => { told.textContent = which ? told.dataset[which] : ""; };
  const other = () => ("photo" in box.dataset ? void box.dispatchEvent(new Event("photo")) : say("none"));
  let stream = null;
  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    button.setAttribute("aria-expanded", "false");
  };
  const look = async (reader) => {
    if (!stream) return;
    const [found] = await reader.detect(video).catch(() => []);
    if (!found) return void setTimeout(() => look(reader), 150);
    close();
    field.value = found.rawValue;
    field.form.requestSubmit();
  };
  const open = async () => {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return other();
    const known = await BarcodeDetector.getSupportedFormats();
    const formats = box.dataset.formats.split(",").filter((one) => known.includes(one));
    if (!formats.length) return other();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      return say("refused");
    }
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    button.setAttribute("aria-expanded", "true");
    say("looking");
    look(new BarcodeDetector({ formats }));
  };
  box.hidden = false;
  button.addEventListener("click", () => (stream ? (close(), say()) : open()));
}
