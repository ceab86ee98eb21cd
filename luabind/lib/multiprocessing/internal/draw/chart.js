// The chart: rows of bars on a canvas. page.js holds what stands around it.

const GUTTER = 230, AXIS = 22, HEIGHTS = [26, 16, 8, 4];

const view = {
  from: 0, to: 1, top: 0, height: 0, shown: [], row: -1, span: -1, hits: null, hitRows: null,
  arrows: true, chain: false, width: 0, chartHeight: 0, colors: {}, hover: -1,
};
const canvas = document.getElementById("chart"), map = document.getElementById("map");
const length = Math.max(data.length, 1);

function colors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["page", "ink", "dim", "line", "soft", "mark", "bad", "run", "start", "ready", "task", "select", "arrow", "hit", ...data.classes])
    view.colors[name] = style.getPropertyValue("--" + name).trim();
}

const x = t => GUTTER + (t - view.from) / (view.to - view.from) * (view.width - GUTTER);
const time = px => view.from + (px - GUTTER) / (view.width - GUTTER) * (view.to - view.from);
const rowHeight = () => HEIGHTS[view.height];

// layout lists the rows that are not folded away.
function layout() {
  view.shown = [];
  let hidden = Infinity;
  rows.forEach((r, i) => {
    if (r.depth > hidden) return;
    hidden = Infinity;
    if (view.hitRows && !view.hitRows.has(i)) return;
    view.shown.push(i);
    if (r.folded && !view.hitRows) hidden = r.depth;
  });
  view.place = new Map(view.shown.map((r, at) => [r, at]));
  const most = Math.max(160, innerHeight - canvas.getBoundingClientRect().top - scrollY - 70);
  view.chartHeight = Math.min(most, AXIS + view.shown.length * rowHeight() + 6);
  view.top = Math.max(0, Math.min(view.top, AXIS + view.shown.length * rowHeight() + 6 - view.chartHeight));
}

function size(c, width, height) {
  const scale = devicePixelRatio || 1;
  if (c.width !== Math.round(width * scale) || c.height !== Math.round(height * scale)) {
    c.width = Math.round(width * scale); c.height = Math.round(height * scale);
    c.style.height = height + "px";
  }
  const g = c.getContext("2d");
  g.setTransform(scale, 0, 0, scale, 0, 0);
  return g;
}

let pending = false;
function redraw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => { pending = false; draw(); });
}

function draw() {
  view.width = canvas.parentElement.clientWidth;
  layout();
  const g = size(canvas, view.width, view.chartHeight), c = view.colors, h = rowHeight();
  g.fillStyle = c.page;
  g.fillRect(0, 0, view.width, view.chartHeight);
  g.textBaseline = "middle";
  axis(g);
  g.save();
  g.beginPath(); g.rect(0, AXIS, view.width, view.chartHeight - AXIS); g.clip();
  const first = Math.max(0, Math.floor(view.top / h)), last = Math.min(view.shown.length, Math.ceil((view.top + view.chartHeight) / h));
  for (let i = first; i < last; i++) drawRow(g, view.shown[i], AXIS + i * h - view.top, h);
  g.beginPath(); g.rect(GUTTER, AXIS, view.width - GUTTER, view.chartHeight - AXIS); g.clip();
  if (view.arrows) drawArrows(g, h);
  if (view.chain) drawChain(g, h);
  g.restore();
  scrollbar(g);
  drawMap();
}

// step returns a round number of microseconds that is at least so much.
function step(least) {
  const unit = 10 ** Math.floor(Math.log10(least));
  for (const m of [1, 2, 5, 10]) if (unit * m >= least) return unit * m;
}

function duration(us) {
  const text = (v, unit) => (v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v.toFixed(2)) + " " + unit;
  if (us >= 60e6) return Math.floor(us / 60e6) + " min " + ((us % 60e6) / 1e6).toFixed(0) + " s";
  if (us >= 1e6) return text(us / 1e6, "s");
  return us >= 1e3 ? text(us / 1e3, "ms") : text(us, "µs");
}

// moment writes a time as precisely as a step needs.
function moment(us, by) {
  const [unit, name] = by >= 1e5 ? [1e6, "s"] : by >= 100 ? [1e3, "ms"] : [1, "µs"];
  return (us / unit).toFixed(Math.max(0, Math.ceil(-Math.log10(by / unit) - 1e-9))) + " " + name;
}

