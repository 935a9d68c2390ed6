// Pointer and keyboard: what each thing on the page does when it is used.
(() => {
  "use strict";
  const { $, plain, state } = izvor;

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-cite],[data-ask],[data-step],[data-close],[data-copy],[data-print],[data-home],[data-clear],[data-forget],[data-skip],[data-unfold],[data-show],[data-sort],[data-narrow],[data-page-after],[data-page-until],[data-again],[data-period],[data-only]");
    if (!target || !state.begun) return;
    const data = target.dataset;
    if ("copy" in data) { izvor.copy(target); return; }
    if ("unfold" in data) { izvor.unfold(target.closest(".iz-source")); return; }
    if ("print" in data) { window.print(); return; }
    if (target.tagName === "A" && !plain(event)) return; // a new tab stays a new tab: every citation is a real link
    event.preventDefault();
    const nothing = { languages: [], outlets: [], documents: [], published_from: "", published_to: "", lacking: "", cite: "" };
    const first = { after: "", until: "" };
    const asking = { show: "", find: "", sort: "", lacking: "", ...first, before: "" };
    if ("again" in data) izvor.navigate();
    else if ("cite" in data) izvor.open(target);
    else if ("ask" in data) izvor.navigate({ ...asking, q: data.ask, cite: "" });
    else if ("home" in data) izvor.navigate({ ...nothing, ...asking, q: "", order: "", collapse: "" });
    else if ("show" in data) izvor.navigate({ ...nothing, ...asking, q: "", order: "", collapse: "", show: data.show });
    else if ("sort" in data) izvor.navigate({ sort: data.sort, ...first });
    else if ("narrow" in data) izvor.navigate({ ...JSON.parse(data.narrow), ...first, cite: "" });
    else if ("pageAfter" in data) izvor.navigate({ after: data.pageAfter, until: "" });
    else if ("pageUntil" in data) izvor.navigate({ after: "", until: data.pageUntil });
    else if ("period" in data) izvor.navigate({ published_from: data.from, published_to: data.to, cite: "" });
    else if ("only" in data) izvor.navigate({ documents: [data.only], cite: "" });
    else if ("clear" in data) izvor.navigate({ ...nothing, ...first, ...("findAll" in data && { find: "" }) });
    else if ("forget" in data) izvor.forgetQuestions();
    else if ("skip" in data) ($("#answer") || $("#results")).focus();
    else if ("close" in data) izvor.close();
    else if ("step" in data) izvor.step(Number(data.step));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-find]") || !state.begun) return;
    event.preventDefault();
    izvor.navigate({ find: $("input", event.target).value, after: "", until: "", cite: "" });
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const box = izvor.box();
    const stop = event.target.matches?.("[data-roving] [data-stop]") && event.target;
    if (event.key === "/" && !typing && plain(event)) { event.preventDefault(); box?.focus(); box?.select(); }
    else if (typing && typing === box && plain(event) && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      izvor.recall(event.key === "ArrowUp" ? 1 : -1);
    } else if (stop && plain(event) && ["ArrowRight", "ArrowLeft", "Home", "End"].includes(event.key)) {
      event.preventDefault();
      izvor.stepTool(stop, event.key);
    } else if (event.key === "Escape" && izvor.closeMenus(true)) event.preventDefault();
    else if (event.key === "Escape" && document.body.classList.contains("iz-article-open")) izvor.close();
    else if (event.key === "Escape" && typing) event.target.blur();
    else if (event.target.classList?.contains("word") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      izvor.walkMarks(event.target, event.key === "ArrowRight" ? 1 : -1);
    } else if (!typing && event.target.closest?.("[data-cite]") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const all = izvor.cites();
      const next = all[all.indexOf(event.target.closest("[data-cite]")) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });
})();
