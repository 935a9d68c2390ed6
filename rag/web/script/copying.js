// Copying a quote with its citation, and what a printed page says of itself.
(() => {
  "use strict";
  izvor.copy = async (button) => {
    const link = new URL(button.dataset.link || "", location.href).href;
    const text = button.dataset.copy.replaceAll("\ufffc", link);
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
