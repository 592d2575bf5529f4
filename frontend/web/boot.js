// Starts the app, and says what to do where it cannot be started.
"use strict";
// The part of the address after '#' names a view, so this link leads nowhere.
document.querySelector(".skip").addEventListener("click", (e) => {
  e.preventDefault();
  document.getElementById("main")?.focus();
});
(async () => {
  const url = document.currentScript?.dataset.app ?? document.querySelector("script[data-app]").dataset.app;
  const fail = (why) => {
    const p = document.createElement("p");
    p.className = "loading";
    p.setAttribute("role", "alert");
    p.textContent = `The page could not be started: ${why} Reload it; if that does not help, use a current browser.`;
    document.getElementById("app").replaceChildren(p);
  };
  if (typeof WebAssembly !== "object" || typeof Go !== "function") {
    fail("this browser has no WebAssembly.");
    return;
  }
  try {
    const go = new Go();
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url} was answered with ${response.status}.`);
    const typed = (response.headers.get("Content-Type") ?? "").startsWith("application/wasm");
    const { instance } = typed && WebAssembly.instantiateStreaming
      ? await WebAssembly.instantiateStreaming(response, go.importObject)
      : await WebAssembly.instantiate(await response.arrayBuffer(), go.importObject);
    await go.run(instance);
    fail("the program has ended.");
  } catch (e) {
    fail(`${e.message ?? e}`);
  }
})();
