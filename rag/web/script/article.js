// The article beside the answer: opened at a citation, stepped through, closed.
(() => {
  "use strict";
  const { $, $$, state } = izvor;

  const links = () => izvor.cites(":not([data-aside])");
  izvor.onArticle = () => {
    const pane = $("#article [data-open]");
    if (!pane) return;
    const open = pane.dataset.open;
    for (const link of izvor.cites()) {
      if (open && link.dataset.cite === open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const all = [...new Set(links().map((link) => link.dataset.cite))];
    const at = all.indexOf(open);
    const position = $("[data-position]", pane);
    if (position) {
      const pattern = pane.dataset.state === "whole" ? "{n} / {total}" : position.dataset.position;
      const words = at < 0 ? "" : pattern.replace("{n}", at + 1).replace("{total}", all.length);
      if (position.textContent !== words) position.textContent = words; // what is written here is watched, too
      for (const button of $$("[data-step]", pane)) button.disabled = !stepTo(Number(button.dataset.step));
    }
    if (state.cite) document.body.classList.add("iz-article-open");
    const wanted = state.focusArticle && open === state.cite;
    const anew = state.focused !== null && state.focused !== pane; // put there again while it was being read
    if (open !== izvor.onArticle.shown || wanted || anew) {
      izvor.onArticle.shown = open;
      for (const side of $$(".iz-sides input", pane)) side.checked = side.defaultChecked; // the pane is reused
      show(wanted || anew);
    }
    if (wanted) state.focusArticle = false;
    if (anew) state.focused = null;
  };
  function show(focus) {
    const cited = $("#cited") || $("#article-title");
    const frame = $("#article");
    if (!cited || !frame) return;
    const scroller = frame.scrollHeight > frame.clientHeight + 1 ? frame : null;
    if (scroller) {
      const { top } = scroller.getBoundingClientRect();
      // below the head of the article, which stays where it is, and in the part of the pane that is on the screen
      const head = $("header", frame)?.offsetHeight || 0;
      const seen = Math.min(scroller.clientHeight, window.innerHeight - Math.max(top, 0));
      scroller.scrollTop += cited.getBoundingClientRect().top - top - Math.max(seen / 3, head + 12);
    }
    if (focus) cited.focus({ preventScroll: Boolean(scroller) });
  }
  izvor.open = (link) => {
    if (izvor.isQuestion(state.waiting?.[0])) return; // what the link belongs to is about to go
    const place = link.dataset.cite;
    Object.assign(state, { cite: place, focusArticle: true, fromAddress: false });
    if (!link.closest("#article")) state.opener = link;
    document.body.classList.add("iz-article-open");
    if ($("#article [data-open]")?.dataset.open === place) { izvor.onArticle(); izvor.remember(); return; }
    const others = links().map((other) => other.dataset.cite);
    const quoted = link.closest("[data-quoted]") ? $("[data-text]", link.closest("[data-quoted]")).textContent : "";
    izvor.send("open", { cite: place, others, quoted, lang: izvor.language() });
    izvor.remember();
  };
  izvor.close = () => {
    document.body.classList.remove("iz-article-open");
    state.cite = "";
    izvor.remember();
    if (state.opener?.isConnected) state.opener.focus();
  };
  // from what is open; a copy or a mark that is not in the row stands after the citation before its link
  function stepTo(by) {
    const all = links();
    const places = [...new Set(all.map((link) => link.dataset.cite))];
    const at = places.indexOf($("#article [data-open]").dataset.open);
    if (at >= 0) return all.find((link) => link.dataset.cite === places[at + by]);
    const from = state.opener?.isConnected ? state.opener : null;
    const before = all.filter((link) => from && link.compareDocumentPosition(from) & Node.DOCUMENT_POSITION_FOLLOWING);
    return by > 0 ? all[before.length] : before.at(-1);
  }
  izvor.step = (by) => {
    const link = stepTo(by);
    if (link) izvor.open(link);
  };
})();
