// Changes to single articles: corrected, removed, several at once; and articles that are pasted, fetched or dropped.
(() => {
  "use strict";
  const { $, $$, state } = izvor;
  const picked = new Map(); // ids of articles of this page of the list, with the digests of their texts

  izvor.showPicked = () => {
    const rows = $$(".iz-list tbody tr");
    const here = new Set(rows.map((row) => row.dataset.id));
    for (const id of picked.keys()) if (!here.has(id)) picked.delete(id);
    for (const row of rows) { const box = $("[data-pick]", row); if (box) box.checked = picked.has(row.dataset.id); }
    const all = $("[data-pick-all]"), remove = $("[data-remove-picked]");
    if (!all) return;
    all.checked = picked.size > 0 && picked.size === rows.length;
    all.indeterminate = picked.size > 0 && !all.checked;
    if (remove.hidden === picked.size > 0) remove.hidden = picked.size === 0;
    const count = $("[data-picked]", remove);
    if (count.textContent !== String(picked.size)) count.textContent = picked.size;
  };
  function pick(rows, wanted) {
    for (const row of rows) {
      if (wanted) picked.set(row.dataset.id, row.dataset.digest);
      else picked.delete(row.dataset.id);
    }
    izvor.showPicked();
  }
  function remove(articles, files = []) {
    izvor.change("remove", { articles: articles.map(([id, sha256]) => ({ id, sha256 })), files });
  }

  const FIELDS = ["title", "published", "outlet", "author"];
  let row = null; // that is corrected
  function edit(kind, button) {
    const dialog = $(`[data-form="${kind}"]`);
    $("form", dialog).reset();
    row = button.closest("tr");
    if (row) {
      for (const name of FIELDS) dialog.querySelector(`[name="${name}"]`).value = row.dataset[name];
      $("[data-discard]", dialog).hidden = !$(".iz-corrected", row);
      row = { ...row.dataset };
    }
    dialog.showModal();
  }
  const value = (form, name) => form.elements.namedItem(name).value.trim();
  const named = (title) => title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60).replace(/^-|-$/g, "") || "text";
  const act = {
    correct(form) {
      const changed = FIELDS.filter((name) => value(form, name) !== row[name].trim());
      const values = Object.fromEntries(changed.map((name) => [name, value(form, name) || null]));
      if (changed.length) izvor.change("correct", { id: row.id, ...values });
    },
    paste(form) {
      const title = value(form, "title"), text = value(form, "text");
      const content = new Blob([[title, text].filter(Boolean).join("\n\n"), "\n"], { type: "text/plain" });
      izvor.add([{ content, name: `${named(title || text.slice(0, 60))}.txt` }]);
    },
    address(form) {
      const address = value(form, "address");
      if (address) izvor.change("address", { address });
    },
  };
  document.addEventListener("submit", (event) => {
    const dialog = event.target.closest?.("[data-form]");
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
    act[dialog.dataset.form](event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-pick]")) pick([event.target.closest("tr")], event.target.checked);
    else if (event.target.matches?.("[data-pick-all]")) pick($$(".iz-list tbody tr"), event.target.checked);
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-edit],[data-remove],[data-remove-file],[data-remove-picked],[data-discard],[data-no]");
    if (!target || !state.begun) return;
    const data = target.dataset;
    if ("edit" in data) edit(data.edit, target);
    else if ("no" in data) target.closest("dialog").close();
    else if ("discard" in data) { target.closest("dialog").close(); izvor.change("correct", { id: row.id, discard: true }); }
    else if ("removePicked" in data) { remove([...picked]); picked.clear(); }
    else if ("removeFile" in data) remove([], [data.removeFile]);
    else { const { id, digest } = target.closest("tr").dataset; remove([[id, digest]]); }
  });

  // files and folders that are dropped on the page
  const brings = (event) => izvor.changing() && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    document.body.classList.add("iz-dropping");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("iz-dropping"); });
  document.addEventListener("drop", async (event) => {
    document.body.classList.remove("iz-dropping");
    if (!brings(event)) return;
    event.preventDefault();
    const given = [...event.dataTransfer.items].filter((item) => item.kind === "file")
      .map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]); // only a folder needs its entry
    izvor.add((await Promise.all(given.map(([entry, file]) => (entry?.isDirectory ? filesOf(entry) : [{ content: file, name: file.name }])))).flat());
  });
  async function filesOf(entry) {
    if (entry.isFile) return [{ content: await new Promise((done, fail) => entry.file(done, fail)), name: entry.fullPath.slice(1) }];
    const reader = entry.createReader();
    const inside = [];
    for (let some = null; !some || some.length;) { // it gives a hundred at a time
      some = await new Promise((done, fail) => reader.readEntries(done, fail));
      inside.push(...some);
    }
    return (await Promise.all(inside.map(filesOf))).flat();
  }
})();
