// The beginning, once Gradio has put its parts on the page.
(() => {
  "use strict";
  const { state } = izvor;

  function watchOver(id, callback) {
    const wait = () => {
      const element = document.getElementById(id);
      if (!element) { requestAnimationFrame(wait); return; }
      let due = false;
      new MutationObserver(() => {
        if (due) return;
        due = true;
        requestAnimationFrame(() => { due = false; callback(); });
      }).observe(element, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["data-url", "data-open", "selected"] });
      callback();
    };
    wait();
  }
  function begin() {
    if (!state.send || !state.loaded || state.begun) return;
    state.begun = true;
    watchOver("header", izvor.onHeader);
    watchOver("results", izvor.onResults);
    watchOver("sources", izvor.onSources);
    watchOver("article", izvor.onArticle);
    watchOver("filters", izvor.onFilters);
    izvor.navigate({}, { fromAddress: true });
  }
  izvor.connect = (send) => {
    state.send = send;
    begin();
  };
  // Gradio waits for every visible part to report itself; a part hidden by our answer before that never does, and
  // Gradio's own "Loading..." would lie over the page for ever
  izvor.loaded = () => {
    state.loaded = true;
    begin();
  };
})();
