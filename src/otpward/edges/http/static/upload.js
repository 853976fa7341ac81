// A picture on its way: how much of it has gone. Without this the form is sent as it is.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.sends-file");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const on = form.querySelector("[data-on]");
  const failed = form.querySelector("[data-failed]");
  const bar = on.querySelector("progress");
  const way = new XMLHttpRequest();
  const fail = () => {
    on.hidden = true;
    failed.hidden = false;
    delete form.dataset.sent;
  };
  way.open("POST", form.action);
  way.responseType = "document";
  way.upload.addEventListener("progress", (step) => {
    bar.max = step.total;
    bar.value = step.loaded;
  });
  way.addEventListener("load", () => {
    if (way.responseURL && way.responseURL !== form.action) return location.assign(way.responseURL);
    const next = way.response?.querySelector("main");
    if (!next) return fail();
    // The answer is a page that says what is wrong; its nodes take the place of ours.
    document.title = way.response.title;
    document.querySelector("main").replaceWith(document.adoptNode(next));
    (document.getElementById("errors") ?? next).focus();
  });
  way.addEventListener("error", fail);
  failed.hidden = true;
  on.hidden = false;
  way.send(new FormData(form));
});
