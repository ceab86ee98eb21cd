"use strict";
// The run, as html.go has packed it: see there.

const RUN = 0, START = 1, TASK = 2, WAIT = 3, FAILED = 0x80;

// inflate undoes deflate (RFC 1951). That of the browser gives its bytes in many small pieces,
// for each of which a busy machine lets the page wait.
function inflate(from, size) {
  const to = new Uint8Array(size);
  let at = 0, out = 0, bits = 0, held = 0;
  const need = n => { while (held < n) { bits |= from[at++] << held; held += 8; } };
  const take = n => { need(n); const v = bits & ((1 << n) - 1); bits >>>= n; held -= n; return v; };
  const MOST = 15, LOOK = 10;
  // code makes tables of the lengths of codes: short ones are looked up, long ones counted.
  const code = lengths => {
    const count = new Uint16Array(MOST + 1), next = new Uint16Array(MOST + 2), sorted = new Uint16Array(lengths.length), quick = new Uint16Array(1 << LOOK);
    for (const n of lengths) count[n]++;
    count[0] = 0;
    for (let n = 1; n <= MOST; n++) next[n + 1] = next[n] + count[n];
    for (let s = 0, first = next.slice(); s < lengths.length; s++) if (lengths[s]) sorted[first[lengths[s]]++] = s;
    for (let n = 1, word = 0, i = 0; n <= LOOK; n++, word <<= 1)
      for (let k = 0; k < count[n]; k++, word++, i++) {
        let turned = 0;
        for (let b = 0; b < n; b++) turned |= (word >> b & 1) << (n - 1 - b);
        for (let j = turned; j < 1 << LOOK; j += 1 << n) quick[j] = sorted[i] << 4 | n;
      }
    return { count, sorted, quick };
  };
  const symbol = ({ count, sorted, quick }) => {
    need(MOST);
    const q = quick[bits & ((1 << LOOK) - 1)];
    if (q) { bits >>>= q & 15; held -= q & 15; return q >> 4; }
    for (let n = 1, word = 0, first = 0, index = 0; n <= MOST; n++) {
      word |= bits & 1; bits >>>= 1; held--;
      if (word - count[n] < first) return sorted[index + word - first];
      index += count[n]; first = first + count[n] << 1; word <<= 1;
    }
    throw new Error("the page is damaged");
  };
  const base = [], extra = [], farBase = [], farExtra = [];
  for (let i = 0, v = 3; i < 28; i++) { extra[i] = i < 8 ? 0 : (i >> 2) - 1; base[i] = v; v += 1 << extra[i]; }
  base[28] = 258; extra[28] = 0;
  for (let i = 0, v = 1; i < 30; i++) { farExtra[i] = i < 4 ? 0 : (i >> 1) - 1; farBase[i] = v; v += 1 << farExtra[i]; }
  const fixed = [code(Array.from({ length: 288 }, (_, s) => s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8)), code(new Array(30).fill(5))];
  const described = () => {
    const literals = take(5) + 257, far = take(5) + 1, n = take(4) + 4, short = new Array(19).fill(0), lengths = [];
    for (let i = 0; i < n; i++) short[[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15][i]] = take(3);
    for (const c = code(short); lengths.length < literals + far;) {
      const s = symbol(c);
      if (s < 16) { lengths.push(s); continue; }
      const v = s === 16 ? lengths[lengths.length - 1] : 0;
      for (let k = s === 16 ? 3 + take(2) : s === 17 ? 3 + take(3) : 11 + take(7); k > 0; k--) lengths.push(v);
    }
    return [code(lengths.slice(0, literals)), code(lengths.slice(literals))];
  };
  for (let last = 0; !last;) {
    last = take(1);
    const kind = take(2);
    if (kind === 0) {
      at -= held >> 3; bits = held = 0; // what was read ahead
      const n = from[at] | from[at + 1] << 8;
      to.set(from.subarray(at + 4, at + 4 + n), out);
      at += 4 + n; out += n;
      continue;
    }
    const [literal, distance] = kind === 1 ? fixed : described();
    for (;;) {
      const s = symbol(literal);
      if (s < 256) { to[out++] = s; continue; }
      if (s === 256) break;
      let n = base[s - 257] + take(extra[s - 257]);
      const d = symbol(distance);
      for (let back = out - farBase[d] - take(farExtra[d]); n > 0; n--) to[out++] = to[back++];
    }
  }
  return to;
}

// packed returns the bytes that stand in the page.
function packed() {
  const pieces = [...document.querySelectorAll("script.packed")];
  const raw = atob(pieces.map(e => e.textContent).join(""));
  const size = Number(pieces[0].dataset.size);
  for (const e of pieces) e.remove();
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return inflate(bytes, size);
}

const cols = {};
const data = (() => {
  const bytes = packed();
  let at = 0;
  const number = () => {
    let v = bytes[at++];
    if (v < 0x80) return v;
    v &= 0x7f;
    for (let by = 0x80; ; by *= 0x80) {
      const b = bytes[at++];
      v += (b & 0x7f) * by;
      if (b < 0x80) return v;
    }
  };
  const text = number(), d = JSON.parse(new TextDecoder().decode(bytes.subarray(at, at += text)));
  const n = d.spans, m = d.arrows, unit = 1000 / d.unit;
  const column = (type, n) => { const c = new type(n); for (let i = 0; i < n; i++) c[i] = number(); return c; };
  cols.flags = bytes.subarray(at, at += n);
  cols.from = new Float64Array(n);
  for (const r of d.rows) for (let i = r.first, t = 0; i < r.first + r.count; i++) cols.from[i] = (t += number()) / unit;
  cols.took = new Float64Array(n);
  // reach[i] is the latest end of the bars of a row up to i: where to begin to draw.
  cols.reach = new Float64Array(n);
  for (const r of d.rows)
    for (let i = r.first, latest = 0; i < r.first + r.count; i++) {
      const end = cols.from[i] + (cols.took[i] = number() / unit);
      cols.reach[i] = latest = latest > end ? latest : end;
    }
  cols.subject = column(Uint32Array, n);
  cols.number = new Uint32Array(n);
  for (let i = 0; i < n; i++) if ((cols.flags[i] & ~FAILED) === TASK) cols.number[i] = number();
  cols.kind = bytes.subarray(at, at += m);
  cols.at = new Float64Array(m);
  for (let i = 0, t = 0; i < m; i++) cols.at[i] = (t += number()) / unit;
  cols.then = new Float64Array(m);
  cols.longest = 0;
  for (let i = 0; i < m; i++) {
    const took = number() / unit;
    cols.then[i] = cols.at[i] + took;
    if (took > cols.longest) cols.longest = took;
  }
  cols.source = column(Uint32Array, m);
  cols.target = column(Uint32Array, m);
  return d;
})();
const rows = data.rows;

// subject says what a bar is of: {what, place, object}, texts that may be empty.
const subjects = data.subjects.map(([what, file, line, object]) => ({ what: data.strings[what], place: file ? data.strings[file] + ":" + line : "", object: data.objects[object] }));
const subject = i => subjects[cols.subject[i]];
