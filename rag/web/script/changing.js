// Changing the corpus: files go up one by one, then the server indexes what is new and is asked how it goes on.
(() => {
  "use strict";
  const { $, $$, state } = izvor;

  const changes = { files: [], state: "", detail: "", polling: false, again: null };
  const changing = () => $("[data-change]");
  izvor.showChangesOnce = () => {
    if (!changing() || changing().dataset.shown) return;
    changing().dataset.shown = "yes";
    showChanges();
  };
  const said = (key) => changing()?.dataset[`${key.charAt(0)}${key.slice(1).replace(/_(.)/g, (_, letter) => letter.toUpperCase())}`] || "";
  const path = (name) => name.split("/").map(encodeURIComponent).join("/");
  function showChanges() {
    if (!changing()) return;
    const line = $("[data-change-state]");
    line.hidden = !changes.state;
    line.dataset.kind = changes.state;
    line.replaceChildren(document.createTextNode([said(changes.state), changes.detail].filter(Boolean).join(" ")));
    if (changes.again) line.append(" ", izvor.button("iz-quiet", said("retry"), changes.again));
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
      if (file.state === "exists") item.append(izvor.button("iz-quiet", said("file_replace"), () => upload([file], true)));
      if (file.state === "cut") item.append(izvor.button("iz-quiet", said("retry"), () => upload([file])));
      return item;
    }));
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
    izvor.navigate();
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
})();
