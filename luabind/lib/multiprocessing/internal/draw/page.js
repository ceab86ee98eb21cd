
// What stands around the chart: arrows, the map, hover, keys, search, the summary.

const find = id => document.getElementById(id);

function rowY(index) {
  const at = view.place.get(index);
  return at === undefined ? null : AXIS + at * rowHeight() - view.top + rowHeight() / 2;
}

function drawArrows(g, h) {
  const c = view.colors, most = 1500;
  const low = (() => { // arrows are in the order of their beginning
    let a = 0, b = cols.at.length;
    const t = view.from - cols.longest;
    while (a < b) { const m = (a + b) >> 1; if (cols.at[m] < t) a = m + 1; else b = m; }
    return a;
  })();
  const list = [];
  for (let i = low; i < cols.at.length && cols.at[i] <= view.to; i++) {
    if (cols.then[i] < view.from || cols.source[i] === cols.target[i]) continue;
    const from = rowY(cols.source[i]), to = rowY(cols.target[i]);
    if (from === null || to === null || Math.max(from, to) < 0 || Math.min(from, to) > view.chartHeight) continue;
    list.push(i);
    if (list.length > most) break;
  }
  const crowded = list.length > most;
  for (const i of list) {
    const own = cols.source[i] === view.row || cols.target[i] === view.row;
    if (crowded && !own) continue;
    arrow(g, i, own && view.row >= 0 ? c.select : c.arrow, list.length > 150 && !own ? .25 : .75);
  }
  view.crowded = crowded;
}

function arrow(g, i, color, alpha) {
  const x1 = x(cols.at[i]), x2 = x(cols.then[i]), h = rowHeight();
  let y1 = rowY(cols.source[i]), y2 = rowY(cols.target[i]);
  const down = y2 > y1 ? 1 : -1;
  y1 += down * h * .3; y2 -= down * h * .3;
  g.globalAlpha = alpha;
  g.strokeStyle = g.fillStyle = color;
  g.lineWidth = cols.kind[i] === 0 ? 1 : 1.2;
  g.setLineDash(cols.kind[i] === 0 || cols.kind[i] === 3 ? [3, 3] : []);
  g.beginPath(); g.moveTo(x1, y1);
  g.bezierCurveTo(x1, y1 + down * h * .5, x2, y2 - down * h * .6, x2, y2);
  g.stroke();
  g.setLineDash([]);
  g.beginPath(); g.moveTo(x2, y2); g.lineTo(x2 - 3.5, y2 - down * 6); g.lineTo(x2 + 3.5, y2 - down * 6); g.fill();
  g.globalAlpha = 1;
}

// drawChain marks what the end of the run has waited for.
function drawChain(g, h) {
  g.fillStyle = g.strokeStyle = view.colors.select;
  g.lineWidth = 2;
  let before = null;
  for (const part of data.chain) {
    const y = rowY(part.row);
    if (y === null) { before = null; continue; }
    const a = x(part.from), b = x(part.to);
    g.fillRect(a, y + h / 2 - 3, Math.max(b - a, 1.5), 3);
    if (before !== null) { g.beginPath(); g.moveTo(before[0], before[1]); g.lineTo(a, y + h / 2 - 1.5); g.stroke(); }
    before = [b, y + h / 2 - 1.5];
  }
}

// load counts, for each piece of the run, how many processes run and how many wait.
const PIECES = 600;
let load;
function measure() {
  const run = new Float64Array(PIECES + 1), wait = new Float64Array(PIECES + 1), per = length / PIECES;
  const add = (to, from, end, v) => {
    let a = from / per, b = Math.min(end / per, PIECES);
    if (b <= a) return;
    const i = Math.floor(a), j = Math.floor(b);
    if (i === j) { to[i] += (b - a) * v; return; }
    to[i] += (i + 1 - a) * v;
    for (let k = i + 1; k < j; k++) to[k] += v;
    to[j] += (b - j) * v;
  };
  for (const r of rows) {
    if (r.begin < 0) continue;
    add(run, r.begin, r.end, 1);
    for (let i = r.first; i < r.first + r.count; i++) {
      if ((cols.flags[i] & ~FAILED) < WAIT) continue;
      const a = cols.from[i], b = a + cols.took[i];
      if (Math.floor(a / per) === Math.floor(b / per)) { const k = Math.floor(a / per), v = (b - a) / per; run[k] -= v; wait[k] += v; }
      else { add(run, a, b, -1); add(wait, a, b, 1); }
    }
  }
  let most = 1;
  for (let k = 0; k < PIECES; k++) most = Math.max(most, run[k] + wait[k]);
  load = { run, wait, most };
}

