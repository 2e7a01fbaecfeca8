// Small comforts; every page works without this file.
"use strict";

(() => {
  const focusSummary = (root) => {
    const summary = root.querySelector("[data-focus]");
    if (summary) summary.focus();
  };

  // A second press while the first is on its way: the server would answer it once anyway, this spares the wait.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });

  // A page taken from the browser's memory (back button) must be sendable again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  });

  // One open menu; Escape and a click elsewhere close it.
  const closeMenus = (except) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open]");
    closeMenus(null);
    if (open) open.querySelector("summary").focus();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-print]");
    if (!button) return;
    if ("print" in button.dataset) window.print();
    else {
      await navigator.clipboard.writeText(button.dataset.copy);
      if (button.dataset.copied) button.textContent = button.dataset.copied;
    }
  });
  document.querySelectorAll("[data-copy], [data-print]").forEach((button) => (button.hidden = false));

  document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));
  focusSummary(document);
})();
