// The results as they arrive, and which word of the question answered by which word of a passage.
(() => {
  "use strict";
  const { $, $$, state } = izvor;

  izvor.onResults = () => {
    const root = $("#results [data-url]");
    if (!root) return;
    document.body.classList.toggle("iz-has-result", Boolean($("#results .iz-result")));
    const corpus = Boolean($("#results .iz-corpus"));
    document.body.classList.toggle("iz-corpus-page", corpus);
    for (const link of $$(".iz-nav a")) {
      if ((link.dataset.show || "") === (new URLSearchParams(root.dataset.url).get("show") || "")) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    izvor.announce(root.dataset.status || "");
    // while something else is on its way, what is shown is only passing by: the address must not follow it
    if (!state.pending && root.dataset.url !== state.url) {
      state.url = root.dataset.url;
      izvor.noteQuestion(new URLSearchParams(state.url).get("q"));
      izvor.remember();
    }
    izvor.onWritten();
    izvor.sign();
    izvor.showHistory();
    izvor.showSaved();
    izvor.showChangesOnce();
    izvor.showPicked();
  };

  // which words of the question were answered is known only with the sources
  izvor.onSources = () => {
    const asked = $("#results [data-shown-question]");
    const words = $("#sources [data-words]");
    if (!asked || !words || asked.textContent !== words.textContent || asked.innerHTML === words.innerHTML) return;
    asked.replaceChildren(...words.cloneNode(true).childNodes);
  };

  function explain(mark) {
    for (const word of $$(".asked.on")) word.classList.remove("on");
    if (!mark) return;
    // of its first line, from which the words that explain it are placed
    mark.style.setProperty("--at", `${Math.min(0, window.innerWidth - mark.getClientRects()[0].left - 250)}px`);
    const word = $(`.asked[data-asked="${mark.dataset.asked}"]`);
    if (word) word.classList.add("on");
  }
  izvor.walkMarks = (mark, step) => {
    const marks = $$(".word", mark.closest(".iz-passage"));
    const next = marks[marks.indexOf(mark) + step];
    if (!next) return;
    mark.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
  for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => { const mark = event.target.closest?.(".word"); if (mark) explain(mark); });
    document.addEventListener(leave, (event) => { if (event.target.closest?.(".word")) explain(null); });
  }
  izvor.unfold = (card) => {
    const passage = $(".iz-folded", card);
    if (!passage) return;
    passage.classList.remove("iz-folded");
    $("[data-unfold]", card)?.remove();
    $(".word", passage)?.focus({ preventScroll: true });
  };
  document.addEventListener("focusin", (event) => { // a word that is cut off cannot be seen with the focus on it
    if (event.target.closest?.(".iz-folded .word")) izvor.unfold(event.target.closest(".iz-source"));
  });
})();
