// This browser's questions: kept here, never sent.
(() => {
  "use strict";
  const { $, state, store } = izvor;
  const HISTORY = "izvor.questions";

  const asked = izvor.questions = () => { try { return JSON.parse(store.get(HISTORY) || "[]").filter((q) => typeof q === "string"); } catch { return []; } };
  let at = -1; // which of them the arrow keys have brought back; -1: what the reader types
  document.addEventListener("input", (event) => { if (event.isTrusted) at = -1; });
  izvor.recall = (step) => {
    const all = asked();
    const to = Math.min(at + step, all.length - 1);
    if (to === at || to < -1) return;
    at = to;
    state.typed = all[at] || "";
    izvor.write(state.typed);
  };
  izvor.noteQuestion = (question) => {
    at = -1;
    if (!question || question.length > 500 || asked().includes(question)) return;
    store.set(HISTORY, JSON.stringify([question, ...asked()].slice(0, 12)));
  };
  izvor.forgetQuestions = () => { store.set(HISTORY, "[]"); izvor.showHistory(); };
  izvor.showHistory = () => {
    const box = $("[data-history]");
    if (!box) return;
    const questions = asked();
    const shown = JSON.stringify(questions);
    if (box.dataset.shown === shown) return;
    box.dataset.shown = shown;
    $("ul", box).replaceChildren(...questions.map((question) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `?${new URLSearchParams({ q: question })}`;
      link.dataset.ask = question;
      link.textContent = question;
      item.append(link);
      return item;
    }));
    box.hidden = questions.length === 0;
  };
})();