function axis(g) {
  const c = view.colors, by = step((view.to - view.from) / Math.max(2, (view.width - GUTTER) / 110));
  g.font = "11px system-ui, sans-serif";
  g.textAlign = "left";
  for (let t = Math.ceil(view.from / by) * by; t <= view.to; t += by) {
    g.fillStyle = c.line;
    g.fillRect(Math.round(x(t)), AXIS - 5, 1, view.chartHeight);
    g.fillStyle = c.dim;
    g.fillText(moment(t, by), Math.round(x(t)) + 3, AXIS / 2);
  }
}

function classOf(flag) {
  const why = (flag & ~FAILED) - WAIT;
  return (data.waits[why] || data.waits[0])[1];
}

// begins returns the first bar of a row that may reach into the view.
function begins(r, t) {
  let low = r.first, high = r.first + r.count;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (cols.reach[mid] < t) low = mid + 1; else high = mid;
  }
  return low;
}

function drawRow(g, index, y, h) {
  const r = rows[index], c = view.colors, chosen = index === view.row;
  const bar = Math.max(2, h > 10 ? h - 8 : h - 1), top = y + (h - bar) / 2;
  if (chosen) { g.fillStyle = c.soft; g.fillRect(0, y, view.width, h); }
  name(g, index, y, h);
  g.save();
  g.beginPath(); g.rect(GUTTER, y, view.width - GUTTER, h); g.clip();
  const begin = r.begin < 0 ? r.end : r.begin;
  if (r.ready >= 0) box(g, c.ready, r.ready, r.starts < 0 ? begin : Math.min(r.starts, begin), top + bar * .4, Math.max(2, bar * .2));
  if (r.starts >= 0 && begin > r.starts) box(g, c.start, r.starts, begin, top + bar * .3, bar * .4);
  if (r.begin >= 0) box(g, c.run, r.begin, r.end, top, bar);
  const end = r.first + r.count, strip = bar >= 12 ? 5 : 0;
  let waits = -1, tasks = -1, starts = -1;
  for (let i = begins(r, view.from); i < end && cols.from[i] < view.to; i++) {
    const from = cols.from[i], flag = cols.flags[i], kind = flag & ~FAILED;
    const a = Math.max(x(from), GUTTER - 2), b = Math.min(x(from + cols.took[i]), view.width + 2);
    if (kind === TASK) {
      if (!strip || b <= tasks) continue;
      g.fillStyle = flag & FAILED ? c.bad : c.task;
      g.fillRect(a, top + bar - strip, Math.max(b - a - .5, 1), strip);
      tasks = Math.max(b, a + 1);
      continue;
    }
    if (kind === START) {
      if (b <= starts) continue;
      g.fillStyle = c.start;
      g.fillRect(a, top, Math.max(b - a, 1), bar - strip);
      starts = Math.max(b, a + 1);
      continue;
    }
    if (b <= waits) continue;
    const dim = view.hits && !view.hits[i];
    g.globalAlpha = dim ? .25 : 1;
    g.fillStyle = c.page;
    g.fillRect(a, top - .5, Math.max(b - a, 1), bar + 1);
    g.fillStyle = c[classOf(flag)];
    const inset = bar > 8 ? bar * .22 : 0;
    g.fillRect(a, top + inset, Math.max(b - a, 1), bar - 2 * inset);
    g.globalAlpha = 1;
    waits = Math.max(b, a + 1);
    if (view.hits && view.hits[i]) { g.fillStyle = c.hit; g.fillRect(a, y + h - 3, Math.max(b - a, 2), 3); }
  }
  if (h > 12) labels(g, r, top, bar, strip, end);
  for (const [t, what] of r.marks || []) mark(g, x(t), top, bar, what, c.bad);
  if (r.bad) ending(g, r, top, bar, h);
  if (chosen && view.span >= r.first && view.span < end) {
    const s = view.span, a = x(cols.from[s]), b = x(cols.from[s] + cols.took[s]);
    g.strokeStyle = c.select; g.lineWidth = 2;
    g.strokeRect(a - 1, top - 2, Math.max(b - a, 2) + 2, bar + 4);
  }
  g.restore();
}

function box(g, color, from, to, y, h) {
  const a = Math.max(x(from), GUTTER - 2), b = Math.min(x(to), view.width + 2);
  if (b < GUTTER || a > view.width) return;
  g.fillStyle = color;
  g.fillRect(a, y, Math.max(b - a, 1), h);
}

