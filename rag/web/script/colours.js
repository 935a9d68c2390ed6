// Colours and interface language.
(() => {
  "use strict";
  const { $, store } = izvor;
  const THEME = "izvor.theme";
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
    if ("language" in data) izvor.speak(event.target.value);
    if ("corpora" in data) { // the same question there
      const { q, lang } = izvor.readAddress();
      const query = new URLSearchParams(Object.entries({ q, lang }).filter(([, value]) => value));
      location.assign(`${event.target.value}?${query}`);
    }
  });
  izvor.language = () => document.documentElement.dataset.izLang || "";
  /** The same where the server has not said yet which it is: the choice it would make. */
  izvor.spoken = () => [izvor.language(), izvor.readAddress().lang, ...navigator.languages.map((one) => one.split("-")[0])]
    .find((one) => one in izvor.words) || "en";
  izvor.onHeader = () => {
    const language = $("[data-language] option[selected]")?.value;
    if (language) {
      document.documentElement.lang = language;
      document.documentElement.dataset.izLang = language;
      $("[data-language]").value = language;
    }
    const here = $("[data-corpora] option[selected]"); // after going back, a browser keeps what was chosen
    if (here) here.parentElement.value = here.value;
    colour();
    for (const row of izvor.$$("#header [data-roving]")) izvor.rove(row);
  };
})();
