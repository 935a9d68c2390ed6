// Asking the server: one request at a time, the last wish last, and what came of it.
(() => {
  "use strict";
  const { $, state } = izvor;
  const LOST = 10_000; // milliseconds after which an answer is given up, if something else is wanted by then

  izvor.navigate = (changes = {}, { fromAddress = false } = {}) => {
    // the address follows an answer; a second change made while the first is on its way builds on the first
    const view = { ...(state.pending || izvor.readAddress()), ...changes };
    state.typed = null;
    wish("navigate", view, fromAddress);
  };
  izvor.ask = () => {
    // the box still has the question before, where another one is on its way and nothing was typed since
    const q = (state.typed ?? state.pending?.q ?? izvor.box()?.value ?? "").trim();
    wish("ask", {
      q, ...izvor.chosen(), before: before(q), show: "", find: "", sort: "", lacking: "", after: "", until: "", cite: "", lang: izvor.language(),
    });
  };
  // the question that is shown, for one that leans on it; of one that leaned itself, the one it leaned on
  function before(q) {
    const shown = izvor.readAddress(state.url || "");
    return shown.q === q ? shown.before : shown.before || shown.q;
  }
  function wish(kind, view, fromAddress = false) {
    busy();
    $("dialog[open]")?.close(); // taken from the page while it is open, it would keep the page shut
    Object.assign(state, { pending: view, cite: view.cite, fromAddress });
    if (!view.cite) document.body.classList.remove("iz-article-open");
    izvor.send(kind, view);
  }
  izvor.isQuestion = (kind) => kind === "ask" || kind === "navigate";
  // of those that wait only the last: going back twice quickly must end at the second page
  izvor.send = (kind, data) => {
    const asked = JSON.stringify([kind, data]);
    if (!state.turn) {
      Object.assign(state, { turn: ++turns, since: Date.now(), kind, asked });
      state.send[kind](data);
      return;
    }
    const left = state.since + LOST - Date.now();
    // a double click; the list of a corpus may be another one by now
    if (asked === state.asked && left > 0 && data.show !== "corpus") { state.waiting = null; return; }
    state.waiting = [kind, data];
    setTimeout(giveUp, Math.max(0, left), state.turn);
  };
  let turns = 0;
  // an answer that is given up cannot come any more: see outage.js
  function giveUp(turn) {
    if (state.turn !== turn || !state.waiting) return;
    if (izvor.isQuestion(state.waiting[0]) || !izvor.isQuestion(state.kind)) state.giveUp?.();
  }
  izvor.settled = () => requestAnimationFrame(() => requestAnimationFrame(settled));

  function busy() {
    document.body.classList.add("iz-busy");
    $("#results")?.setAttribute("aria-busy", "true");
    izvor.announce($("[data-busy]")?.dataset.busy || "");
  }
  izvor.idle = () => {
    document.body.classList.remove("iz-busy");
    $("#results")?.removeAttribute("aria-busy");
  };
  function settled() {
    const { kind } = state;
    state.turn = 0;
    keepTyped();
    const shown = $("#article [data-open]")?.dataset.open;
    if (state.waiting?.[0] === "open" && state.waiting[1].cite === shown) state.waiting = null; // it came with the rest
    if (state.waiting) {
      const [next, data] = state.waiting;
      state.waiting = null;
      izvor.send(next, data);
      return;
    }
    state.pending = null;
    izvor.idle();
    izvor.onResults();
    if (izvor.isQuestion(kind)) izvor.remember();
    state.fromAddress = false;
    izvor.onSources();
    izvor.onArticle();
    izvor.onFilters();
    state.focused = null;
    if (izvor.isQuestion(kind)) toAnswer();
    askRest();
  }
  // who asked goes on at the answer: not who has typed since, nor who went on to somewhere else
  function toAnswer() {
    const at = document.activeElement;
    const asking = !at || at === document.body || at === izvor.box() || at.id === "ask-button" || !at.isConnected;
    if (state.typed === null && asking && !state.cite && $("#results .iz-result")) $("#answer")?.focus({ preventScroll: true });
  }
  // the quotes are read while the sources and the article are still being made
  function askRest() {
    const root = $("#results [data-url]");
    const rest = root?.dataset.rest || "";
    const due = rest !== "" && rest !== state.rest;
    document.body.classList.toggle("iz-rest-due", due);
    if (!due) return;
    state.rest = rest;
    state.focused = document.activeElement?.closest?.("#article [data-open]") || null;
    izvor.send("rest", { ...izvor.readAddress(root.dataset.url), cite: state.cite, lang: izvor.language(), rest });
  }
  // what was typed while an earlier answer was on its way must not be put back to that answer's question
  document.addEventListener("input", (event) => {
    if (event.isTrusted && event.target.closest?.("#question")) state.typed = event.target.value;
  });
  function keepTyped() {
    const box = izvor.box();
    if (!box || state.typed === null || box.value === state.typed) return;
    izvor.write(state.typed);
  }
  izvor.box = () => $("#question :is(textarea, input)");
  izvor.write = (text) => {
    const box = izvor.box();
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
})();
