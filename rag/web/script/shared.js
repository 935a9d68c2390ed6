// What the browser does by itself: the address, the keyboard, opening citations, colours, copying, history.
// Everything shown is rendered by the server; these scripts never build markup out of data. One file a noun, joined in
// the order that theme.py gives; what another file calls stands on `izvor`.
window.izvor = {
  $: (selector, root = document) => root.querySelector(selector),
  /** Every link to a citation outside the article itself, in the order of the page. */
  cites: (more = "") => izvor.$$(`:is(#results, #sources) [data-cite]${more}`),
  $$: (selector, root = document) => [...root.querySelectorAll(selector)],
  state: {
    send: null, loaded: false, begun: false,
    turn: 0, since: 0, kind: "", asked: "", giveUp: null, // the request on its way; turn 0: there is none
    waiting: null, pending: null, fromAddress: false, // what is sent next; the view that is wanted, until it is there
    url: null, cite: "", rest: "", typed: null, // what is shown; what the reader typed since
    focusArticle: false, focused: null, opener: null,
  },
  store: {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* private windows may refuse; nothing is lost */ } },
  },
  plain: (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button > 0),
  announce(text) {
    const { $ } = izvor;
    let region = $("#iz-status");
    if (!region) {
      region = document.createElement("div");
      region.id = "iz-status";
      region.setAttribute("role", "status");
      ($("main") || document.body).append(region);
    }
    if (region.textContent !== text) region.textContent = text;
  },
  button(kind, text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  },
};
