// The address: what is shown stands in it, so that a result can be linked, reloaded and shared.
(() => {
  "use strict";
  const { state, store } = izvor;
  const LANGUAGE = "izvor.language";
  const LONGEST = 8_000; // an address that servers refuse to read would be worse than none

  const normal = (query) => new URLSearchParams(query).toString();
  function push(wanted, replacing = false) {
    if (wanted.length >= LONGEST || wanted === normal(location.search)) return;
    if (replacing) history.replaceState(null, "", `?${wanted}`);
    else history.pushState(null, "", `?${wanted}`);
  }
  izvor.remember = () => {
    if (state.pending || state.url === null) return;
    const wanted = new URLSearchParams(state.url || "");
    if (state.cite) wanted.set("cite", state.cite);
    const language = new URLSearchParams(location.search).get("lang");
    if (language) wanted.set("lang", language);
    push(wanted.toString(), state.fromAddress); // another spelling of the address is no new page, and what is ahead stays
    const question = new URLSearchParams(state.url).get("q");
    document.title = question ? `${question} · Izvor` : "Izvor";
  };
  izvor.rememberWanted = (view) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(view)) for (const one of [value].flat()) if (one) query.append(name, one);
    push(query.toString());
  };
  izvor.readAddress = (address = location.search) => {
    const query = new URLSearchParams(address);
    return {
      q: query.get("q") || "",
      languages: query.getAll("languages"),
      outlets: query.getAll("outlets"),
      documents: query.getAll("documents"),
      before: query.get("before") || "",
      published_from: query.get("published_from") || "",
      published_to: query.get("published_to") || "",
      order: query.get("order") || "",
      collapse: query.get("collapse") || "",
      show: query.get("show") || "",
      find: query.get("find") || "",
      sort: query.get("sort") || "",
      lacking: query.get("lacking") || "",
      after: query.get("after") || "",
      until: query.get("until") || "",
      cite: query.get("cite") || "",
      lang: query.get("lang") || store.get(LANGUAGE) || "",
    };
  };
  izvor.speak = (language) => {
    store.set(LANGUAGE, language);
    const query = new URLSearchParams(location.search);
    query.set("lang", language);
    history.replaceState(null, "", `?${query}`);
    izvor.navigate({ lang: language });
  };
  window.addEventListener("popstate", () => {
    state.pending = null;
    if (state.begun) izvor.navigate({}, { fromAddress: true });
  });
})();
