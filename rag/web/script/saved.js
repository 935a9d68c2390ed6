// Answers that this reader keeps, with notes: in this browser, never sent; exported together with the questions asked.
(() => {
  "use strict";
  const { $, $$, store } = izvor;
  const SAVED = "izvor.saved";
  const MOST = 200;

  // anything may stand in a browser's storage
  const usable = (one) => ["q", "path", "search", "at", "note"].every((key) => typeof one?.[key] === "string")
    && one.path.startsWith("/") && one.search.startsWith("?") && Array.isArray(one.quotes)
    && one.quotes.every((quote) => typeof quote?.plain === "string" && typeof quote.markdown === "string");
  function saved() { try { return JSON.parse(store.get(SAVED) || "[]").filter(usable); } catch { return []; } }
  const same = (one, other) => one.path === other.path && one.search === other.search;
  function keep(all) {
    store.set(SAVED, JSON.stringify(all.slice(0, MOST)));
    izvor.showSaved();
  }
  izvor.save = (button) => {
    const search = $("#results [data-url]").dataset.url;
    const quotes = $$(".iz-quotes > li").map((item) => {
      const [plain, , markdown] = $$("[data-copy]", item).map(izvor.copied);
      return { plain, markdown };
    });
    const one = { q: new URLSearchParams(search).get("q") || "", path: location.pathname, search, at: new Date().toISOString(), quotes, note: "" };
    const before = saved();
    one.note = before.find((other) => same(one, other))?.note || "";
    keep([one, ...before.filter((other) => !same(one, other))]);
    izvor.flash(button);
  };
  const made = (kind, text, more = {}) => Object.assign(document.createElement(kind), { textContent: text, ...more });
  izvor.showSaved = () => {
    const root = $("[data-saved]");
    if (!root) return;
    const all = saved();
    const shown = JSON.stringify([izvor.language(), all.map(({ note, ...one }) => one)]);
    if (root.dataset.shown === shown) return; // a note is being written
    root.dataset.shown = shown;
    const { note, delete: remove } = root.dataset;
    $("[data-saved-empty]").hidden = all.length > 0;
    $("[data-saved-tools]").hidden = all.length === 0;
    root.replaceChildren(...all.map((one, at) => {
      const item = document.createElement("li");
      const head = document.createElement("h3");
      head.append(made("a", one.q, { href: one.path + one.search }));
      const day = made("p", new Date(one.at).toLocaleDateString(izvor.language() || undefined, { dateStyle: "long" }), { className: "iz-note" });
      const words = made("textarea", "", { value: one.note, rows: 2, maxLength: 4000 });
      words.addEventListener("input", () => store.set(SAVED, JSON.stringify(saved().map((other) => (same(one, other) ? { ...other, note: words.value } : other)))));
      const label = made("label", note);
      label.append(words);
      const gone = izvor.button("iz-remove", remove, () => { keep(saved().filter((other) => !same(one, other))); $("#answer").focus(); });
      gone.setAttribute("aria-label", `${remove}: ${one.q}`);
      item.append(head, day, ...one.quotes.map((quote) => made("blockquote", quote.plain)), label, gone);
      return item;
    }));
  };
  const plain = (text) => text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>#|]/g, "\\$&");
  izvor.exportSaved = (kind, headings) => {
    const all = saved();
    const parts = all.flatMap((one) => [
      `## ${plain(one.q)}`, `${one.at.slice(0, 10)} · <${new URL(one.path + one.search, location.href).href.replace(/>/g, "%3E")}>`,
      ...one.quotes.map((quote) => quote.markdown), ...(one.note ? [`${headings.note}: ${plain(one.note)}`] : []),
    ]);
    const asked = izvor.questions();
    const markdown = [`# ${headings.heading}`, ...parts, ...(asked.length ? [`# ${headings.asked}`, asked.map((q) => `- ${plain(q)}`).join("\n")] : [])].join("\n\n");
    const text = kind === "json" ? JSON.stringify({ saved: all, questions: asked }, null, 2) : markdown;
    const link = made("a", "", { href: URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" })), download: `izvor-${new Date().toISOString().slice(0, 10)}.${kind}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-save], [data-saved-export]");
    if (target && "save" in target.dataset) izvor.save(target);
    else if (target) izvor.exportSaved(target.dataset.savedExport, $("[data-saved]").dataset);
  });
})();
