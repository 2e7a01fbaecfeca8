// One button that ticks every result that is shown; without this file each is ticked alone.
"use strict";

(() => {
  const prepare = () => document.querySelectorAll("form[data-tick-all]").forEach((form) => {
    if (form.dataset.ready) return;
    form.dataset.ready = "yes";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--quiet";
    button.textContent = form.dataset.tickAll;
    button.addEventListener("click", () => {
      form.querySelectorAll("input[name=result]:not(:disabled)").forEach((box) => { box.checked = true; });
    });
    form.querySelector(".list__bar").append(button);
  });
  document.addEventListener("htmx:afterSettle", prepare);
  prepare();
})();
