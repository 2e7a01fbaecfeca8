// Plus and minus without asking the server; without this file the buttons send the form and get it back changed.
"use strict";

(() => {
  document.querySelectorAll("[data-steppers]").forEach((form) => {
    form.querySelectorAll("[data-step]").forEach((button) => {
      button.type = "button";
      button.addEventListener("click", () => {
        const input = button.parentElement.querySelector("input");
        const number = Number.parseInt(input.value || "0", 10) || 0;
        input.value = Math.max(0, number + Number(button.dataset.step));
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
  });
})();
