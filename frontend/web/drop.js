// Takes files and folders that are dropped on the page.
"use strict";
globalThis.espalierDrop = (take) => {
  const wanted = (e) => e.dataTransfer && [...e.dataTransfer.types].includes("Files");
  addEventListener("dragover", (e) => {
    if (!wanted(e)) return;
    e.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (e) => {
    if (!e.relatedTarget) document.body.classList.remove("dropping");
  });

  // read hands over a file, or what a run directory holds of a study.
  const read = (entry) => {
    if (entry.isFile) {
      entry.file((file) => take(entry.name, file));
      return;
    }
    const reader = entry.createReader();
    const more = () => reader.readEntries((entries) => {
      for (const inner of entries) if (inner.isFile && ["events.jsonl", "study.json"].includes(inner.name)) read(inner);
      if (entries.length) more();
    });
    more();
  };
  addEventListener("drop", (e) => {
    if (!wanted(e)) return;
    e.preventDefault();
    document.body.classList.remove("dropping");
    for (const item of [...e.dataTransfer.items]) {
      const entry = item.webkitGetAsEntry?.();
      if (entry) read(entry);
      else if (item.kind === "file") {
        const file = item.getAsFile();
        take(file.name, file);
      }
    }
  });
};
