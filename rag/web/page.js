// What the browser does by itself: the address, the keyboard, opening citations, colours, copying, history.
// Everything shown is rendered by the server; this script never builds markup out of data.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const HISTORY = "izvor.questions";
  const THEME = "izvor.theme";
  const LANGUAGE = "izvor.language";
  const state = { send: null, url: null, cite: "", focusArticle: false, opener: null, sent: 0, waiting: null, typed: null, pending: null, opening: false, loaded: false, begun: false };

  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* private windows may refuse; nothing is lost */ } },
  };

  // ---- the address -------------------------------------------------------------------------------------------
  const normal = (query) => new URLSearchParams(query).toString();
  function address() {
    const wanted = new URLSearchParams(state.url || "");
    if (state.cite) wanted.set("cite", state.cite);
    const language = new URLSearchParams(location.search).get("lang");
    if (language) wanted.set("lang", language);
    return wanted.toString();
  }
  function remember() {
    const wanted = address();
    // an address that servers refuse to read would be worse than none
    if (wanted.length < 8_000 && wanted !== normal(location.search)) history.pushState(null, "", `?${wanted}`);
    const question = new URLSearchParams(state.url).get("q");
    document.title = question ? `${question} · Izvor` : "Izvor";
  }
  function readAddress() {
    const query = new URLSearchParams(location.search);
    return {
      q: query.get("q") || "",
      languages: query.getAll("languages"),
      outlets: query.getAll("outlets"),
      published_from: query.get("published_from") || "",
      published_to: query.get("published_to") || "",
      order: query.get("order") || "",
      show: query.get("show") || "",
      find: query.get("find") || "",
      sort: query.get("sort") || "",
      start: query.get("start") || "",
      cite: query.get("cite") || "",
      lang: query.get("lang") || store.get(LANGUAGE) || "",
    };
  }
  function navigate(changes = {}) {
    busy();
    // the address follows an answer; a second change made while the first is on its way builds on the first
    const view = { ...(state.pending || readAddress()), ...changes };
    state.pending = view;
    state.cite = view.cite;
    state.typed = null;
    if (!view.cite) document.body.classList.remove("iz-article-open");
    send("navigate", view);
  }
  // one request at a time, and of those that wait only the last: going back twice quickly must end at the second page
  function send(kind, data) {
    if (Date.now() - state.sent < 10_000) { state.waiting = [kind, data]; return; } // then something was lost: go on
    state.sent = Date.now();
    state.opening = kind === "open";
    state.send[kind](data);
  }
  window.addEventListener("popstate", () => {
    state.pending = null;
    if (state.begun) navigate();
  });

  // ---- a server that cannot be reached, or will not answer ------------------------------------------------------
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
      state.pending ??= { ...readAddress(), q: $("#question input").value, cite: "" };
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(state.pending)) for (const one of [value].flat()) if (one) query.append(name, one);
      if (query.toString().length < 8_000 && query.toString() !== normal(location.search)) history.pushState(null, "", `?${query}`);
    }
    state.sent = 0;
    state.waiting = null;
    document.body.classList.remove("iz-busy");
    $("#results")?.removeAttribute("aria-busy");
    const box = $("#iz-lost") || document.createElement("div");
    box.id = "iz-lost";
    box.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = words[reason];
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.again = "";
    button.textContent = words.try;
    box.replaceChildren(text, button);
    $("#columns")?.before(box);
  }

  // ---- results and article as they arrive --------------------------------------------------------------------
  function busy() {
    document.body.classList.add("iz-busy");
    $("#results")?.setAttribute("aria-busy", "true");
    announce($("[data-busy]")?.dataset.busy || "");
  }
  function settled() {
    state.sent = 0;
    if (state.waiting) {
      const [kind, data] = state.waiting;
      state.waiting = null;
      send(kind, data);
      return;
    }
    state.pending = null;
    keepTyped();
    document.body.classList.remove("iz-busy");
    $("#results")?.removeAttribute("aria-busy");
    onResults();
    onArticle();
  }
  // what was typed while an earlier answer was on its way must not be put back to that answer's question
  document.addEventListener("input", (event) => {
    if (event.isTrusted && event.target.closest?.("#question")) state.typed = event.target.value;
  });
  function keepTyped() {
    const box = $("#question input");
    if (!box || state.typed === null || box.value === state.typed) return;
    box.value = state.typed;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function announce(text) {
    let region = $("#iz-status");
    if (!region) {
      region = document.createElement("div");
      region.id = "iz-status";
      region.setAttribute("role", "status");
      ($("main") || document.body).append(region);
    }
    if (region.textContent !== text) region.textContent = text;
  }
  function onResults() {
    const root = $("#results [data-url]");
    if (!root) return;
    const changed = root.dataset.url !== state.url;
    state.url = root.dataset.url;
    document.body.classList.toggle("iz-has-result", Boolean($("#results .iz-result")));
    const corpus = Boolean($("#results .iz-corpus"));
    document.body.classList.toggle("iz-corpus-page", corpus);
    for (const link of $$(".iz-nav a")) {
      if (("show" in link.dataset) === corpus) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    announce(root.dataset.status || "");
    if (changed) {
      noteQuestion(new URLSearchParams(state.url).get("q"));
      remember();
    }
    showHistory();
    if (changing() && !changing().dataset.shown) {
      changing().dataset.shown = "yes";
      showChanges();
    }
  }
  function links() {
    return $$("#results [data-cite]:not([data-aside])");
  }
  function onArticle() {
    const pane = $("#article [data-open]");
    if (!pane) return;
    const open = pane.dataset.open;
    for (const link of $$("#results [data-cite]")) {
      if (open && link.dataset.cite === open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const all = [...new Set(links().map((link) => link.dataset.cite))];
    const at = all.indexOf(open);
    const position = $("[data-position]", pane);
    if (position) {
      if (pane.dataset.state === "whole") position.textContent = at < 0 ? "" : `${at + 1} / ${all.length}`;
      else position.textContent = at < 0 ? "" : position.dataset.position.replace("{n}", at + 1).replace("{total}", all.length);
      for (const button of $$("[data-step]", pane)) {
        const to = at + Number(button.dataset.step);
        button.disabled = at < 0 || to < 0 || to >= all.length;
      }
    }
    if (state.cite) document.body.classList.add("iz-article-open");
    if (open !== onArticle.shown || state.focusArticle) {
      onArticle.shown = open;
      show(state.focusArticle);
    }
    state.focusArticle = false;
  }
  function show(focus) {
    const cited = $("#cited") || $("#article-title");
    const frame = $("#article");
    if (!cited || !frame) return;
    const scroller = frame.scrollHeight > frame.clientHeight + 1 ? frame : null;
    if (scroller) {
      const offset = cited.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
      scroller.scrollTop += offset - scroller.clientHeight / 3;
    }
    if (focus) cited.focus({ preventScroll: Boolean(scroller) });
  }
  function open(link) {
    const place = link.dataset.cite;
    state.cite = place;
    state.focusArticle = true;
    if (!link.closest("#article")) state.opener = link;
    document.body.classList.add("iz-article-open");
    if ($("#article [data-open]")?.dataset.open === place) { onArticle(); remember(); return; }
    const others = $$("#results .iz-quotes [data-cite]").map((other) => other.dataset.cite);
    const quoted = link.closest("[data-quoted]") ? $("[data-text]", link.closest("[data-quoted]")).textContent : "";
    send("open", { cite: place, others, quoted, lang: document.documentElement.dataset.izLang || "" });
    remember();
  }
  function close() {
    document.body.classList.remove("iz-article-open");
    state.cite = "";
    remember();
    if (state.opener?.isConnected) state.opener.focus();
  }

  // ---- this browser's questions: kept here, never sent --------------------------------------------------------
  function asked() { try { return JSON.parse(store.get(HISTORY) || "[]").filter((q) => typeof q === "string"); } catch { return []; } }
  function noteQuestion(question) {
    if (!question || question.length > 500 || asked().includes(question)) return;
    store.set(HISTORY, JSON.stringify([question, ...asked()].slice(0, 12)));
  }
  function showHistory() {
    const box = $("[data-history]");
    if (!box) return;
    const list = $("ul", box);
    const questions = asked();
    const shown = JSON.stringify(questions);
    if (box.dataset.shown === shown) return;
    box.dataset.shown = shown;
    list.replaceChildren(...questions.map((question) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `?${new URLSearchParams({ q: question })}`;
      link.dataset.ask = question;
      link.textContent = question;
      item.append(link);
      return item;
    }));
    box.hidden = questions.length === 0;
  }

  // ---- which word answered which ------------------------------------------------------------------------------
  function explain(mark) {
    for (const word of $$(".asked.on")) word.classList.remove("on");
    if (!mark) return;
    const word = $(`.asked[data-asked="${mark.dataset.asked}"]`);
    if (word) word.classList.add("on");
  }
  function walkMarks(mark, step) {
    const marks = $$(".word", mark.closest(".iz-passage"));
    const next = marks[marks.indexOf(mark) + step];
    if (!next) return;
    mark.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
  for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => { const mark = event.target.closest?.(".word"); if (mark) explain(mark); });
    document.addEventListener(leave, (event) => { if (event.target.closest?.(".word")) explain(null); });
  }

  // ---- pointer and keyboard -----------------------------------------------------------------------------------
  async function copy(button) {
    const text = button.dataset.copy;
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea"); // pages served without TLS have no clipboard interface
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const label = button.textContent;
    if (label === button.dataset.done) return;
    button.textContent = button.dataset.done;
    announce(button.dataset.done);
    setTimeout(() => { button.textContent = label; }, 1200);
  }
  const plain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button > 0);
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-cite],[data-ask],[data-step],[data-close],[data-copy],[data-print],[data-home],[data-clear],[data-forget],[data-skip],[data-unfold],[data-show],[data-sort],[data-start],[data-again]");
    if (!target || !state.begun) return;
    const data = target.dataset;
    if ("copy" in data) { copy(target); return; }
    if ("unfold" in data) { unfold(target.closest(".iz-source")); return; }
    if ("print" in data) { window.print(); return; }
    if (target.tagName === "A" && !plain(event)) return; // a new tab stays a new tab: every citation is a real link
    event.preventDefault();
    const nothing = { languages: [], outlets: [], published_from: "", published_to: "", cite: "" };
    const asking = { show: "", find: "", sort: "", start: "" };
    if ("again" in data) navigate();
    else if ("cite" in data) open(target);
    else if ("ask" in data) navigate({ ...asking, q: data.ask, cite: "" });
    else if ("home" in data) navigate({ ...nothing, ...asking, q: "", order: "" });
    else if ("show" in data) navigate({ ...nothing, ...asking, q: "", order: "", show: data.show });
    else if ("sort" in data) navigate({ sort: data.sort, start: "" });
    else if ("start" in data) navigate({ start: data.start });
    else if ("clear" in data) navigate(nothing);
    else if ("forget" in data) { store.set(HISTORY, "[]"); showHistory(); }
    else if ("skip" in data) ($("#answer") || $("#results")).focus();
    else if ("close" in data) close();
    else if ("step" in data) step(Number(data.step));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-find]") || !state.begun) return;
    event.preventDefault();
    navigate({ find: $("input", event.target).value, start: "", cite: "" });
  });
  function unfold(card) {
    const passage = $(".iz-folded", card);
    if (!passage) return;
    passage.classList.remove("iz-folded");
    $("[data-unfold]", card)?.remove();
    $(".word", passage)?.focus({ preventScroll: true });
  }
  function step(by) {
    const all = links();
    const places = [...new Set(all.map((link) => link.dataset.cite))];
    const to = places[places.indexOf($("#article [data-open]").dataset.open) + by];
    const link = all.find((other) => other.dataset.cite === to);
    if (link) open(link);
  }
  document.addEventListener("focusin", (event) => { // a word that is cut off cannot be seen with the focus on it
    if (event.target.closest?.(".iz-folded .word")) unfold(event.target.closest(".iz-source"));
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const box = $("#question textarea, #question input");
    if (event.key === "/" && !typing && plain(event)) { event.preventDefault(); box?.focus(); box?.select(); }
    else if (event.key === "Escape" && document.body.classList.contains("iz-article-open")) close();
    else if (event.key === "Escape" && typing) event.target.blur();
    else if (event.target.classList?.contains("word") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      walkMarks(event.target, event.key === "ArrowRight" ? 1 : -1);
    } else if (!typing && event.target.closest?.("[data-cite]") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const all = $$("#results [data-cite]");
      const next = all[all.indexOf(event.target.closest("[data-cite]")) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });

  // ---- changing the corpus: files go up one by one, then the server indexes what is new and is asked how it goes on
  const changes = { files: [], state: "", detail: "", polling: false, again: null };
  const changing = () => $("[data-change]");
  const said = (key) => changing()?.dataset[`${key.charAt(0)}${key.slice(1).replace(/_(.)/g, (_, letter) => letter.toUpperCase())}`] || "";
  const path = (name) => name.split("/").map(encodeURIComponent).join("/");
  function showChanges() {
    if (!changing()) return;
    const line = $("[data-change-state]");
    line.hidden = !changes.state;
    line.dataset.kind = changes.state;
    line.replaceChildren(document.createTextNode([said(changes.state), changes.detail].filter(Boolean).join(" ")));
    if (changes.again) line.append(" ", button("iz-quiet", said("retry"), changes.again));
    for (const means of $$("[data-upload], [data-confirm], [data-sync]")) means.disabled = changes.state === "wait";
    $("[data-uploads]").replaceChildren(...changes.files.map((file) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = file.name;
      const state = document.createElement("span");
      state.className = "iz-note";
      state.textContent = [said(`file_${file.state}`), file.reason].filter(Boolean).join(": ");
      item.dataset.state = file.state;
      item.append(name, state);
      if (file.state === "sending") {
        const bar = document.createElement("progress");
        bar.max = 1;
        bar.value = file.share;
        bar.setAttribute("aria-label", file.name);
        item.append(bar);
      }
      if (file.state === "exists") item.append(button("iz-quiet", said("file_replace"), () => upload([file], true)));
      if (file.state === "cut") item.append(button("iz-quiet", said("retry"), () => upload([file])));
      return item;
    }));
  }
  function button(kind, text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }
  function tell(state, detail = "", again = null) {
    Object.assign(changes, { state, detail, again });
    showChanges();
  }
  // fetch tells nothing about how far an upload has come
  const put = (file, replace) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `api/corpus/files/${path(file.name)}${replace ? "?replace=true" : ""}`);
    request.upload.onprogress = (event) => { file.share = event.loaded / (event.total || 1); showChanges(); };
    request.onload = () => done(request);
    request.onerror = request.onabort = () => done(null);
    request.send(file.content);
  });
  async function upload(files, replace = false) {
    for (const file of files) Object.assign(file, { state: "waiting", share: 0, reason: "" });
    changes.files = [...changes.files.filter((file) => !files.includes(file)), ...files];
    for (const file of files) {
      file.state = "sending";
      showChanges();
      const answer = await put(file, replace);
      let body = {};
      try { body = JSON.parse(answer.responseText); } catch { /* not from us, or nothing at all */ }
      if (answer?.status === 201) file.state = body.state === "same" ? "same" : "sent";
      else if (answer?.status === 409) file.state = "exists";
      else if (answer?.status === 413 || answer?.status === 422) Object.assign(file, { state: "unread", reason: body.detail || "" });
      else file.state = "cut";
      showChanges();
    }
    if (files.some((file) => file.state === "sent")) change("POST", "sync");
  }
  async function change(method, what) {
    const again = () => change(method, what);
    tell("wait");
    try {
      const answer = await fetch(`api/corpus/${what}`, { method });
      if (!answer.ok) {
        const body = await answer.json().catch(() => ({}));
        tell(answer.status === 409 ? "busy" : "failed", answer.status === 409 ? "" : body.detail, again);
        return;
      }
      let state = await answer.json();
      while (state.busy) {
        await new Promise((resume) => setTimeout(resume, 200));
        state = await (await fetch("api/corpus")).json();
      }
      finished(state, again);
    } catch { tell("failed", "", again); }
  }
  function finished(state, again) {
    const unread = new Map(state.failed.map((one) => [one.source, one.reason]));
    const indexed = [...state.added, ...state.changed].map((id) => id.split("#")[0]);
    for (const file of changes.files.filter((one) => one.state === "sent")) {
      if (unread.has(file.name)) Object.assign(file, { state: "unread", reason: unread.get(file.name) });
      else if (!state.problem) file.state = indexed.includes(file.name) ? "added" : "left_out";
    }
    if (state.problem) tell(state.problem, state.problem === "locked" ? "" : state.detail, again);
    else tell("done");
    navigate();
  }
  function confirm(asked) {
    const dialog = $("[data-dialog]");
    const { question, body, yes, name, article } = asked.dataset;
    $("h3", dialog).textContent = question;
    $(".iz-dialog-name", dialog).textContent = name || "";
    $(".iz-dialog-body", dialog).textContent = body;
    const agree = $("[data-yes-button]", dialog);
    agree.textContent = yes;
    agree.onclick = () => {
      dialog.close();
      change("DELETE", `articles/${path(article)}`);
    };
    $("[data-no]", dialog).onclick = () => dialog.close();
    dialog.showModal();
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-upload]")) return;
    const files = [...event.target.files].map((content) => ({ content, name: content.webkitRelativePath || content.name }));
    event.target.value = "";
    changes.files = [];
    upload(files);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-sync]") && state.begun) change("POST", "sync");
    const asked = event.target.closest?.("[data-confirm]");
    if (asked && state.begun) confirm(asked);
  });

  // ---- colours and language -----------------------------------------------------------------------------------
  const DARK = window.matchMedia("(prefers-color-scheme: dark)");
  function colour() {
    const wanted = store.get(THEME) || "system";
    document.body.classList.toggle("dark", wanted === "dark" || (wanted === "system" && DARK.matches));
    const select = $("[data-theme]");
    if (select && select.value !== wanted) select.value = wanted;
  }
  DARK.addEventListener("change", () => setTimeout(colour)); // after Gradio's own listener
  document.addEventListener("change", (event) => {
    const data = event.target.dataset || {};
    if ("theme" in data) { store.set(THEME, event.target.value); colour(); }
    if ("language" in data) {
      const language = event.target.value;
      store.set(LANGUAGE, language);
      const query = new URLSearchParams(location.search);
      query.set("lang", language);
      history.replaceState(null, "", `?${query}`);
      navigate({ lang: language });
    }
  });
  function onHeader() {
    const language = $("[data-language] option[selected]")?.value;
    if (language) {
      document.documentElement.lang = language;
      document.documentElement.dataset.izLang = language;
      $("[data-language]").value = language;
    }
    colour();
  }

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
    watchOver("header", onHeader);
    watchOver("results", onResults);
    watchOver("article", onArticle);
    navigate();
  }

  window.izvor = {
    connect(send) {
      state.send = send;
      begin();
    },
    // Gradio waits for every visible part to report itself; a part hidden by our answer before that never does, and
    // Gradio's own "Loading..." would lie over the page for ever
    loaded() {
      state.loaded = true;
      begin();
    },
    filters() {
      const open = document.body.classList.toggle("iz-filters-open");
      $("#filters-button").setAttribute("aria-expanded", String(open));
    },
    settled: () => requestAnimationFrame(() => requestAnimationFrame(settled)),
    // Gradio waits for this before it sends a question, so that an answer under way cannot arrive after the new one
    async ask(values) {
      const [, ...others] = values;
      state.waiting = null;
      state.pending = null;
      busy();
      while (Date.now() - state.sent < 10_000) await new Promise((resume) => setTimeout(resume, 15));
      state.sent = Date.now();
      state.opening = false;
      state.cite = "";
      document.body.classList.remove("iz-article-open");
      return [state.typed ?? values[0], ...others];
    },
  };
})();
