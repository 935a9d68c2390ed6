// Copying a quote with its citation, and what a printed page says of itself.
(() => {
  "use strict";
  izvor.copied = ({ dataset }) => dataset.copy.replaceAll("\ufffc", new URL(dataset.link || "", location.href).href);
  izvor.copy = async (button) => {
    const text = izvor.copied(button);
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea"); // pages served without TLS have no clipboard interface
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    izvor.flash(button);
  };
  izvor.flash = (button) => {
    const label = button.textContent;
    if (label === button.dataset.done) return;
    button.textContent = button.dataset.done;
    izvor.announce(button.dataset.done);
    setTimeout(() => { button.textContent = label; }, 1200);
  };
  izvor.sign = () => {
    const line = izvor.$("[data-printed]");
    const day = new Date().toLocaleDateString(izvor.language() || undefined, { dateStyle: "long" });
    const said = `${day} · ${location.href}`;
    if (line && line.textContent !== said) line.textContent = said; // each change is observed, and would come here again
  };
  window.addEventListener("beforeprint", izvor.sign);
})();
// A quote in another language, as a language model translates it: on request, and marked as a machine's.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-translate]");
  if (!button) return;
  const { id, sha256, start, end, into, by } = button.dataset;
  const quote = izvor.$("blockquote", button.closest("li"));
  button.disabled = true;
  const say = (kind, text, language) => {
    const line = Object.assign(document.createElement("p"), { className: kind, textContent: text, lang: language });
    line.dataset.translated = "";
    return line;
  };
  try {
    const answer = await fetch("translate", {
      method: "POST", headers: { "Content-Type": "application/json", "Accept-Language": izvor.language() },
      body: JSON.stringify({ document_id: id, sha256, start: Number(start), end: Number(end), language: into }),
    });
    const body = await answer.json();
    for (const line of izvor.$$("[data-translated]", button.closest("li"))) line.remove();
    if (answer.ok) {
      quote.after(say("iz-translation", body.text, into), say("iz-note", by.replace("{model}", body.model).replace("{place}", body.place), izvor.language()));
      button.remove();
    } else quote.after(say("iz-note", body.detail, izvor.language()));
  } catch { /* the quote stands as it did */ }
  button.disabled = false;
});
