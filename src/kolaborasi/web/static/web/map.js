// Map panels: our own outlines, points with a name and a link; the list beside the map says the same.
"use strict";

(() => {
  const read = async (address) => {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`${response.status}`);
    return response.json();
  };

  const points = async (panel) => {
    if (panel.dataset.pointsUrl) return read(panel.dataset.pointsUrl);
    const script = document.getElementById(panel.dataset.points || "");
    return script ? JSON.parse(script.textContent) : [];
  };

  // Text is set as text, never as markup: names come from people.
  const balloon = (point) => {
    const box = document.createElement("div");
    const title = document.createElement(point.href ? "a" : "strong");
    title.textContent = point.title;
    if (point.href) title.href = point.href;
    box.append(title);
    if (point.text) {
      const text = document.createElement("p");
      text.textContent = point.text;
      box.append(text);
    }
    return box;
  };

  // Leaflet draws circles that only a pointer reaches; these can be tabbed to and opened with the keyboard.
  const reachable = (mark, title) => {
    const drawn = mark.getElement();
    drawn.setAttribute("tabindex", "0");
    drawn.setAttribute("role", "button");
    drawn.setAttribute("aria-label", title);
    drawn.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      mark.openPopup();
    });
  };

  // Where most points are: a few on far islands must not shrink the city to a dot; they are found by zooming out.
  const heart = (places) => {
    const middle = (name) => {
      const sorted = places.map((point) => point[name]).sort((one, other) => one - other);
      const cut = places.length > 60 ? Math.floor(places.length * 0.04) : 0;
      return [sorted[cut], sorted[sorted.length - 1 - cut]];
    };
    const [south, north] = middle("lat");
    const [west, east] = middle("lon");
    return L.latLngBounds([south, west], [north, east]);
  };

  const draw = async (panel) => {
    const [areas, places] = await Promise.all([panel.dataset.outlines ? read(panel.dataset.outlines) : null, points(panel)]);
    if (!areas && !places.length) return;
    panel.hidden = false;
    const map = L.map(panel, { zoomControl: false, attributionControl: Boolean(panel.dataset.tiles), zoomSnap: 0.25 });
    L.control.zoom({ zoomInTitle: panel.dataset.zoomIn, zoomOutTitle: panel.dataset.zoomOut }).addTo(map);
    if (panel.dataset.tiles) L.tileLayer(panel.dataset.tiles).addTo(map);
    const style = { className: panel.dataset.tiles ? "area area--over" : "area" };
    const shapes = areas ? L.geoJSON(areas, { style, interactive: false }) : L.featureGroup();
    const marks = L.featureGroup();
    const show = (places) => {
      marks.clearLayers();
      places.forEach((point) => {
        const look = { radius: point.size || (places.length > 60 ? 6 : 8), className: `point point--${point.kind || "open"}` };
        L.circleMarker([point.lat, point.lon], look).bindPopup(() => balloon(point)).addTo(marks);
      });
      const bounds = places.length ? heart(places) : shapes.getBounds();
      if (bounds.isValid()) map.fitBounds(bounds.pad(0.15), { maxZoom: 14, animate: false });
      if (map.hasLayer(marks)) marks.getLayers().forEach((mark, index) => reachable(mark, places[index].title));
    };
    show(places);
    shapes.addTo(map);
    marks.addTo(map);
    marks.getLayers().forEach((mark, index) => reachable(mark, places[index].title));
    // A page whose list was filtered sends the address of the points to show now.
    panel.addEventListener("map:points", async (event) => show(await read(event.detail)));
  };

  document.querySelectorAll("[data-map]").forEach((panel) => {
    draw(panel).catch((error) => {
      panel.hidden = true;
      console.error("map", error);
    });
  });
})();
