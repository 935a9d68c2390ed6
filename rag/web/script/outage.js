// A server that cannot be reached, or will not answer: said in words, with a way back.
(() => {
  "use strict";
  const { $, state } = izvor;
  const reach = window.fetch.bind(window);
  window.fetch = async (...request) => {
    if (!String(request[0]?.url || request[0]).includes("/gradio_api/run/")) return reach(...request);
    try {
      const response = await reach(...request);
      if (response.status === 429) unanswered("many");
      else if (response.status >= 500) unanswered("broken");
      else $("#iz-lost")?.remove();
      return response;
    } catch (error) {
      unanswered("lost");
      throw error;
    }
  };
  function unanswered(reason) {
    const words = $("[data-lost]")?.dataset;
    if (!words || !state.begun) return;
    if (!state.opening) {
      // into the address with what was wanted: Gradio loads the page again once the server is back
      state.pending ??= { ...izvor.readAddress(), q: $("#question input").value, cite: "" };
      izvor.rememberWanted(state.pending);
    }
    state.sent = 0;
    state.waiting = null;
    izvor.idle();
    const box = $("#iz-lost") || document.createElement("div");
    box.id = "iz-lost";
    box.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = words[reason];
    const again = izvor.button("", words.try, () => {});
    again.dataset.again = "";
    box.replaceChildren(text, again);
    $("#columns")?.before(box);
  }
})();
