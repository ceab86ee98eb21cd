
// Search, the legend and the summary.

let hits = [], hitAt = -1;
function search(text) {
  view.searched = text = text.trim().toLowerCase();
  hits = []; hitAt = -1;
  view.hits = view.hitRows = null;
  if (text) {
    const named = subjects.map(s => s.what.toLowerCase().includes(text) || s.place.toLowerCase().includes(text));
    const kinds = data.waits.map(w => (w[0] + " " + w[1]).toLowerCase().includes(text));
    const marks = new Uint8Array(data.spans), rowsHit = new Set();
    let spans = 0;
    rows.forEach((r, index) => {
      const own = r.name.toLowerCase().includes(text) || String(r.pid) === text || r.how.toLowerCase().includes(text);
      let any = own;
      if (own) hits.push([index, -1]);
      for (let i = r.first; i < r.first + r.count; i++) {
        const kind = cols.flags[i] & ~FAILED;
        if (named[cols.subject[i]] || kind >= WAIT && kinds[kind - WAIT] || kind === TASK && text === "task " + cols.number[i]) {
          marks[i] = 1; spans++; any = true;
          if (hits.length < 100000) hits.push([index, i]);
        }
      }
      if (any) for (let p = index; p >= 0; p = rows[p].parent) rowsHit.add(p);
    });
    view.hits = spans ? marks : null;
    view.hitRows = rowsHit.size ? rowsHit : null;
    find("found").textContent = hits.length ? hits.length + " found, Enter: next" : "nothing found";
  } else find("found").textContent = "";
  redraw();
}
let later;
find("search").addEventListener("input", e => { clearTimeout(later); later = setTimeout(() => search(e.target.value), data.spans > 100000 ? 150 : 0); });
find("search").addEventListener("keydown", e => {
  if (e.key === "Escape") { e.target.value = ""; search(""); canvas.focus({ preventScroll: true }); }
  if (e.key === "Enter" && hits.length) {
    hitAt = (hitAt + (e.shiftKey ? hits.length - 1 : 1)) % hits.length;
    choose(...hits[hitAt], true);
    find("found").textContent = (hitAt + 1) + " of " + hits.length;
  }
});

const CLASSES = { process: "waits for a process", lock: "lock, semaphore", event: "event, condition, barrier", queue: "queue", pool: "pool", socket: "connection", sleep: "sleep", other: "anything else" };
function legend() {
  const used = new Set();
  data.totals.forEach(list => list.forEach((v, i) => { if (v > 0) used.add(data.classes[i]); }));
  const add = (color, text, thin) => {
    const item = document.createElement("li"), box = document.createElement("span");
    box.style.background = "var(--" + color + ")";
    if (thin) box.className = "thin";
    item.append(box, text);
    find("legend").append(item);
  };
  if (rows.some(r => r.ready >= 0)) add("ready", "was kept ready for a job", true);
  add("run", "runs");
  add("start", "is started, or starts another");
  if (data.pools.length) add("task", "task of a pool", true);
  for (const name of data.classes) if (used.has(name)) add(name, CLASSES[name], true);
}

function element(tag, text, className) {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  return e;
}

// table makes one of rows of cells: text, or {text, className, go}.
function table(caption, heads, list) {
  const scroll = element("div", undefined, "scroll"), t = element("table");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", caption);
  const line = element("tr");
  heads.forEach(h => { const th = element("th", h.replace("*", ""), h.startsWith("*") ? "text" : ""); th.scope = "col"; line.append(th); });
  const head = element("thead"), body = element("tbody");
  head.append(line);
  for (const cells of list) {
    const tr = element("tr");
    for (const cell of cells) {
      const c = typeof cell === "object" ? cell : { text: cell };
      const td = element("td", c.go ? undefined : c.text, c.className);
      if (c.go) { const b = element("button", c.text); b.type = "button"; b.onclick = c.go; td.append(b); }
      tr.append(td);
    }
    body.append(tr);
  }
  t.append(head, body);
  scroll.append(t);
  return scroll;
}

const MOST = 200; // rows of the summary that are shown at once
function summary() {
  const s = find("summary");
  s.textContent = "";
  const show = index => () => { choose(index, -1, true); canvas.scrollIntoView({ block: "center" }); canvas.focus({ preventScroll: true }); };
  const used = data.classes.map((_, i) => data.totals.some(list => list[i] > 0));
  s.append(element("h2", "Processes"));
  const heads = ["*process", "pid", "lived", "processor", "memory", "waited", ...data.classes.filter((_, i) => used[i]).map(n => CLASSES[n]), "*end"];
  const lines = count => rows.slice(0, count).map((r, i) => {
    const total = data.totals[i].reduce((a, b) => a + b, 0), cell = v => v > 0 ? duration(v) : "";
    return [{ text: r.name, className: "text", go: show(i) }, r.pid, r.begin >= 0 ? duration(r.end - r.begin) : "", cell(r.used * 1000), r.memory > 0 ? r.memory.toFixed(0) + " MiB" : "", cell(total),
      ...data.totals[i].filter((_, k) => used[k]).map(cell), { text: r.how || "unknown", className: r.bad ? "text bad" : "text" }];
  });
  let list = table("Processes", heads, lines(MOST));
  s.append(list);
  if (rows.length > MOST) {
    const all = element("button", "Show all " + rows.length + " processes");
    all.type = "button";
    all.onclick = () => { list.replaceWith(table("Processes", heads, lines(rows.length))); all.remove(); };
    s.append(all);
  }
  const pair = element("div", undefined, "pair"), left = element("div"), right = element("div");
  pair.append(left, right);
  s.append(pair);
  if (data.hot.length) {
    left.append(element("h2", "Waited longest for"));
    left.append(table("Waited longest for", ["*what", "*where", "in all", "times"], data.hot.map(h => [{ text: h.what, className: "text" }, { text: h.place, className: "text" }, duration(h.took), h.times])));
  }
  if (data.pools.length) {
    right.append(element("h2", "Pools"));
    right.append(table("Pools", ["*pool", "workers", "tasks", "failed", "busy"], data.pools.map(p => [{ text: p.name, className: "text" }, p.workers, p.tasks, p.failed, Math.round(p.busy * 100) + " %"])));
  }
  if (data.chain.length > 1) {
    right.append(element("h2", "The longest chain of waits"));
    right.append(element("p", "What the end of the run has waited for, and what that has waited for, up to its beginning:", "dim"));
    const box = element("div", undefined, "scroll"), ol = element("ol");
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "The longest chain of waits");
    for (const part of data.chain.slice(-100)) ol.append(element("li", rows[part.row].name + " for " + duration(part.to - part.from) + ", up to " + part.why));
    box.append(ol);
    right.append(box);
  }
}

function begin() {
  for (const r of rows) r.folded = false;
  if (rows.length > 400) view.height = 1;
  if (rows.length > 30) rows.forEach((r, i) => { if (r.depth > 0 && below(i) > 20) r.folded = true; });
  const ended = rows.filter(r => r.bad).length;
  find("facts").textContent = rows.length + (rows.length === 1 ? " process" : " processes") + " in " + duration(data.length) + ", " + data.began + " · " + data.events + " events" +
    (ended ? " · " + ended + " ended badly" : "") + (data.missing ? " · " + data.missing : "");
  colors();
  measure();
  legend();
  view.from = -length * .005; view.to = length * 1.005;
  draw();
  addEventListener("resize", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colors(); redraw(); });
  summary();
  performance.mark("drawn");
  document.body.dataset.ready = "yes";
}
begin();