function drawMap() {
  const g = size(map, view.width, 44), c = view.colors, wide = view.width - GUTTER;
  g.fillStyle = c.page; g.fillRect(0, 0, view.width, 44);
  g.fillStyle = c.dim; g.font = "11px system-ui, sans-serif"; g.textBaseline = "middle"; g.textAlign = "left";
  g.fillText("at a time: " + Math.round(load.most) + " at most", 10, 14);
  g.fillStyle = c.run; g.fillRect(10, 26, 10, 8);
  g.fillStyle = c.dim; g.fillText("running", 24, 31);
  g.fillStyle = c.process; g.fillRect(80, 26, 10, 8);
  g.fillStyle = c.dim; g.fillText("waiting", 94, 31);
  for (let k = 0; k < PIECES; k++) {
    const a = GUTTER + k / PIECES * wide, w = wide / PIECES + .5;
    const run = Math.max(0, load.run[k]) / load.most * 38, wait = load.wait[k] / load.most * 38;
    g.fillStyle = c.run; g.fillRect(a, 42 - run, w, run);
    g.fillStyle = c.process; g.fillRect(a, 42 - run - wait, w, wait);
  }
  const a = GUTTER + view.from / length * wide, b = GUTTER + view.to / length * wide;
  g.fillStyle = c.page; g.globalAlpha = .6;
  g.fillRect(GUTTER, 0, a - GUTTER, 44); g.fillRect(b, 0, view.width - b, 44);
  g.globalAlpha = 1;
  g.strokeStyle = c.select; g.lineWidth = 1.5; g.strokeRect(a + .5, .75, Math.max(b - a - 1, 2), 42.5);
}

// ---- what is there

function title(i) {
  const kind = cols.flags[i] & ~FAILED, { what } = subject(i);
  if (kind === TASK) return "task " + cols.number[i] + " of " + what;
  if (kind === START) return "starts " + what;
  const [text] = data.waits[kind - WAIT] || data.waits[0];
  if (kind - WAIT === 1 || text.endsWith(" of") || kind === WAIT) return text + " " + what;
  return text;
}

function short(i) {
  const kind = (cols.flags[i] & ~FAILED) - WAIT, { what } = subject(i);
  return ["" + what, "join " + what, what, what, what, what, what, "get", "put", "queue: join", what, "work", what, "sleep"][kind] || what;
}

// letGo returns the arrow that has ended a wait.
function letGo(index, i) {
  const end = cols.from[i] + cols.took[i];
  let low = 0, high = cols.at.length;
  const least = cols.from[i] - cols.longest;
  while (low < high) { const m = (low + high) >> 1; if (cols.at[m] < least) low = m + 1; else high = m; }
  let best = -1;
  for (let k = low; k < cols.at.length && cols.at[k] <= end + 1; k++)
    if (cols.target[k] === index && Math.abs(cols.then[k] - end) <= Math.max(200, cols.took[i] * .001) && cols.kind[k] !== 0) best = k;
  return best;
}

function tellSpan(index, i) {
  const flag = cols.flags[i], kind = flag & ~FAILED, lines = [];
  lines.push(duration(cols.took[i]) + ", from " + duration(cols.from[i]) + " on");
  const { what, place, object } = subject(i);
  if (place) lines.push("at " + place);
  if (kind >= WAIT && object) lines.push(what + " no. " + object);
  if (flag & FAILED) lines.push(kind === TASK ? "it failed" : "in vain: the time was over, or it was interrupted");
  if (kind >= WAIT && !["sleep", "socket", "other"].includes(classOf(flag))) {
    const k = letGo(index, i);
    if (k >= 0) lines.push((cols.kind[k] === 1 ? "put by " : cols.kind[k] === 3 ? "the end of " : cols.kind[k] === 4 ? "a result of " : "let go by ") + rows[cols.source[k]].name + " (" + rows[cols.source[k]].pid + ")");
  }
  return [title(i), lines];
}

function tellRow(index) {
  const r = rows[index], lines = ["process " + r.pid + (r.parent >= 0 ? ", started by " + rows[r.parent].name : "") + (r.daemon ? ", daemon" : "")];
  if (r.begin >= 0) lines.push("lived " + duration(r.end - r.begin) + (r.starts >= 0 ? ", its start took " + duration(r.begin - r.starts) : ""));
  else lines.push("it never came to its job");
  if (r.ready >= 0) lines.push("kept ready for a job before, for " + duration((r.starts < 0 ? r.begin : r.starts) - r.ready));
  if (r.used > 0) lines.push("processor time " + duration(r.used * 1000) + ", memory " + r.memory.toFixed(0) + " MiB at most");
  lines.push(r.how || "nobody has recorded its end");
  for (const [t, what] of r.marks || []) lines.push(what + " at " + duration(t));
  return [r.name, lines];
}

