// A list of which only the rows that can be seen exist. The rows are a pool of
// elements that are filled anew while the list scrolls; a spacer gives the list
// its height.
"use strict";
(() => {
  // Browsers cut elements off at some millions of pixels.
  const tallest = 8000000;

  function make(host) {
    const list = { host, first: -1, count: 0, total: 0, tall: 28, rows: [], asked: false, selected: -1 };
    list.spacer = document.createElement("div");
    list.spacer.className = "list-spacer";
    list.pane = document.createElement("div");
    list.pane.className = "list-pane";
    list.spacer.setAttribute("role", "presentation");
    list.pane.setAttribute("role", "presentation");
    list.titles = document.createElement("div");
    list.titles.setAttribute("role", "row");
    list.titles.className = "unseen";
    list.pane.append(list.titles);
    list.spacer.append(list.pane);
    host.replaceChildren(list.spacer);
    host.espalierList = list;
    host.addEventListener("scroll", () => ask(list), { passive: true });
    host.addEventListener("click", (e) => {
      const row = e.target.closest("[data-key]");
      if (row) host.espalierActivate(row.dataset.key);
    });
    let over = "";
    host.addEventListener("pointerover", (e) => {
      const key = e.target.closest("[data-key]")?.dataset.key ?? "";
      if (key !== over) host.espalierHover((over = key));
    });
    host.addEventListener("pointerleave", () => {
      if (over !== "") host.espalierHover((over = ""));
    });
    host.addEventListener("keydown", (e) => key(list, e));
    new ResizeObserver(() => ask(list)).observe(host);
    return list;
  }

  // ask tells the program, once a frame, which rows can be seen.
  function ask(list) {
    if (list.asked) return;
    list.asked = true;
    requestAnimationFrame(() => {
      list.asked = false;
      if (!list.host.isConnected) return;
      const first = Math.max(0, Math.floor(top(list) / list.tall) - 4);
      const count = Math.ceil(list.host.clientHeight / list.tall) + 8;
      list.host.espalierWindow(first, count);
    });
  }

  // A list that is taller than an element can be is squeezed: its scroll bar
  // then stands for more than its pixels.
  const squeeze = (list) => Math.max(1, (list.total * list.tall) / tallest);
  const top = (list) => list.host.scrollTop * squeeze(list);

  function key(list, e) {
    const page = Math.max(1, Math.floor(list.host.clientHeight / list.tall) - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -list.total, End: list.total }[e.key];
    if (step !== undefined && list.total > 0) {
      e.preventDefault();
      select(list, Math.min(list.total - 1, Math.max(0, (list.selected < 0 ? (step > 0 ? -1 : 0) : list.selected) + step)));
    } else if (e.key === "Enter" && list.selected >= 0) {
      const row = list.rows[list.selected - list.first];
      if (row && row.dataset.key) list.host.espalierActivate(row.dataset.key);
    }
  }

  function select(list, at) {
    list.selected = at;
    const y = at * list.tall, seen = list.host.clientHeight;
    if (y < top(list)) list.host.scrollTop = y / squeeze(list);
    else if (y + list.tall > top(list) + seen) list.host.scrollTop = (y + list.tall - seen) / squeeze(list);
    mark(list);
    ask(list);
  }

  function mark(list) {
    list.rows.forEach((row, i) => {
      const is = list.first + i === list.selected && !row.hidden;
      row.classList.toggle("selected", is);
      row.setAttribute("aria-selected", is);
      if (is) list.host.setAttribute("aria-activedescendant", row.id);
    });
  }

  // head tells a screen reader the columns, and gives them their widths: all
  // rows and the buttons above them share one grid.
  function head(list, titles, numeric) {
    list.host.setAttribute("aria-rowcount", list.total + 1);
    const widths = titles.map((t, c) => (numeric[c] ? "minmax(5.5rem, 1fr)" : "minmax(5.5rem, 1.4fr)")).join(" ");
    const scroll = list.host.parentElement;
    if (scroll.style.getPropertyValue("--columns") !== widths) scroll.style.setProperty("--columns", widths);
    scroll.style.setProperty("--least", titles.length * 6.25 + "rem");
    if (list.titles.children.length === titles.length) return;
    // Another number of columns: the rows are made anew.
    list.rows.forEach((row) => row.remove());
    list.rows = [];
    list.titles.replaceChildren(...titles.map((t) => {
      const cell = document.createElement("span");
      cell.setAttribute("role", "columnheader");
      cell.textContent = t;
      return cell;
    }));
  }

  // espalierList fills the list: first is the number of the first of the rows
  // in cells, total how many there are in all.
  globalThis.espalierList = (host, total, first, titles, numeric, cells, classes, keys) => {
    const list = host.espalierList ?? make(host);
    const columns = titles.length;
    head(list, titles, numeric);
    const count = keys.length;
    list.total = total;
    list.spacer.style.height = Math.min(total * list.tall, tallest) + "px";
    list.first = first;
    while (list.rows.length < count) {
      const row = document.createElement("div");
      row.setAttribute("role", "row");
      row.id = host.id + "-row-" + list.rows.length;
      for (let c = 0; c < columns; c++) {
        const cell = document.createElement("span");
        cell.setAttribute("role", "gridcell");
        if (numeric[c]) cell.className = "num";
        row.append(cell);
      }
      list.pane.append(row);
      list.rows.push(row);
    }
    for (let i = 0; i < list.rows.length; i++) {
      const row = list.rows[i];
      row.hidden = i >= count;
      if (row.hidden) continue;
      const name = "list-row " + classes[i];
      if (row.className !== name) row.className = name;
      row.dataset.key = keys[i];
      row.setAttribute("aria-rowindex", first + i + 2);
      for (let c = 0; c < columns; c++) {
        const value = cells[i * columns + c], cell = row.children[c];
        if (cell.textContent !== value) cell.textContent = value;
      }
    }
    const offset = first * list.tall - top(list) + list.host.scrollTop;
    list.pane.style.transform = `translateY(${offset}px)`;
    mark(list);
    const seen = Math.floor(top(list) / list.tall);
    if (total > 0 && (count === 0 || seen < first || seen >= first + count)) ask(list);
  };
})();
