// Asking the server: one request at a time, and what came of it.
(() => {
  "use strict";
  const { $, state } = izvor;
  const LOST = 10_000; // milliseconds after which an answer is given up: it was lost on its way

  izvor.navigate = (changes = {}) => {
    busy();
    // the address follows an answer; a second change made while the first is on its way builds on the first
    const view = { ...(state.pending || izvor.readAddress()), ...changes };
    state.pending = view;
    state.cite = view.cite;
    state.typed = null;
    if (!view.cite) document.body.classList.remove("iz-article-open");
    izvor.send("navigate", view);
  };
  // of those that wait only the last: going back twice quickly must end at the second page
  izvor.send = (kind, data) => {
    if (Date.now() - state.sent < LOST) { state.waiting = [kind, data]; return; }
    state.sent = Date.now();
    state.opening = kind !== "navigate";
    state.send[kind](data);
  };
  // Gradio waits for this before it sends a question, so that an answer under way cannot arrive after the new one
  izvor.ask = async (values) => {
    const [, ...others] = values;
    state.waiting = null;
    state.pending = null;
    busy();
    while (Date.now() - state.sent < LOST) await new Promise((resume) => setTimeout(resume, 15));
    state.sent = Date.now();
    state.opening = false;
    state.cite = "";
    document.body.classList.remove("iz-article-open");
    return [state.typed ?? values[0], ...others];
  };
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
    state.sent = 0;
    const shown = $("#article [data-open]")?.dataset.open;
    if (state.waiting?.[0] === "open" && state.waiting[1].cite === shown) state.waiting = null; // it came with the rest
    if (state.waiting) {
      const [kind, data] = state.waiting;
      state.waiting = null;
      izvor.send(kind, data);
      return;
    }
    state.pending = null;
    keepTyped();
    izvor.idle();
    izvor.onResults();
    izvor.onSources();
    izvor.onArticle();
    state.focused = null;
    askRest();
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
    const box = $("#question input");
    if (!box || state.typed === null || box.value === state.typed) return;
    izvor.write(state.typed);
  }
  izvor.write = (text) => {
    const box = $("#question input");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
})();
