// Copying a quote with its citation.
(() => {
  "use strict";
  izvor.copy = async (button) => {
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
    izvor.announce(button.dataset.done);
    setTimeout(() => { button.textContent = label; }, 1200);
  };
})();
