// A server that cannot be reached, or will not answer: said in words, with a way back.
(() => {
  "use strict";
  const { $, state } = izvor;
  const reach = window.fetch.bind(window);
  window.fetch = async (...request) => {
    if (!String(request[0]?.url || request[0]).includes("/gradio_api/run/")) return reach(...request);
    const stop = new AbortController();
    const givenUp = new Promise((resolve) => { state.giveUp = () => { resolve(null); stop.abort(); }; });
    try {
      const response = await Promise.race([reach(request[0], { ...request[1], signal: stop.signal }), givenUp]);
      // nothing is changed by it: if it came all the same, it would be put over the answer to what was asked since
      if (!response) return new Response('{"data": []}', { headers: { "Content-Type": "application/json" } });
      if (response.status === 429) unanswered("many", Number(response.headers.get("Retry-After")) || 60);
      else if (response.status >= 500) unanswered("broken");
      else $("#iz-lost")?.remove();
      return response;
    } catch (error) {
      unanswered("lost");
      throw error;
    }
  };
  function unanswered(reason, seconds = 0) {
    if (!state.begun) return;
    const language = izvor.spoken();
    const words = izvor.words[language];
    const wait = new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "long" }).format(seconds);
    // into the address with what was wanted: Gradio loads the page again once the server is back
    if (state.pending) izvor.rememberWanted(state.pending);
    Object.assign(state, { turn: 0, waiting: null, pending: null });
    izvor.idle();
    const box = $("#iz-lost") || document.createElement("div");
    box.id = "iz-lost";
    box.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = words[`server_${reason}`].replace("{wait}", wait);
    box.lang = language; // the page may be of no language yet
    const again = izvor.button("", words.server_again, () => {});
    again.dataset.again = "";
    box.replaceChildren(text, again);
    $("#columns")?.before(box);
  }
})();
