// What only the running course can tell: the counters of the engine that serves this page, that the book has changed,
// what the kernel answers when an experiment is run again, and the verdicts on your exercises. A page without that server
// has none of it, and no gap.
"use strict";

(() => {
  if (!location.protocol.startsWith("http") || !("EventSource" in window)) return;

  // The name of the book that this page is from.
  const book = document.querySelector('meta[name="book"]')?.content;
  let stream = null; // The open EventSource, if any: a browser keeps six connections to a host, for all its tabs.
  const heard = new Set(); // The exercises of which something was heard since it was last asked how they stand.
  let counters = null; // The two places that show numbers, once there are numbers.

  function open() {
    if (stream || document.hidden) return;
    stream = new EventSource("/events");
    stream.addEventListener("open", listening);
    stream.addEventListener("error", lost);
    stream.addEventListener("lab", (event) => answered(JSON.parse(event.data)));
    stream.addEventListener("exercise", (event) => {
      const entry = JSON.parse(event.data);
      heard.add(entry.name);
      judged(entry);
    });
    stream.addEventListener("stats", (event) => show(JSON.parse(event.data)));
  }

  function close() {
    stream?.close();
    stream = null;
  }

  // The browser tries again by itself, unless the answer was not a stream of events.
  function lost() {
    offerLabs(false);
    counters?.forEach((place) => (place.hidden = true));
    if (stream?.readyState === EventSource.CLOSED) removeEventListener("visibilitychange", follow, true);
  }

  function follow() {
    if (document.hidden) close();
    else open();
  }

  function listening() {
    offerLabs(true);
    document.querySelectorAll('.lab[data-state="asked"]').forEach((lab) => {
      state(lab, "failed", "The answer came while this page did not listen. Run it again.");
    });
    if (document.querySelector(".exercise[data-exercise], .blocks")) askForVerdicts();
  }

  const group = (number) => number.toLocaleString("en");

  function size(bytes) {
    if (bytes < 10 * 1024) return `${group(bytes)}\u00a0bytes`;
    if (bytes < 10 * 1024 * 1024) return `${group(Math.round(bytes / 1024))}\u00a0KiB`;
    return `${group(Math.round(bytes / 1024 / 1024))}\u00a0MiB`;
  }

  const many = (number, one, more = `${one}s`) => `${group(number)}\u00a0${number === 1 ? one : more}`;

  // What the engine that serves this page is made of, on the pages that have a place for it.
  function showBlocks(blocks) {
    document.querySelectorAll(".blocks").forEach((strip) => {
      strip.hidden = blocks.length === 0;
      strip.replaceChildren(...blocks.map(({ name, yours }) => {
        const block = document.createElement("span");
        block.className = yours ? "yours" : "ours";
        block.textContent = `${name}: ${block.className}`;
        return block;
      }));
    });
  }

  function show({ book: served, connections, messages, wakeups, eagains, bytes }) {
    // A page may have been loaded, or have been hidden, while the book changed: it hears of that as soon as it listens.
    if (book && book !== served) location.reload();
    counters ??= place();
    const [bar, foot] = counters;
    const all = [many(connections, "connection"), many(messages, "message"), size(bytes)];
    bar.textContent = all.join("  ");
    all.splice(2, 0, many(wakeups, "wake-up"), many(eagains, "EAGAIN"));
    foot.textContent = `This page came through the engine that the book builds: ${all.join(", ")} so far.`;
    counters.forEach((place) => (place.hidden = false));
  }

  // Both stand where nothing else does, so that nothing moves when they come.
  function place() {
    const bar = document.createElement("span");
    bar.className = "engine-bar";
    document.getElementById("mdbook-menu-bar")?.append(bar);
    const foot = document.createElement("p");
    foot.className = "engine-foot";
    document.querySelector(".page")?.append(foot);
    return [bar, foot];
  }

  function offerLabs(ready) {
    document.querySelectorAll(".lab button").forEach((button) => {
      button.hidden = !ready;
      button.disabled = false;
    });
  }

  const state = (lab, name, words) => {
    lab.querySelector("button").disabled = name === "asked";
    lab.dataset.state = name;
    lab.querySelector(".lab-from").textContent = words;
  };

  async function runAgain(lab) {
    state(lab, "asked", "Asking the kernel of the machine that serves this page");
    try {
      // The header keeps other sites' forms out: they cannot set one.
      const taken = await fetch(`/lab/${lab.dataset.lab}`, { method: "POST", headers: { "X-Lab": "1" } });
      if (!taken.ok) throw new Error((await taken.text()) || `the server answered ${taken.status}`);
    } catch (error) {
      state(lab, "failed", `It could not be run: ${error.message}`);
    }
  }

  // The answer comes when it is there, as an event for every page that is open.
  function answered({ name, transcript, failed }) {
    document.querySelectorAll(`.lab[data-lab="${CSS.escape(name)}"]`).forEach((lab) => {
      if (failed) return state(lab, "failed", failed);
      lab.querySelector(".lab-out").textContent = transcript;
      state(lab, "live", "Just now, on the machine that serves this page");
    });
  }

  // What was said before this page listened.
  async function askForVerdicts() {
    heard.clear();
    const answer = await fetch("/exercises").catch(() => null);
    if (!answer?.ok) return;
    const { exercises, blocks } = await answer.json();
    // What was heard meanwhile is newer.
    exercises.filter(({ name }) => !heard.has(name)).forEach(judged);
    showBlocks(blocks ?? []);
  }

  // What the threads of a failing model did: a column for each, and time goes down.
  function lanes(moves) {
    const threads = [...new Set(moves.map(({ thread }) => thread))];
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const thread of threads) head.append(Object.assign(document.createElement("th"), { textContent: thread }));
    const body = table.createTBody();
    for (const { thread, line, source, what } of moves) {
      const row = body.insertRow();
      for (const name of threads) {
        const cell = row.insertCell();
        if (name !== thread) continue;
        const code = Object.assign(document.createElement("code"), { textContent: `${line}  ${source}` });
        cell.append(code, document.createElement("br"), what);
      }
    }
    return table;
  }

  function judged({ name, state: standing, verdict, sentence, moves, passed, total, testing }) {
    document.querySelectorAll(`.exercise[data-exercise="${CSS.escape(name)}"]`).forEach((box) => {
      const [line, why, steps] = [".state", ".why", ".moves"].map((part) => box.querySelector(part));
      const failed = standing === "in-progress" && Boolean(verdict);
      box.dataset.state = testing ? "testing" : standing === "done" ? "done" : failed ? "fail" : "";
      line.hidden = !verdict && !testing;
      const words = total ? `${verdict} (${passed} of ${total} tests pass)` : (verdict ?? "");
      line.textContent = testing ? "Testing what you have saved" : words;
      why.hidden = !failed || Boolean(testing);
      why.textContent = sentence ?? "";
      steps.hidden = why.hidden || !moves?.length;
      steps.replaceChildren(...(steps.hidden ? [] : [lanes(moves)]));
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".lab button");
    if (button) runAgain(button.closest(".lab"));
  });
  addEventListener("visibilitychange", follow, true);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
})();