// labels writes into bars that have room what they are.
function labels(g, r, top, bar, strip, end) {
  const c = view.colors;
  g.font = (bar > 14 ? 11 : 9) + "px system-ui, sans-serif";
  g.textAlign = "left";
  let free = GUTTER;
  for (let i = begins(r, view.from); i < end && cols.from[i] < view.to; i++) {
    const a = Math.max(x(cols.from[i]), GUTTER), b = Math.min(x(cols.from[i] + cols.took[i]), view.width), kind = cols.flags[i] & ~FAILED;
    if (b - a < 34 || a < free) continue;
    const text = kind === TASK ? "task " + cols.number[i] : kind === START ? title(i) : short(i);
    const wide = g.measureText(text).width;
    if (wide > b - a - 8) continue;
    const lies = kind === TASK && nested(r, i, end, a, wide);
    if (lies) continue;
    g.globalAlpha = .92;
    g.fillStyle = kind === TASK ? c.run : kind === START ? c.start : c.page;
    g.fillRect(a + 3, top + 1, wide + 4, bar - strip - 2);
    g.globalAlpha = 1;
    g.fillStyle = kind === TASK || kind === START ? ink(kind) : c.ink;
    g.fillText(text, a + 5, top + (bar - strip) / 2 + .5);
    free = a + wide + 8;
  }
}

// ink is the colour of letters on a bar.
const ink = kind => matchMedia("(prefers-color-scheme: dark)").matches ? "#08130c" : kind === TASK ? "#04170b" : "#10151a";

// nested reports whether a wait begins where the label of a task would stand.
function nested(r, i, end, a, wide) {
  for (let j = i + 1; j < end && x(cols.from[j]) < a + wide + 8; j++)
    if ((cols.flags[j] & ~FAILED) >= WAIT && cols.took[j] > 0 && x(cols.from[j] + cols.took[j]) - x(cols.from[j]) > 3) return true;
  return false;
}

function mark(g, at, top, bar, what, color) {
  g.fillStyle = color;
  g.beginPath(); g.moveTo(at - 4, top - 3); g.lineTo(at + 4, top - 3); g.lineTo(at, top + 4); g.fill();
}

function ending(g, r, top, bar, h) {
  const at = x(r.end), c = view.colors;
  g.fillStyle = c.bad;
  g.fillRect(at - 1.5, top - 2, 3, bar + 4);
  if (h <= 12) return;
  const text = "✕ " + r.how;
  g.font = "bold 11px system-ui, sans-serif";
  const wide = g.measureText(text).width;
  const left = at + wide + 12 < view.width ? at + 5 : at - wide - 9;
  g.fillStyle = c.page;
  g.fillRect(left, top, wide + 6, bar);
  g.fillStyle = c.bad;
  g.textAlign = "left";
  g.fillText(text, left + 3, top + bar / 2 + .5);
}

function name(g, index, y, h) {
  const r = rows[index], c = view.colors;
  if (h < 8) {
    g.fillStyle = r.bad ? c.bad : c.dim;
    g.fillRect(8 + r.depth * 6, y, GUTTER - 20 - r.depth * 6, h - 1);
    return;
  }
  const left = 10 + Math.min(r.depth, 8) * 14;
  g.font = (h > 20 ? 13 : h > 10 ? 11 : 7) + "px system-ui, sans-serif";
  g.textAlign = "left";
  g.fillStyle = c.dim;
  if (rows[index + 1] && rows[index + 1].depth > r.depth) g.fillText(r.folded ? "▸" : "▾", left - 9, y + h / 2);
  g.fillStyle = r.bad ? c.bad : c.ink;
  let text = r.name;
  const room = GUTTER - left - 70;
  while (text.length > 4 && g.measureText(text).width > room) text = text.slice(0, -2).replace(/…?$/, "…");
  g.fillText(text, left + 4, y + h / 2);
  g.fillStyle = c.dim;
  g.textAlign = "right";
  g.font = (h > 20 ? 11 : h > 10 ? 10 : 6) + "px system-ui, sans-serif";
  if (r.folded) g.fillText("+" + below(index) + " · " + r.pid, GUTTER - 8, y + h / 2);
  else g.fillText(String(r.pid), GUTTER - 8, y + h / 2);
}

function below(index) {
  let n = index + 1;
  while (n < rows.length && rows[n].depth > rows[index].depth) n++;
  return n - index - 1;
}

function scrollbar(g) {
  const whole = AXIS + view.shown.length * rowHeight() + 6;
  if (whole <= view.chartHeight + 1) return;
  const track = view.chartHeight - AXIS, part = Math.max(20, track * track / (whole - AXIS));
  g.fillStyle = view.colors.soft;
  g.fillRect(view.width - 9, AXIS, 9, track);
  g.fillStyle = view.colors.dim;
  g.fillRect(view.width - 7, AXIS + (track - part) * view.top / (whole - view.chartHeight), 5, part);
}
