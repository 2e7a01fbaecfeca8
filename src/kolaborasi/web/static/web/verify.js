// The check page: a code behind the # of the address is checked at once; the camera reads one where the browser can.
"use strict";

(() => {
  const form = document.querySelector("[data-verify]");
  const field = form && form.elements.code;
  if (!field) return;

  const send = (text) => {
    field.value = text;
    form.requestSubmit();
  };

  if (location.hash.length > 20) {
    const text = decodeURIComponent(location.hash.slice(1));
    // Out of the address, so that it stays in no history.
    history.replaceState(null, "", location.pathname);
    send(text);
    return;
  }

  const panel = document.querySelector("[data-scanner]");
  if (!panel || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  panel.hidden = false;
  const video = panel.querySelector("video");
  const status = panel.querySelector("[role=status]");

  panel.querySelector("[data-scan]").addEventListener("click", async () => {
    try {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      const look = async () => {
        const [found] = await detector.detect(video);
        if (!found) {
          setTimeout(look, 200);
          return;
        }
        stream.getTracks().forEach((track) => track.stop());
        video.hidden = true;
        send(found.rawValue);
      };
      await look();
    } catch {
      status.textContent = panel.dataset.denied;
    }
  });
})();
