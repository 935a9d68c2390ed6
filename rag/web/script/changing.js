// Changing the corpus: files go up one by one, then the server indexes what is new and is asked how it goes on.
(() => {
  "use strict";
  const { $, $$, state } = izvor;

  const SHOWN = 20;
  const changes = { files: [], state: "", detail: "", again: null, label: "" };
  const changing = () => $("[data-change]");
  izvor.showChangesOnce = () => {
    if (!changing() || changing().dataset.shown) return;
    changing().dataset.shown = "yes";
    showChanges();
    if (changes.state !== "wait") join();
  };
  const said = (key) => changing()?.dataset[`${key.charAt(0)}${key.slice(1).replace(/_(.)/g, (_, letter) => letter.toUpperCase())}`] || "";
  function showChanges() {
    if (!changing()) return;
    const line = $("[data-change-state]");
    line.hidden = !changes.state;
    line.dataset.kind = changes.state;
    line.replaceChildren(document.createTextNode([said(changes.state).replace("{n}", changes.n), changes.detail].filter(Boolean).join(" ")));
    if (changes.again) line.append(" ", izvor.button("iz-quiet", said(changes.label), changes.again));
    const under = changes.state === "wait" || changes.state === "sending";
    for (const means of $$("[data-upload], [data-confirm], [data-sync], [data-edit], [data-remove], [data-remove-file], [data-remove-picked]")) means.disabled = under;
    if (changes.state === "sending") line.append(bar(said("sending"), share()));
    const shown = changes.files.filter(worthShowing);
    const more = changes.files.length - shown.length;
    $("[data-uploads]").replaceChildren(...shown.map((file) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = file.name;
      const state = document.createElement("span");
      state.className = "iz-note";
      state.textContent = [said(`file_${file.state}`), file.reason].filter(Boolean).join(": ");
      item.dataset.state = file.state;
      item.append(name, state);
      if (file.state === "sending") item.append(bar(file.name, file.share));
      if (file.state === "exists") item.append(izvor.button("iz-quiet", said("file_replace"), () => upload([file], true)));
      if (file.state === "cut") item.append(izvor.button("iz-quiet", said("retry"), () => upload([file])));
      return item;
    }), ...(more ? [Object.assign(document.createElement("li"), { className: "iz-note", textContent: `+ ${more}` })] : []));
  }
  // of a folder with thousands of files: the first ones, the one on its way, and whatever needs a look
  const worthShowing = (file, at) => at < SHOWN || ["sending", "exists", "cut", "unread"].includes(file.state);
  const share = () => {
    const size = (file) => file.content.size || 1;
    const sum = (files, of) => files.reduce((total, file) => total + of(file), 0);
    return sum(changes.files, (file) => size(file) * (file.share || 0)) / sum(changes.files, size);
  };
  function bar(name, value) {
    const made = document.createElement("progress");
    made.max = 1;
    made.value = value;
    made.setAttribute("aria-label", name);
    return made;
  }
  function tell(state, detail = "", again = null, label = "retry") {
    Object.assign(changes, { state, detail, again, label });
    showChanges();
  }
  const spoken = () => ({ headers: { "Accept-Language": izvor.language() } }); // reasons come in the page's language
  // fetch tells nothing about how far an upload has come
  const put = (file, replace) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `api/corpus/files/${encodeURIComponent(file.name)}${replace ? "?replace=true" : ""}`);
    for (const [name, value] of Object.entries(spoken().headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => { file.share = event.loaded / (event.total || 1); showChanges(); };
    request.onload = () => done(request);
    request.onerror = request.onabort = () => done(null);
    request.send(file.content);
  });
  async function upload(files, replace = false) {
    for (const file of files) Object.assign(file, { state: "waiting", share: 0, reason: "" });
    changes.files = [...changes.files.filter((file) => !files.includes(file)), ...files];
    for (const [at, file] of files.entries()) {
      file.state = "sending";
      if (files.length > 1) tell("sending", `${at + 1} / ${files.length}`);
      else showChanges();
      let answer = await put(file, replace);
      while (answer?.status === 429) { // more files than a client may send a minute: not lost, only later
        await new Promise((resume) => setTimeout(resume, 1000 * (Number(answer.getResponseHeader("Retry-After")) || 1)));
        answer = await put(file, replace);
      }
      file.share = 1;
      let body = {};
      try { body = JSON.parse(answer.responseText); } catch { /* not from us, or nothing at all */ }
      if (answer?.status === 201) file.state = body.state === "same" ? "same" : "sent";
      else if (answer?.status === 409) file.state = "exists";
      else if (answer?.status === 413 || answer?.status === 422) Object.assign(file, { state: "unread", reason: body.detail || "" });
      else file.state = "cut";
      showChanges();
    }
    if (files.some((file) => file.state === "sent")) change("sync");
    else if (changes.state === "sending") tell("");
  }
  async function change(what, sent = null) {
    const again = () => change(what, sent);
    tell("wait");
    try {
      const { headers } = spoken();
      // an id is no part of the address: a browser takes x/../y for y
      const body = sent && { body: JSON.stringify(sent), headers: { ...headers, "Content-Type": "application/json" } };
      const answer = await fetch(`api/corpus/${what}`, { method: "POST", headers, ...body });
      if (!answer.ok) {
        const body = await answer.json().catch(() => ({}));
        tell(answer.status === 409 ? "busy" : "failed", answer.status === 409 ? "" : body.detail, again);
        return;
      }
      await follow(await answer.json(), what, again);
    } catch { tell("failed", "", again); }
  }
  // a change that another reader began, or this one before the page was loaded again
  async function join() {
    try {
      const answer = await fetch("api/corpus", spoken());
      const state = answer.ok ? await answer.json() : {};
      if (changes.state) return;
      if (!state.busy) { if (state.restorable) offerUndo(state.restorable); return; }
      tell("wait");
      await follow(state, "", null);
    } catch { /* nothing was asked for, so nothing is said */ }
  }
  async function follow(state, what, again) {
    let now = state;
    while (now.busy) {
      await new Promise((resume) => setTimeout(resume, 250));
      now = await (await fetch("api/corpus", spoken())).json();
    }
    finished(now, what, again);
  }
  // what was removed can be put back for a while, by whoever may change the corpus
  function offerUndo(n) {
    tell("");
    Object.assign(changes, { state: "removed", again: () => change("restore"), label: "undo", n });
    showChanges();
  }
  function finished(came, what, again) {
    const unread = new Map(came.failed.map((one) => [one.source, one.message]));
    const indexed = [...came.added, ...came.changed].map((id) => id.split("#")[0]);
    for (const file of changes.files.filter((one) => one.state === "sent")) {
      if (unread.has(file.name)) Object.assign(file, { state: "unread", reason: unread.get(file.name) });
      else if (!came.problem) file.state = indexed.includes(file.name) ? "added" : "left_out";
    }
    if (came.problem) tell(came.problem, came.problem === "locked" ? "" : came.detail, again);
    else if (what === "remove" && came.restorable) offerUndo(came.restorable);
    else tell("done");
    // a question on its way must not be overtaken by the list
    const refresh = () => { if (changing() && (state.pending?.show ?? "corpus") === "corpus") izvor.navigate(); };
    const dialog = $("dialog[open]");
    if (dialog) dialog.addEventListener("close", refresh, { once: true });
    else refresh();
  }
  function confirm(asked) {
    const dialog = $("[data-dialog]");
    const { question, body, yes, name, what } = asked.dataset;
    $("h3", dialog).textContent = question;
    $(".iz-dialog-name", dialog).textContent = name || "";
    $(".iz-dialog-body", dialog).textContent = body;
    const agree = $("[data-yes-button]", dialog);
    agree.textContent = yes;
    agree.onclick = () => {
      dialog.close();
      change(what);
    };
    dialog.showModal();
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-upload]")) return;
    const { upload: name } = event.target.dataset; // of the file that is replaced, where one is
    const files = [...event.target.files].map((content) => ({ content, name: name || content.webkitRelativePath || content.name }));
    event.target.value = "";
    add(files, Boolean(name));
  });
  function add(files, replace = false) {
    if (!files.length || changes.state === "wait" || changes.state === "sending") return;
    changes.files = [];
    upload(files, replace);
  }
  Object.assign(izvor, { change, add, changing });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-sync]") && state.begun) change("sync");
    const asked = event.target.closest?.("[data-confirm]");
    if (asked && state.begun) confirm(asked);
  });
})();
