// The filters: menus that open one at a time, can be searched, and keep what the reader chose while answers come.
(() => {
  "use strict";
  const { $, $$, state } = izvor;
  let open = ""; // the menu that is open: the server's next rendering does not know of it

  izvor.chosen = () => {
    const values = (name) => $$(`#filters [data-filter="${name}"]:checked`).map((one) => one.value);
    const date = (name) => $(`#filters [data-date="${name}"]`)?.value || "";
    return {
      languages: values("languages"), outlets: values("outlets"), documents: values("documents"),
      published_from: date("published_from"), published_to: date("published_to"),
      order: values("order")[0] || "", collapse: values("copies").length ? "false" : "",
    };
  };
  izvor.onFilters = () => {
    const root = $("#filters [data-url]");
    if (!root) return;
    const view = state.pending || izvor.readAddress(root.dataset.url);
    for (const one of $$("[data-filter]", root)) {
      const wanted = { order: [view.order || "relevance"], copies: view.collapse === "false" ? ["each"] : [] };
      one.checked = (wanted[one.dataset.filter] || view[one.dataset.filter] || []).includes(one.value);
    }
    for (const one of $$("[data-date]", root)) if (one !== document.activeElement) one.value = view[one.dataset.date] || "";
    for (const menu of $$("[data-menu]", root)) if (menu.open !== (menu.dataset.menu === open)) menu.open = menu.dataset.menu === open;
    izvor.rove(root);
  };
  izvor.closeMenus = (focus = false) => {
    const menu = open && $(`#filters [data-menu="${open}"]`);
    open = "";
    if (menu) {
      menu.open = false;
      if (focus) $("summary", menu).focus();
    }
    return Boolean(menu);
  };
  document.addEventListener("click", (event) => {
    const summary = event.target.closest?.("#filters summary");
    if (summary) {
      const menu = summary.parentElement;
      const opening = !menu.open;
      izvor.closeMenus();
      event.preventDefault();
      menu.open = opening;
      open = opening ? menu.dataset.menu : "";
      if (opening) $("[data-menu-find]", menu)?.focus();
    } else if (event.target.closest?.("[data-menu-more]")) {
      const menu = event.target.closest("[data-menu]");
      menu.classList.add("iz-all");
      $("[data-behind] input", menu)?.focus();
    } else if (!event.target.closest?.("#filters [data-menu]")) izvor.closeMenus();
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("#filters") && event.target.matches("[data-filter], [data-date]") && state.begun) {
      if (document.body.classList.contains("iz-corpus-page")) izvor.navigate({ ...izvor.chosen(), lacking: "", after: "", until: "", cite: "" });
      else izvor.ask();
    }
  });
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-menu-find]")) return;
    const menu = event.target.closest("[data-menu]");
    const sought = plain(event.target.value.trim());
    menu.classList.toggle("iz-searching", sought !== "");
    for (const one of $$("li", menu)) one.classList.toggle("iz-found", plain(one.textContent).includes(sought));
  });

  // a row of tools is one stop for Tab; arrow keys go from one to the next
  izvor.rove = (row) => {
    const stops = $$("[data-stop]", row);
    const at = stops.find((one) => one === document.activeElement) || stops.find((one) => one.tabIndex === 0 && one.dataset.at) || stops[0];
    for (const one of stops) {
      one.tabIndex = one === at ? 0 : -1;
      if (one === at) one.dataset.at = "1"; else delete one.dataset.at;
    }
  };
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("[data-roving] [data-stop]")) izvor.rove(event.target.closest("[data-roving]"));
  });
  izvor.stepTool = (stop, key) => {
    const stops = $$("[data-stop]", stop.closest("[data-roving]")).filter((one) => one.offsetParent !== null);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const next = key === "Home" ? stops[0] : key === "End" ? stops.at(-1) : stops[stops.indexOf(stop) + by];
    next?.focus();
  };
})();
