// Where the browser reads no codes with its camera: a photo is taken, the server reads it, and the code goes into its field.
for (const box of document.querySelectorAll("[data-photo]")) {
  const field = document.getElementById(box.dataset.camera);
  const [told, input] = [box.querySelector("p"), box.querySelector("input")];
  box.addEventListener("photo", () => input.click());
  input.addEventListener("change", async () => {
    const [photo] = input.files;
    if (!photo) return;
    const form = new FormData();
    form.append("csrf", field.form.elements.namedItem("csrf").value);
    form.append("kinds", box.dataset.formats);
    form.append("photo", photo);
    input.value = "";
    told.textContent = told.dataset.reading;
    try {
      const answer = await (await fetch(box.dataset.photo, { method: "POST", body: form })).json();
      told.textContent = answer.said ?? "";
      if (!answer.text) return;
      field.value = answer.text;
      field.form.requestSubmit();
    } catch {
      told.textContent = told.dataset.failed;
    }
  });
}
