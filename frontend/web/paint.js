// Paints what chart.Commands has written.
"use strict";
(() => {
  // As in package chart.
  const roles = ["ink", "faint", "grid", "paper", "first", "second", "third", "fourth", "fifth", "sixth", "good", "bad", "focus", "shade"];
  const forms = [line, area, dots, rects, text];
  const header = 12;
  const longest = 16000; // pixels of a side; browsers draw nothing on a canvas that is much longer

  // colours reads the page's present colour of every role.
  function colours(host) {
    const style = getComputedStyle(host);
    return roles.map((r) => style.getPropertyValue("--" + (r === "shade" ? "first" : r)).trim() || "#888");
  }

  function outline(g, xy) {
    g.beginPath();
    for (let i = 0; i + 1 < xy.length; i += 2) i ? g.lineTo(xy[i], xy[i + 1]) : g.moveTo(xy[i], xy[i + 1]);
  }

  function line(g, m, colour) {
    outline(g, m.xy);
    g.strokeStyle = colour;
    g.lineWidth = m.width;
    g.setLineDash(m.dashed ? [5, 4] : []);
    g.stroke();
    g.setLineDash([]);
  }

  function area(g, m, colour) {
    outline(g, m.xy);
    g.closePath();
    g.fillStyle = colour;
    g.fill();
  }

  const shapes = [
    (g, x, y, r) => { g.moveTo(x + r, y); g.arc(x, y, r, 0, 7); },
    (g, x, y, r) => { g.moveTo(x - r, y - r); g.lineTo(x + r, y + r); g.moveTo(x - r, y + r); g.lineTo(x + r, y - r); },
    (g, x, y, r) => { g.moveTo(x + r, y); g.arc(x, y, r, 0, 7); },
    (g, x, y, r) => g.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r),
    (g, x, y, r) => { g.moveTo(x, y - 1.2 * r); g.lineTo(x + 1.2 * r, y); g.lineTo(x, y + 1.2 * r); g.lineTo(x - 1.2 * r, y); g.closePath(); },
    (g, x, y, r) => { g.moveTo(x, y - 1.2 * r); g.lineTo(x + 1.1 * r, y + 0.9 * r); g.lineTo(x - 1.1 * r, y + 0.9 * r); g.closePath(); },
  ];
  const hollow = [false, true, true, false, false, false];

  function dots(g, m, colour) {
    g.beginPath();
    for (let i = 0; i + 1 < m.xy.length; i += 2) shapes[m.shape](g, m.xy[i], m.xy[i + 1], m.size / 2);
    g.strokeStyle = g.fillStyle = colour;
    g.lineWidth = m.width || 1;
    hollow[m.shape] ? g.stroke() : g.fill();
  }

  function rects(g, m, colour) {
    g.strokeStyle = g.fillStyle = colour;
    g.lineWidth = m.width;
    for (let i = 0; i + 3 < m.xy.length; i += 4) {
      if (m.values.length) g.globalAlpha = Math.max(0, Math.min(1, m.values[i / 4] || 0));
      m.width > 0 ? g.strokeRect(m.xy[i], m.xy[i + 1], m.xy[i + 2], m.xy[i + 3]) : g.fillRect(m.xy[i], m.xy[i + 1], m.xy[i + 2], m.xy[i + 3]);
    }
  }

  function text(g, m, colour) {
    g.fillStyle = colour;
    g.font = (m.bold ? "600 " : "") + g.espalierFont;
    g.textAlign = ["left", "center", "right"][m.anchor];
    g.fillText(m.text, m.xy[0], m.xy[1]);
  }

  // espalierPaint paints a picture over the host, on a canvas that it keeps
  // there.
  globalThis.espalierPaint = (host, width, height, title, numbers, texts) => {
    let canvas = host.espalierCanvas;
    if (!canvas || canvas.parentNode !== host) {
      canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      host.replaceChildren(canvas);
      host.espalierCanvas = canvas;
    }
    const scale = Math.min(globalThis.devicePixelRatio || 1, longest / Math.max(width, height, 1));
    const w = Math.round(width * scale), h = Math.round(height * scale);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.width = width + "px";
      canvas.style.height = height + "px";
    }
    canvas.setAttribute("aria-label", title);
    const g = canvas.getContext("2d");
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, width, height);
    g.lineJoin = "round";
    g.espalierFont = "11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";
    const palette = colours(host);
    for (let at = 0; at + header <= numbers.length;) {
      const [form, role, opacity, lineWidth, dashed, shape, size, anchor, bold, textAt, values, count] = numbers.subarray(at, at + header);
      at += header;
      const m = {
        width: lineWidth, dashed, shape, size, anchor, bold, text: textAt < 0 ? "" : texts[textAt],
        values: numbers.subarray(at, at + values), xy: numbers.subarray(at + values, at + values + count),
      };
      at += values + count;
      g.globalAlpha = opacity;
      forms[form](g, m, palette[role]);
    }
    g.globalAlpha = 1;
  };

  // espalierWatch tells what is done with the picture over a host: where the
  // pointer is, at most once a frame, which keys are pressed, and when the host
  // has another size.
  globalThis.espalierWatch = (host, pointer, step, resized) => {
    let last = null;
    const at = (e) => {
      const box = host.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    host.addEventListener("pointermove", (e) => {
      if (!last) requestAnimationFrame(() => {
        if (last) pointer("move", ...last);
        last = null;
      });
      last = at(e);
    });
    host.addEventListener("pointerleave", () => {
      last = null;
      pointer("leave", 0, 0);
    });
    host.addEventListener("click", (e) => pointer("press", ...at(e)));
    host.addEventListener("keydown", (e) => {
      if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter"].includes(e.key)) return;
      e.preventDefault();
      step(e.key);
    });
    let width = host.clientWidth;
    new ResizeObserver(() => {
      if (host.clientWidth !== width) resized();
      width = host.clientWidth;
    }).observe(host);
  };

  // espalierSave offers the picture over a host as an image.
  globalThis.espalierSave = (host, name) => {
    const shown = host.espalierCanvas, copy = document.createElement("canvas");
    copy.width = shown.width;
    copy.height = shown.height;
    const g = copy.getContext("2d");
    g.fillStyle = getComputedStyle(host).getPropertyValue("--paper").trim() || "#fff";
    g.fillRect(0, 0, copy.width, copy.height);
    g.drawImage(shown, 0, 0);
    copy.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      document.body.append(link);
      link.click();
      link.remove();
      URL.revokeObjectURL(link.href);
    }, "image/png");
  };
})();
