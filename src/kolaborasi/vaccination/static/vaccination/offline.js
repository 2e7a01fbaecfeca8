// Entries at a vaccination site outlive a lost connection: kept on the device, sent in order, each once.
// The form's own key makes the server do a repeated entry only once, so sending again is always safe.
"use strict";

(() => {
  const script = document.currentScript;
  const words = script.dataset;
  const STORE = "vaccination-entries";
  const TIMEOUT = 8000;

  const LINK = /\/vaccination\/b\/|^[A-Za-z0-9_-]{22}$/;

  const kept = () => JSON.parse(localStorage.getItem(STORE) || "[]");
  const keep = (entries) => localStorage.setItem(STORE, JSON.stringify(entries));
  const without = (key) => keep(kept().filter((entry) => entry.key !== key));
  const changed = (key, values) => keep(kept().map((entry) => (entry.key === key ? { ...entry, ...values } : entry)));

  const status = document.querySelector("[data-offline-status]");
  // Another account's entries stay until it signs in again: a dose is recorded under the name of who gave it.
  const own = () => kept().filter((entry) => entry.who === words.who);

  const show = (note = "") => {
    if (!status) return;
    const entries = own();
    const others = kept().length - entries.length;
    const waiting = entries.filter((entry) => !entry.refused).length;
    const lines = [
      note,
      waiting ? words.kept.replace("{n}", waiting) : "",
      others ? words.others.replace("{n}", others) : "",
    ].filter(Boolean);
    status.hidden = !lines.length && entries.length === waiting;
    status.className = `notice notice--${kept().length ? "warning" : "success"}`;
    status.replaceChildren();
    const box = document.createElement("div");
    box.setAttribute("role", "status");
    lines.forEach((line) => box.append(paragraph(line)));
    entries.filter((entry) => entry.refused).forEach((entry) => box.append(refusal(entry)));
    status.append(box);
  };

  const paragraph = (text) => {
    const found = document.createElement("p");
    found.textContent = text;
    return found;
  };

  const refusal = (entry) => {
    const line = paragraph(`${words.refused} ${entry.label}: ${entry.refused} `);
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "button button--quiet";
    drop.textContent = words.drop;
    drop.addEventListener("click", () => {
      without(entry.key);
      show();
    });
    line.append(drop);
    return line;
  };

  const reasons = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const found = [...page.querySelectorAll(".error-summary li, main .notice--error p, main h1")];
    return found.slice(0, 3).map((item) => item.textContent.trim()).join(" ");
  };

  const csrf = () => (document.querySelector("[name=csrfmiddlewaretoken]") || {}).value;

  const post = (entry) => {
    const body = new URLSearchParams(entry.body);
    // The newest token of this session: the one kept with the entry may be from before a sign-in.
    if (csrf()) body.set("csrfmiddlewaretoken", csrf());
    return fetch(entry.address, { method: "POST", body, credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT) });
  };

  const sendOne = async (entry) => {
    const answer = await post(entry);
    if (new URL(answer.url).pathname.startsWith("/accounts/")) return "login";
    if (answer.ok) {
      without(entry.key);
      return "sent";
    }
    if (answer.status === 403) return "login";
    if (answer.status >= 500 || answer.status === 429 || answer.status === 409) return "later";
    changed(entry.key, { refused: reasons(await answer.text()) || String(answer.status) });
    return "refused";
  };

  const sendAll = async () => {
    if (!own().some((entry) => !entry.refused)) return show();
    // Two tabs of one device must not send at the same time; the second finds nothing left.
    await navigator.locks.request(STORE, async () => {
      for (const entry of own().filter((each) => !each.refused)) {
        show(words.sending);
        let result;
        try {
          result = await sendOne(entry);
        } catch {
          return show();
        }
        if (result === "login") return show(words.login);
        if (result === "later") return show();
      }
      show(own().length ? "" : words.done);
    });
  };

  const labelOf = (form) => {
    const number = form.querySelector("[name=number]");
    const heading = form.querySelector("h2") || document.querySelector("h1");
    return [heading && heading.textContent.trim(), number && number.value].filter(Boolean).join(" ");
  };

  const fresh = (form) => {
    form.querySelector("[name=idempotency_key]").value = crypto.randomUUID();
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
  };

  const submitted = async (form) => {
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    const moment = form.querySelector("[data-now]");
    if (moment) moment.value = new Date().toISOString();
    const body = new URLSearchParams(new FormData(form)).toString();
    const key = form.querySelector("[name=idempotency_key]").value;
    const keeps = mayBeKept(form);
    // Kept before it is sent: nothing is lost when the page or the battery dies in between.
    if (keeps) {
      const entry = { key, who: words.who, address: form.action, body, label: labelOf(form) };
      keep([...kept().filter((each) => each.key !== key), entry]);
    }
    let answer = null;
    try {
      answer = await post({ address: form.action, body });
    } catch {
      answer = null;
    }
    delete form.dataset.sending;
    if (answer === null || answer.status >= 500 || answer.status === 429) {
      return keeps ? keptOnly(form) : show(words.typed);
    }
    without(key);
    // The server has answered: show its page as an ordinary form would.
    if (answer.ok) return location.assign(answer.url);
    HTMLFormElement.prototype.submit.call(form);
  };

  // A number of a person is not written to the device: it stays in its field, to be sent with the same key.
  const mayBeKept = (form) => {
    const code = form.querySelector("[name=code]");
    return !code || LINK.test(code.value.trim());
  };

  const keptOnly = (form) => {
    show(words.saved);
    if ("clear" in form.dataset) {
      form.reset();
      fresh(form);
      (form.querySelector("[name=number], [name=code]") || form.querySelector("input:not([type=hidden])")).focus();
      if (status) status.scrollIntoView({ block: "center" });
    } else {
      location.assign(words.entry);
    }
  };

  document.querySelectorAll("form[data-offline]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted(form);
    });
  });

  // A page kept in the worker has an old key: every filling-in gets its own.
  document.querySelectorAll("form[data-offline][data-clear]").forEach(fresh);
  const asked = /\/queue\/(\d+)\//.exec(location.pathname);
  const number = document.querySelector("form[data-offline] [name=number]");
  if (asked && number && !number.value) number.value = asked[1];

  window.addEventListener("online", sendAll);
  window.setInterval(sendAll, 15000);
  sendAll();

  const tick = () =>
    document.querySelectorAll("[data-until]").forEach((each) => {
      const left = Math.ceil((new Date(each.dataset.until) - Date.now()) / 60000);
      if (left > 0) each.textContent = each.textContent.replace(/\d+/, left);
      else location.reload();
    });
  if (document.querySelector("[data-until]")) window.setInterval(tick, 20000);

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(words.worker, { scope: words.scope }).then(async () => {
      const entry = new URL(words.entry, location.href).pathname;
      if (navigator.onLine && location.pathname !== entry) {
        await navigator.serviceWorker.ready;
        const answer = await fetch(entry, { credentials: "same-origin" });
        if (answer.ok && !answer.redirected) await (await caches.open(words.cache)).put(entry, answer);
      }
    }).catch(() => undefined);
  }
})();
