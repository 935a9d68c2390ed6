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
      for (const button of $$("[data-step]", pane)) {
        const to = at + Number(button.dataset.step);
        button.disabled = at < 0 || to < 0 || to >= all.length;
      }
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
      const offset = cited.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
      // below the head of the article, which stays where it is
      const head = $("header", frame)?.offsetHeight || 0;
      scroller.scrollTop += offset - Math.max(scroller.clientHeight / 3, head + 12);
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
  izvor.step = (by) => {
    const all = links();
    const places = [...new Set(all.map((link) => link.dataset.cite))];
    const to = places[places.indexOf($("#article [data-open]").dataset.open) + by];
    const link = all.find((other) => other.dataset.cite === to);
    if (link) izvor.open(link);
  };
})();
