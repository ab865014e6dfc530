"use strict";
// The page's data: types [name, family, fields], events [type, position, core, cause or "", fields], lanes [layer, name],
// items [lane, begin, end, depth, name, event, ending event or -1, instant], arrows [lane, time, lane, time].
const timelineView = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { types, events, lanes, items, arrows, begin, end } = data;
  const canvas = document.getElementById("canvas");
  const scroll = document.getElementById("scroll");
  const details = document.getElementById("details");
  const pen = canvas.getContext("2d");
  const LABEL = 150, ROW = 14, GAP = 6, AXIS = 22;
  const HUES = { INPUT: 45, CPU: 0, VMM: 205, KITTEN: 130, RACKET: 285, PROBE: 25 };
  const whole = Math.max(10, end - begin);
  const view = { from: begin, to: begin + whole };
  let selected = -1, hits = [], hit = -1, hitSet = new Set();

  // Each lane's rows lie below each other; a layer begins with its name.
  const rows = lanes.map(() => 1);
  for (const item of items) rows[item[0]] = Math.max(rows[item[0]], item[3] + 1);
  const tops = [];
  let height = AXIS, layer = "";
  lanes.forEach((lane, i) => {
    if (lane[0] !== layer) { layer = lane[0]; height += 18; }
    tops.push(height);
    height += rows[i] * ROW + GAP;
  });
  const byLane = lanes.map(() => []);
  items.forEach((item, i) => byLane[item[0]].push(i));
  const byPosition = new Map(events.map((event, i) => [event[1], i]));
  const effects = new Map();
  events.forEach((event, i) => {
    if (event[3]) {
      if (!effects.has(event[3])) effects.set(event[3], []);
      effects.get(event[3]).push(i);
    }
  });
  const itemOf = new Map();
  items.forEach((item, i) => {
    if (item[5] >= 0 && !itemOf.has(item[5])) itemOf.set(item[5], i);
    if (item[6] >= 0 && !itemOf.has(item[6])) itemOf.set(item[6], i);
  });

  const width = () => canvas.clientWidth - LABEL;
  const x = time => LABEL + (time - view.from) / (view.to - view.from) * width();
  const time = px => view.from + (px - LABEL) / width() * (view.to - view.from);
  const y = item => tops[item[0]] + item[3] * ROW;

  function colour(item) {
    const family = item[5] >= 0 ? types[events[item[5]][0]][1] : "KITTEN";
    let code = 0;
    for (const c of item[4]) code = (code * 31 + c.charCodeAt(0)) % 997;
    return `hsl(${HUES[family] + code % 30} 55% ${58 + code % 20}%)`;
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const wide = scroll.clientWidth, tall = Math.max(height, scroll.clientHeight);
    canvas.style.width = wide + "px";
    canvas.style.height = tall + "px";
    canvas.width = wide * ratio;
    canvas.height = tall * ratio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    const ink = getComputedStyle(document.body).color;
    axis(ink, tall);
    byLane.forEach((list, lane) => drawLane(list, lane, ink));
    drawArrows();
    layer = "";
    lanes.forEach((lane, i) => {
      if (lane[0] !== layer) {
        layer = lane[0];
        pen.fillStyle = ink;
        pen.font = "bold 12px system-ui, sans-serif";
        pen.fillText(layer, 6, tops[i] - 9);
        pen.font = "11px system-ui, sans-serif";
      }
      pen.fillStyle = ink;
      pen.fillText(lane[1].slice(0, 24), 14, tops[i] + ROW / 2);
    });
    document.getElementById("range").textContent =
      `${tick(view.from)} to ${tick(view.to)} ns`;
  }

  const tick = t => Math.max(0, Math.floor(t / 1000)).toLocaleString("en");

  function axis(ink, tall) {
    const span = view.to - view.from;
    let step = Math.pow(10, Math.floor(Math.log10(span / 6)));
    if (span / step > 30) step *= 5; else if (span / step > 12) step *= 2;
    pen.fillStyle = ink;
    for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) {
      pen.globalAlpha = 0.12;
      pen.fillRect(x(t), AXIS, 1, tall);
      pen.globalAlpha = 1;
      pen.fillText(step >= 1000 ? tick(t) : (t / 1000).toFixed(3), x(t) + 3, AXIS / 2);
    }
  }

  function drawLane(list, lane, ink) {
    const lastPixel = [];
    for (const index of list) {
      const item = items[index];
      if (item[1] > view.to) break;
      if (item[2] < view.from) continue;
      const a = Math.max(LABEL, x(item[1])), b = Math.max(a + 1, x(item[2]));
      const special = index === selected || hitSet.has(index);
      const pixel = Math.floor(b);
      // What falls on one pixel with another one is not seen.
      if (!special && b - a < 1.5 && lastPixel[item[3]] === pixel) continue;
      lastPixel[item[3]] = pixel;
      pen.fillStyle = index === selected ? "#000" : hitSet.has(index) ? "#d0f" : colour(item);
      if (item[7]) {
        pen.beginPath();
        pen.moveTo(a, y(item) + 1);
        pen.lineTo(a + 4, y(item) + ROW / 2);
        pen.lineTo(a, y(item) + ROW - 2);
        pen.lineTo(a - 4, y(item) + ROW / 2);
        pen.fill();
      } else {
        pen.fillRect(a, y(item), b - a, ROW - 2);
      }
      if (b - a > 30) {
        pen.fillStyle = index === selected ? "#fff" : "#111";
        pen.fillText(item[4].slice(0, Math.floor((b - a) / 6)), a + 3, y(item) + ROW / 2 - 1, b - a - 4);
      }
    }
  }

  function drawArrows() {
    const seen = arrows.filter(arrow => arrow[3] >= view.from && arrow[1] <= view.to);
    if (seen.length > 3000) return;
    pen.strokeStyle = "rgba(200, 60, 0, 0.55)";
    for (const [fromLane, fromTime, toLane, toTime] of seen) {
      const x1 = x(fromTime), y1 = tops[fromLane] + ROW / 2, x2 = x(toTime), y2 = tops[toLane] + ROW / 2;
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.bezierCurveTo(x1 + 20, y1, x2 - 20, y2, x2, y2);
      pen.stroke();
    }
  }

  function show(from, to) {
    const span = Math.max(10, Math.min(to - from, whole * 1.1));
    const low = Math.max(begin - whole * 0.05, Math.min(from, begin + Math.max(0, whole * 1.05 - span)));
    view.from = low;
    view.to = low + span;
    draw();
  }

  function zoom(factor, at) {
    const centre = at === undefined ? (view.from + view.to) / 2 : at;
    show(centre - (centre - view.from) / factor, centre + (view.to - centre) / factor);
  }

  function find(px, py) {
    let best = -1, distance = 6;
    byLane.forEach((list, lane) => {
      if (py < tops[lane] || py > tops[lane] + rows[lane] * ROW) return;
      const depth = Math.floor((py - tops[lane]) / ROW);
      for (const index of list) {
        const item = items[index];
        if (item[3] !== depth) continue;
        const a = x(item[1]), b = Math.max(a + 1, x(item[2]));
        const off = px < a ? a - px : px > b ? px - b : 0;
        if (off < distance || off === distance && off < 6) { best = index; distance = off; }
      }
    });
    return best;
  }

  function text(tag, content, parent) {
    const element = document.createElement(tag);
    element.textContent = content;
    parent.appendChild(element);
    return element;
  }

  const line = i => `${events[i][1]} ${types[events[i][0]][0]} ${summary(events[i])}`;
  const summary = event => Object.entries(event[4]).slice(0, 3).map(([k, v]) =>
    `${k}=${typeof v === "object" ? JSON.stringify(v) : v}`).join(" ").slice(0, 90);

  function link(i, parent) {
    const a = text("a", line(i), parent);
    a.dataset.at = events[i][1];
    a.addEventListener("click", () => go(i));
  }

  function describe(i, parent) {
    const event = events[i], type = types[event[0]];
    text("h2", `${event[1]} ${type[0]}`, parent);
    const table = text("table", "", parent);
    const row = (name, value) => {
      const tr = text("tr", "", table);
      text("td", name, tr);
      text("td", value, tr);
    };
    row("layer", type[1]);
    row("core", event[2]);
    for (const [name, value] of Object.entries(event[4])) {
      row(name, typeof value === "object" ? JSON.stringify(value)
        : typeof value === "number" && Math.abs(value) > 4096 && Number.isInteger(value)
          ? `${value} (0x${BigInt.asUintN(64, BigInt(value)).toString(16)})` : String(value));
    }
  }

  function chain(i, parent) {
    text("h3", "because of", parent);
    let cause = events[i][3];
    if (!cause) text("div", "nothing else in the journal", parent);
    for (let n = 0; cause && n < 20; n++) {
      const index = byPosition.get(cause);
      if (index === undefined) { text("div", `${cause}, which is not in this page`, parent); break; }
      link(index, parent);
      cause = events[index][3];
    }
    const caused = effects.get(events[i][1]) || [];
    text("h3", caused.length ? "led to" : "led to nothing", parent);
    caused.slice(0, 200).forEach(index => link(index, parent));
    if (caused.length > 200) text("div", `and ${caused.length - 200} more`, parent);
  }

  function select(index) {
    selected = index;
    details.textContent = "";
    if (index >= 0) {
      const item = items[index];
      if (item[5] >= 0) { describe(item[5], details); chain(item[5], details); }
      if (item[6] >= 0 && item[6] !== item[5]) {
        text("h3", "ended by", details);
        describe(item[6], details);
        chain(item[6], details);
      }
      text("h3", "at the same tick", details);
      const tick = events[item[5] >= 0 ? item[5] : item[6]][1].split(":")[0] + ":";
      const at = item[5] >= 0 ? item[5] : item[6];
      for (let i = Math.max(0, at - 15); i < Math.min(events.length, at + 16); i++) {
        if (events[i][1].startsWith(tick)) link(i, details);
      }
    }
    draw();
  }

  /** Goes to an event: it is in the middle and selected. */
  function go(i) {
    const index = itemOf.get(i);
    if (index === undefined) return;
    const item = items[index], span = view.to - view.from;
    if (item[1] < view.from || item[2] > view.to) show((item[1] + item[2] - span) / 2, (item[1] + item[2] + span) / 2);
    scroll.scrollTop = Math.max(0, y(item) - scroll.clientHeight / 2);
    select(index);
  }

  function search(words) {
    const wanted = words.trim().toLowerCase();
    hits = [];
    if (wanted) {
      items.forEach((item, index) => {
        const found = [item[5], item[6]].some(i => i >= 0
          && (events[i][1] === wanted || (types[events[i][0]][0] + " " + JSON.stringify(events[i][4])).toLowerCase().includes(wanted)));
        if (found || item[4].toLowerCase().includes(wanted)) hits.push(index);
      });
    }
    hitSet = new Set(hits);
    hit = -1;
    document.getElementById("hits").textContent = wanted ? `${hits.length} found` : "";
    draw();
    return hits.length;
  }

  function step(by) {
    if (!hits.length) return;
    hit = (hit + by + hits.length) % hits.length;
    const item = items[hits[hit]];
    go(item[5] >= 0 ? item[5] : item[6]);
    select(hits[hit]);
    document.getElementById("hits").textContent = `${hit + 1} of ${hits.length} found`;
  }

  canvas.addEventListener("wheel", event => {
    if (event.shiftKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.4 : 1 / 1.4, time(event.offsetX));
  }, { passive: false });
  let drag = null;
  canvas.addEventListener("mousedown", event => { drag = { x: event.offsetX, from: view.from, to: view.to, moved: false }; });
  window.addEventListener("mousemove", event => {
    if (!drag || !event.buttons) return;
    const rect = canvas.getBoundingClientRect();
    const moved = event.clientX - rect.left - drag.x;
    if (Math.abs(moved) > 3 || drag.moved) {
      drag.moved = true;
      const by = moved / width() * (drag.to - drag.from);
      show(drag.from - by, drag.to - by);
    }
  });
  window.addEventListener("mouseup", event => {
    if (drag && !drag.moved && event.target === canvas) select(find(event.offsetX, event.offsetY));
    drag = null;
  });
  canvas.addEventListener("dblclick", event => {
    const index = find(event.offsetX, event.offsetY);
    if (index >= 0) {
      const item = items[index], span = Math.max(20, item[2] - item[1]);
      show(item[1] - span * 0.1, item[2] + span * 0.1);
    }
  });
  const on = (id, what) => document.getElementById(id).addEventListener("click", what);
  const pan = part => show(view.from + part * (view.to - view.from), view.to + part * (view.to - view.from));
  on("in", () => zoom(2)); on("out", () => zoom(0.5)); on("left", () => pan(-0.3)); on("right", () => pan(0.3));
  on("fit", () => show(begin, begin + whole)); on("next", () => step(1)); on("previous", () => step(-1));
  const box = document.getElementById("search");
  box.addEventListener("input", () => search(box.value));
  box.addEventListener("keydown", event => { if (event.key === "Enter") step(event.shiftKey ? -1 : 1); });
  window.addEventListener("keydown", event => {
    if (event.target === box) return;
    const keys = { w: () => zoom(1.5), "+": () => zoom(1.5), s: () => zoom(1 / 1.5), "-": () => zoom(1 / 1.5),
      a: () => pan(-0.2), d: () => pan(0.2), 0: () => show(begin, begin + whole), "/": () => { event.preventDefault(); box.focus(); } };
    if (keys[event.key]) keys[event.key]();
  });
  window.addEventListener("resize", draw);
  document.getElementById("notice").textContent = data.notice;
  show(begin, begin + whole);

  /** For tests: where an event is on the page. */
  function place(position) {
    const index = itemOf.get(byPosition.get(position)), item = items[index], rect = canvas.getBoundingClientRect();
    return { x: rect.left + (x(item[1]) + Math.max(x(item[1]) + 1, x(item[2]))) / 2, y: rect.top + y(item) + ROW / 2 - 1 };
  }

  return { view, search, zoom, show, go: position => go(byPosition.get(position)), place, lanes, count: events.length };
})();
