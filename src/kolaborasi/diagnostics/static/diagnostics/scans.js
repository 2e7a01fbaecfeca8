// A scanner types a barcode and presses Enter. Counts what was scanned and ticks its line on the manifest; without this
// file the barcodes are sent as they stand and the server does the same.
"use strict";

(() => {
  const words = (text) => text.toUpperCase().split(/[\s,;]+/).filter(Boolean);
  const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

  document.querySelectorAll("[data-scan-form]").forEach((form) => {
    const field = form.querySelector("[data-scans]");
    const told = form.querySelector("[data-scan-count]");
    if (!field || !told) return;
    const boxes = new Map([...form.querySelectorAll("input[name=ticked]")].map((box) => [box.value, box]));
    const byScan = new Set();

    const count = () => {
      const found = told.hasAttribute("data-lines") ? lines(field.value) : [...new Set(words(field.value))];
      // The last word may still be being typed; a tick follows once it is whole.
      found.forEach((code) => {
        const box = boxes.get(code);
        if (box && !box.checked) { box.checked = true; byScan.add(code); }
      });
      byScan.forEach((code) => {
        if (!found.includes(code)) { boxes.get(code).checked = false; byScan.delete(code); }
      });
      const ticked = [...boxes.values()].filter((box) => box.checked).map((box) => box.value);
      const strange = boxes.size ? found.filter((code) => !boxes.has(code) && code.length >= 11) : [];
      const number = new Set([...found, ...ticked]).size;
      const of = boxes.size ? ` ${ticked.length} / ${boxes.size}` : ` ${number}`;
      told.textContent = number ? `${told.dataset.some}${of}` : told.dataset.none;
      if (strange.length && told.dataset.strange) told.textContent += ` · ${told.dataset.strange} ${strange.join(", ")}`;
      told.classList.toggle("scan-count--strange", strange.length > 0);
    };
    field.addEventListener("input", count);
    boxes.forEach((box) => box.addEventListener("change", count));
    count();
  });
})();
