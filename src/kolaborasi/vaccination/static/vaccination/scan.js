// Reads a QR code with the camera where the browser can; typing works everywhere.
"use strict";

(() => {
  const scanner = document.querySelector("[data-scanner]");
  const field = document.querySelector("[name=code]");
  if (!scanner || !field || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const video = scanner.querySelector("video");
  const status = scanner.querySelector("[role=status]");
  const button = scanner.querySelector("button");
  scanner.hidden = false;
  video.hidden = true;

  const look = async (detector, stream) => {
    const [found] = await detector.detect(video);
    if (!found) return window.requestAnimationFrame(() => look(detector, stream));
    stream.getTracks().forEach((track) => track.stop());
    field.value = found.rawValue;
    return field.form.requestSubmit();
  };

  button.addEventListener("click", async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      video.hidden = false;
      button.hidden = true;
      status.textContent = status.dataset.looking;
      await video.play();
      look(new BarcodeDetector({ formats: ["qr_code"] }), stream);
    } catch {
      status.textContent = status.dataset.denied;
    }
  });
})();
