// The answer in words: it streams into its place above the quotes, each time as the server rendered it so far.
(() => {
  "use strict";
  const { $ } = izvor;
  let stream = null, source = "";

  izvor.onWritten = () => {
    const slot = $("#results [data-written]");
    const wanted = slot?.dataset.written || "";
    if (wanted === source) return;
    stream?.close();
    stream = null;
    source = wanted;
    if (!wanted) return;
    const own = stream = new EventSource(wanted);
    own.onmessage = (event) => {
      const place = $("#results [data-written]");
      if (own !== stream || place?.dataset.written !== wanted) { own.close(); return; }
      const opened = Boolean($(".iz-struck[open]", place));
      place.innerHTML = JSON.parse(event.data);
      if (opened) $(".iz-struck", place)?.setAttribute("open", "");
    };
    own.addEventListener("end", () => own.close()); // else the browser would ask once more
    own.onerror = () => own.close(); // the quotes stand as always
  };
})();
