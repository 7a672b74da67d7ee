// Keeps a page live and tells the days of a strip. Without it the page is whole, and loads itself anew.
"use strict";
(() => {
  const EVERY_MS = 15000, LEAST_MS = 1000;
  let isAsking = false, isDue = false, askedAt = 0, timer = 0;

  // What is shown now is brought in line with a page that was just drawn.
  function take(fresh) {
    document.title = fresh.title;
    const ids = (page) => [...page.querySelectorAll("main [data-live]")].map((each) => each.id).join();
    const focus = remember();
    if (ids(document) === ids(fresh)) {
      for (const old of document.querySelectorAll("[data-live]")) replace(old, fresh.getElementById(old.id));
    } else {
      replace(document.getElementById("main"), fresh.getElementById("main"));
      replace(document.getElementById("ages"), fresh.getElementById("ages"));
    }
    prepare();
    restore(focus);
  }

  function replace(old, fresh) {
    if (!old || !fresh) return;
    const isSame = old.dataset.v ? old.dataset.v === fresh.dataset.v : old.outerHTML === fresh.outerHTML;
    if (isSame) return;
    for (const details of old.querySelectorAll("details[open][id]")) {
      const twin = fresh.querySelector("#" + CSS.escape(details.id));
      if (twin) twin.open = true;
    }
    const places = [...old.querySelectorAll(".scroll")].map((each) => [each.scrollLeft, each.scrollTop]);
    old.replaceWith(document.adoptNode(fresh));
    [...fresh.querySelectorAll(".scroll")].forEach((each, n) => {
      if (places[n]) [each.scrollLeft, each.scrollTop] = places[n];
    });
  }

  // The focus, and the day of a strip that is looked at, outlive what they stand in.
  function remember() {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const home = at.closest("[id]");
    const places = home ? [...home.querySelectorAll("*")] : [];
    return { element: at, id: home && home.id, place: places.indexOf(at), day: at.dataset.day };
  }
  function restore(focus) {
    if (!focus || document.contains(focus.element)) return;
    const home = focus.id && document.getElementById(focus.id);
    if (!home) return;
    const at = focus.place < 0 ? home : home.querySelectorAll("*")[focus.place];
    if (!at) return;
    if (focus.day !== undefined) at.dataset.day = focus.day;
    at.focus({ preventScroll: true });
  }

  async function ask() {
    clearTimeout(timer);
    timer = setTimeout(ask, EVERY_MS);
    if (isAsking || document.hidden) { isDue = true; return; }
    const early = askedAt + LEAST_MS - Date.now();
    if (early > 0) { clearTimeout(timer); timer = setTimeout(ask, early); return; }
    isAsking = true; isDue = false; askedAt = Date.now();
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
      if (answer.ok) {
        take(new DOMParser().parseFromString(await answer.text(), "text/html"));
        document.body.dataset.updated = String(Date.now());
        lost(false);
      } else lost(true);
    } catch { lost(true); }
    isAsking = false;
    if (isDue && !document.hidden) ask();
  }

  function lost(isLost) {
    let note = document.getElementById("lost");
    if (!isLost) { if (note) note.remove(); return; }
    if (note) return;
    note = document.createElement("p");
    note.id = "lost"; note.className = "note old"; note.setAttribute("role", "status");
    note.textContent = "The monitor does not answer: this page is as it was at " +
      new Date(askedAt).toISOString().slice(11, 19) + " UTC.";
    document.getElementById("main").prepend(note);
  }

  function listen() {
    const stream = new EventSource(document.body.dataset.stream);
    stream.addEventListener("moved", ask);
    stream.addEventListener("tick", ask);
    // A server that is full closes for good; the timer goes on.
  }

  function span(seconds) {
    const units = [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 0, ""]];
    for (const [size, name, part, small] of units) {
      if (seconds < size) continue;
      const rest = part ? Math.floor((seconds % size) / part) : 0;
      return Math.floor(seconds / size) + "\u00a0" + name + (rest ? " " + rest + "\u00a0" + small : "");
    }
    return seconds + "\u00a0s";
  }
  // By the server's clock: that of a viewer may be wrong.
  let ahead = 0;
  function age() {
    for (const each of document.querySelectorAll("time[data-ago]")) {
      const seconds = Math.max(0, Math.floor((Date.now() + ahead - Date.parse(each.dateTime)) / 1000));
      each.textContent = span(seconds) + " ago";
    }
  }

  // A strip of days: pointed at, or walked with the arrow keys.
  function days(strip) {
    const all = [];
    for (const token of strip.dataset.days.split(" ")) {
      const star = token.indexOf("*");
      const times = star < 0 ? 1 : Number(token.slice(0, star));
      for (let n = 0; n < times; n++) all.push(token.slice(star + 1));
    }
    return all;
  }
  function words(strip, number) {
    const first = strip.closest("[data-first-day]").dataset.firstDay;
    const date = new Date(Date.parse(first) + number * 86400000).toISOString().slice(0, 10);
    const token = days(strip)[number];
    if (!token || token === "-") return date + "\nno data";
    const [uptime, incidents, minutes, coverage] = token === "=" ? ["100", "0", "0", "100"] : token.split(",");
    return date + "\nuptime " + uptime + " %, coverage " + (coverage ? coverage + " %" : "not known") +
      "\n" + incidents + (incidents === "1" ? " incident, " : " incidents, ") + span(minutes * 60).replace(/^0\D+s$/, "0 min") + " down";
  }
  function show(strip, number) {
    const tip = document.getElementById("tip"), box = strip.getBoundingClientRect(), count = days(strip).length;
    strip.dataset.day = number;
    tip.textContent = words(strip, number);
    tip.hidden = false;
    const x = box.left + (box.width * (number + 0.5)) / count - tip.offsetWidth / 2;
    tip.style.left = Math.max(4, Math.min(x, innerWidth - tip.offsetWidth - 4)) + "px";
    const above = box.top - tip.offsetHeight - 6;
    tip.style.top = (above > 4 ? above : box.bottom + 6) + "px";
    strip.setAttribute("aria-valuenow", number);
    strip.setAttribute("aria-valuetext", tip.textContent.replaceAll("\n", ", "));
  }
  function hide() { document.getElementById("tip").hidden = true; }
  const stripOf = (event) => event.target.closest && event.target.closest(".strip[data-days]");

  function prepare() {
    const drawn = document.querySelector("#ages time");
    if (drawn && drawn.dateTime !== prepare.last) {
      ahead = Date.parse(drawn.dateTime) - Date.now();
      prepare.last = drawn.dateTime;
    }
    for (const strip of document.querySelectorAll(".strip[data-days]:not([tabindex])")) {
      if (!strip.dataset.days) continue;
      const last = days(strip).length - 1;
      strip.setAttribute("role", "slider");
      strip.setAttribute("tabindex", "0");
      strip.setAttribute("aria-valuemin", "0");
      strip.setAttribute("aria-valuemax", last);
      strip.setAttribute("aria-valuenow", last);
      strip.setAttribute("aria-valuetext", words(strip, last).replaceAll("\n", ", "));
    }
    age();
  }

  document.addEventListener("pointermove", (event) => {
    const strip = stripOf(event);
    if (!strip || !strip.dataset.days) { if (!document.activeElement || !document.activeElement.matches(".strip")) hide(); return; }
    const box = strip.getBoundingClientRect(), count = days(strip).length;
    show(strip, Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - box.left) / box.width) * count))));
  });
  document.addEventListener("focusin", (event) => {
    const strip = stripOf(event);
    if (strip && strip.matches(":focus-visible")) show(strip, Number(strip.dataset.day ?? days(strip).length - 1)); else hide();
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { hide(); return; }
    const strip = stripOf(event);
    if (!strip) return;
    const last = days(strip).length - 1, now = Number(strip.dataset.day ?? last);
    const next = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, PageDown: now - 7, PageUp: now + 7, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(strip, Math.max(0, Math.min(last, next)));
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });

  prepare();
  setInterval(age, 1000);
  timer = setTimeout(ask, EVERY_MS);
  if (window.EventSource) listen();
})();
