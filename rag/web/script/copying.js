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
