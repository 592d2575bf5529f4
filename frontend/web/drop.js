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

  // refuse says why a file is not handed over.
  const refuse = (name, why) => take(name, { arrayBuffer: () => Promise.reject(why) });
  const largest = 512 * 1024 * 1024;
  const give = (name, file) => {
    if (file.size > largest) refuse(name, `${name} is larger than ${largest >> 20} MiB, which is too much for a page; use espalier replay`);
    else take(name, file);
  };

  // read hands over a file, or what a run directory holds of a study.
  const read = (entry) => {
    const failed = (e) => refuse(entry.name, `${entry.name} cannot be read: ${e.message ?? e}`);
    if (entry.isFile) {
      entry.file((file) => give(entry.name, file), failed);
      return;
    }
    const reader = entry.createReader();
    let found = false;
    const more = () => reader.readEntries((entries) => {
      for (const inner of entries) {
        if (!inner.isFile || !["events.jsonl", "study.json"].includes(inner.name)) continue;
        found ||= inner.name === "events.jsonl";
        read(inner);
      }
      if (entries.length) more();
      else if (!found) refuse(entry.name, `the folder ${entry.name} has no events.jsonl; drop the folder of one study`);
    }, failed);
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
        if (file) give(file.name, file);
      }
    }
  });
};
