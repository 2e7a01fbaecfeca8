// "Nearest to me": the position goes into the filter form, rounded to about a hundred metres.
"use strict";

(() => {
  const place = document.querySelector("[data-near]");
  const form = document.getElementById("list-filter");
  if (!place || !form || !navigator.geolocation) return;
  const status = place.querySelector("[role=status]");
  place.hidden = false;

  place.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.near.value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
        form.elements.from.value = "";
        document.querySelectorAll('input[form="list-filter"][name="sort"]').forEach((input) => input.remove());
        form.submit();
      },
      () => {
        status.textContent = place.dataset.denied;
      },
      { maximumAge: 300000, timeout: 10000 },
    );
  });

  // The map shows what the list shows: with other filters, other points.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    document.querySelectorAll("[data-points-url]").forEach((panel) => {
      const address = panel.dataset.pointsUrl.split("?")[0] + location.search;
      panel.dispatchEvent(new CustomEvent("map:points", { detail: address }));
    });
  });
})();