// at returns the row and the bar below a point: the innermost one.
function under(px, py) {
  if (py < AXIS || py > view.chartHeight) return [-1, -1];
  const index = view.shown[Math.floor((py - AXIS + view.top) / rowHeight())];
  if (index === undefined) return [-1, -1];
  if (px < GUTTER) return [index, -1];
  const r = rows[index], t = time(px), slack = (view.to - view.from) / (view.width - GUTTER) * 2;
  let best = -1;
  for (let i = begins(r, t - slack); i < r.first + r.count && cols.from[i] <= t + slack; i++)
    if (cols.from[i] + cols.took[i] >= t - slack && (best < 0 || cols.took[i] <= cols.took[best])) best = i;
  return [index, best];
}

function fill(element, [head, lines]) {
  element.textContent = "";
  const b = document.createElement("b");
  b.textContent = head;
  element.append(b, lines.join("\n"));
}

const tip = find("tip");
function hover(e) {
  const box = canvas.getBoundingClientRect();
  const [index, span] = under(e.clientX - box.left, e.clientY - box.top);
  tip.hidden = index < 0;
  if (index < 0) return;
  const r = rows[index], t = time(e.clientX - box.left);
  let told = span >= 0 ? tellSpan(index, span) : tellRow(index);
  if (span < 0 && e.clientX - box.left >= GUTTER) {
    if (r.begin >= 0 && t >= r.begin && t <= r.end) told = ["runs", [r.name + ", at " + duration(t)].concat(tellRow(index)[1])];
    else if (r.ready >= 0 && t >= r.ready && t < r.starts) told = ["was kept ready", [r.name + ", for " + duration(r.starts - r.ready)]];
    else if (r.starts >= 0 && t >= r.starts && t < r.begin) told = ["is being started", [r.name + ", for " + duration(r.begin - r.starts)]];
  } else if (span >= 0) told[1].unshift(r.name + " (" + r.pid + ")");
  fill(tip, told);
  const w = tip.offsetWidth, h = tip.offsetHeight;
  tip.style.left = Math.max(4, Math.min(e.clientX + 14, innerWidth - w - 6)) + "px";
  tip.style.top = Math.max(4, e.clientY + 18 + h > innerHeight ? e.clientY - h - 10 : e.clientY + 18) + "px";
}

function choose(index, span, show) {
  view.row = index; view.span = span;
  if (index >= 0) {
    const told = span >= 0 ? tellSpan(index, span) : tellRow(index);
    if (span >= 0) told[1].unshift(rows[index].name + " (" + rows[index].pid + ")");
    fill(find("detail"), [told[0], [told[1].join(" · ")]]);
    if (show) reveal(index, span);
  } else find("detail").textContent = "";
  redraw();
}

function reveal(index, span) {
  for (let p = rows[index].parent; p >= 0; p = rows[p].parent) rows[p].folded = false;
  layout();
  const at = view.place.get(index), h = rowHeight();
  if (at !== undefined) {
    const room = view.chartHeight - AXIS - h;
    if (at * h < view.top) view.top = at * h;
    if (at * h > view.top + room) view.top = at * h - room;
  }
  if (span >= 0) {
    const from = cols.from[span], took = cols.took[span], wide = view.to - view.from;
    if (from < view.from || from + Math.min(took, wide) > view.to) look(from - wide * .2, from + wide * .8);
  }
}

// ---- moving

function look(from, to) {
  const wide = Math.min(Math.max(to - from, .05), length * 1.02);
  from = Math.max(-length * .01, Math.min(from, length * 1.01 - wide));
  view.from = from; view.to = from + wide;
  redraw();
}

function zoom(factor, around = (view.from + view.to) / 2) {
  look(around - (around - view.from) * factor, around + (view.to - around) * factor);
}

const fit = () => look(-length * .005, length * 1.005);

function scroll(by) { view.top += by; redraw(); }

function fold(index) {
  if (index >= 0 && rows[index + 1] && rows[index + 1].depth > rows[index].depth) { rows[index].folded = !rows[index].folded; redraw(); }
}

canvas.addEventListener("wheel", e => {
  e.preventDefault();
  const tall = AXIS + view.shown.length * rowHeight() + 6 > view.chartHeight + 1;
  if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) { const d = (e.deltaX || e.deltaY) / (view.width - GUTTER) * (view.to - view.from); look(view.from + d, view.to + d); }
  else if (tall && !e.ctrlKey && !e.metaKey && !e.altKey) scroll(e.deltaY);
  else zoom(Math.exp(Math.max(-120, Math.min(120, e.deltaY)) * .004), time(Math.max(GUTTER, e.offsetX)));
}, { passive: false });

