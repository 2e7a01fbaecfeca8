{% load vaccination %}// Keeps the quick-entry page of each session and what it is drawn with, so that it opens without a connection.
"use strict";

const KEPT = "{% keep_name %}";
const KEEPS = "vaccination-entry-";
const DRAWN_WITH = [{% drawn_with as files %}{% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const ENTRY = /\/vaccination\/sessions\/(\d+)\//;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(DRAWN_WITH)).then(() => self.skipWaiting()));
});

// What an older release was drawn with goes: its page and its scripts fit each other, not the new ones.
const forgetOlder = async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith(KEEPS) && name !== KEPT);
  await Promise.all(names.map((name) => caches.delete(name)));
};

self.addEventListener("activate", (event) => event.waitUntil(forgetOlder().then(() => self.clients.claim())));

self.addEventListener("message", (event) => {
  if (event.data && event.data.forget) event.waitUntil(caches.delete(KEPT));
});

const keptEntry = async (address) => {
  const found = ENTRY.exec(new URL(address).pathname);
  const cache = await caches.open(KEPT);
  const page = found && (await cache.match(`/vaccination/sessions/${found[1]}/entry/`));
  return page || Response.error();
};

self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(
      fetch(request).then((answer) => {
        // Only this page names nobody; no other is kept.
        if (answer.ok && !answer.redirected && new URL(request.url).pathname.endsWith("/entry/")) {
          const copy = answer.clone();
          event.waitUntil(caches.open(KEPT).then((cache) => cache.put(new URL(request.url).pathname, copy)));
        }
        return answer;
      }).catch(() => keptEntry(request.url)),
    );
  } else if (DRAWN_WITH.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
