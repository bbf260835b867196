// Runs before the application: sets the theme that the address asks for, and tells
// when the page has lost its server.
(() => {
  "use strict";
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search).get("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const fixed = asked === "dark" || asked === "light" ? asked : null;

  const show = () => {
    root.dataset.theme = fixed ?? (dark.matches ? "dark" : "light");
  };
  show();
  dark.addEventListener("change", show);

  if (fixed) {
    // Streamlit follows the machine's preference and offers no address for it, so it
    // is told that the machine prefers what the visitor asked for.
    const real = window.matchMedia.bind(window);
    window.matchMedia = (query) => {
      const wanted = /prefers-color-scheme:\s*(dark|light)/.exec(query);
      if (!wanted) return real(query);
      return {
        matches: wanted[1] === fixed,
        media: query,
        onchange: null,
        addEventListener() {},
        removeEventListener() {},
        addListener() {},
        removeListener() {},
        dispatchEvent: () => false,
      };
    };
  }

  // A figure that stands still must not look alive: when the page is not drawn anew
  // for as long as its server said, it tells so.
  let drawnAt = null;
  let changedAt = Date.now();
  setInterval(() => {
    const skip = document.querySelector('[data-testid="stSkipToContent"]');
    const words = document.getElementById("root")?.dataset.skip;
    if (skip && words && skip.textContent !== words) skip.textContent = words;
    const mark = document.querySelector("[data-drawn-at]");
    if (!mark) return;
    if (mark.dataset.drawnAt !== drawnAt) {
      drawnAt = mark.dataset.drawnAt;
      changedAt = Date.now();
    }
    const lost = Date.now() - changedAt > Number(mark.dataset.lostAfterMs);
    root.classList.toggle("ioc-lost", lost);
  }, 1_000);

  addEventListener("DOMContentLoaded", () => {
    const words = document.getElementById("root")?.dataset.lost;
    if (!words) return;
    const note = document.createElement("p");
    note.className = "ioc-lost-note";
    note.setAttribute("role", "status");
    note.textContent = words;
    document.body.append(note);

    // Streamlit tells of a lost connection in English, in a dialog that locks the page.
    // Ours says the same in the visitor's language; no page of ours uses its dialogs.
    new MutationObserver(() => {
      document.querySelector('[data-testid="stDialog"] button')?.click();
    }).observe(document.body, { childList: true });
  });
})();