let drag = null;
canvas.addEventListener("pointerdown", e => {
  canvas.focus({ preventScroll: true });
  drag = { x: e.clientX, y: e.clientY, from: view.from, to: view.to, top: view.top, moved: false };
  canvas.setPointerCapture(e.pointerId);
});
canvas.addEventListener("pointermove", e => {
  if (!drag) return hover(e);
  const dx = e.clientX - drag.x, dy = e.clientY - drag.y;
  if (Math.abs(dx) + Math.abs(dy) > 4) { drag.moved = true; canvas.classList.add("dragging"); tip.hidden = true; }
  if (!drag.moved) return;
  const t = dx / (view.width - GUTTER) * (drag.to - drag.from);
  view.top = drag.top - dy;
  look(drag.from - t, drag.to - t);
});
canvas.addEventListener("pointerup", e => {
  canvas.classList.remove("dragging");
  if (drag && !drag.moved) {
    const box = canvas.getBoundingClientRect(), [index, span] = under(e.clientX - box.left, e.clientY - box.top);
    if (index >= 0 && e.clientX - box.left < 10 + Math.min(rows[index].depth, 8) * 14 + 2) fold(index);
    choose(index, span);
  }
  drag = null;
});
canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
canvas.addEventListener("dblclick", e => zoom(.3, time(Math.max(GUTTER, e.offsetX))));
map.addEventListener("pointerdown", e => { map.setPointerCapture(e.pointerId); centre(e); });
map.addEventListener("pointermove", e => { if (e.buttons) centre(e); });
function centre(e) {
  const t = (e.offsetX - GUTTER) / (view.width - GUTTER) * length, half = (view.to - view.from) / 2;
  look(t - half, t + half);
}

const keys = {
  "+": () => zoom(.6), "=": () => zoom(.6), "-": () => zoom(1 / .6), "_": () => zoom(1 / .6), "0": fit,
  ArrowLeft: () => shift(-.15), ArrowRight: () => shift(.15), a: toggleArrows, r: denser, c: toggleChain,
  ArrowUp: () => walk(-1), ArrowDown: () => walk(1), PageUp: () => walk(-10), PageDown: () => walk(10),
  Home: () => choose(view.shown[0] ?? -1, -1, true), End: () => choose(view.shown[view.shown.length - 1] ?? -1, -1, true),
  n: () => next(1), p: () => next(-1), Enter: () => fold(view.row), f: focusChosen,
  Escape: () => { choose(-1, -1); tip.hidden = true; },
};
function shift(by) { const d = (view.to - view.from) * by; look(view.from + d, view.to + d); }
function walk(by) {
  const at = view.row < 0 ? (by > 0 ? -1 : view.shown.length) : view.place.get(view.row) ?? -1;
  const to = Math.max(0, Math.min(view.shown.length - 1, at + by));
  choose(view.shown[to] ?? -1, -1, true);
}
function next(by) {
  if (view.row < 0) walk(1);
  const r = rows[view.row];
  if (!r || !r.count) return;
  const to = view.span < 0 ? (by > 0 ? r.first : r.first + r.count - 1) : view.span + by;
  choose(view.row, Math.max(r.first, Math.min(r.first + r.count - 1, to)), true);
}
function focusChosen() {
  if (view.row < 0) return;
  const r = rows[view.row], a = view.span >= 0 ? cols.from[view.span] : Math.max(0, r.begin);
  const b = view.span >= 0 ? a + Math.max(cols.took[view.span], 1) : r.end;
  look(a - (b - a) * .2, b + (b - a) * .2);
}
canvas.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === "/") { e.preventDefault(); find("search").focus(); return; }
  const does = keys[e.key];
  if (does) { e.preventDefault(); does(); }
});
function toggleArrows() { view.arrows = !view.arrows; find("arrows").setAttribute("aria-pressed", view.arrows); redraw(); }
function toggleChain() { view.chain = !view.chain; find("chain").setAttribute("aria-pressed", view.chain); redraw(); }
function denser() {
  const middle = (view.top + view.chartHeight / 2) / rowHeight();
  view.height = (view.height + 1) % HEIGHTS.length;
  view.top = middle * rowHeight() - view.chartHeight / 2;
  redraw();
}
find("in").onclick = () => zoom(.6);
find("out").onclick = () => zoom(1 / .6);
find("fit").onclick = fit;
find("rows").onclick = denser;
find("arrows").onclick = toggleArrows;
find("chain").onclick = toggleChain;
