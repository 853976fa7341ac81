// Copies a code without its spaces. Where the browser offers no clipboard, the button stays away and the text can be read.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const shown = button.querySelector("span");
    const said = button.nextElementSibling;
    const label = shown.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).dataset.copyText);
      said.textContent = shown.textContent = button.dataset.done;
      setTimeout(() => { said.textContent = ""; shown.textContent = label; }, 3000);
    });
  }
}
