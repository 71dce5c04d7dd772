"use strict";
// The numbers of the page, unpacked; then three canvases that show them.
const page = JSON.parse(document.getElementById("numbers").textContent);
const MISSING = 65535, HEIGHT = 4;
const masses = page.mass_mev, couplings = page.coupling;
const columns = couplings.length, rows = masses.length;
const $ = id => document.getElementById(id);

async function unpacked(text, width) {
  const bytes = Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const both = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = both.length / 2, codes = new Uint16Array(length);
  for (let k = 0; k < length; k++) {
    const zigzag = both[k] << 8 | both[length + k], column = k % width;
    const left = column ? codes[k - 1] : 0, above = k >= width ? codes[k - width] : 0;
    const corner = column && k >= width ? codes[k - width - 1] : 0;
    codes[k] = left + above - corner + ((zigzag >> 1) ^ -(zigzag & 1));
  }
  return codes;
}

// chi2 of one of the maps at a grid point; the rise of the first over its minimum.
const chi2Of = (map, k) => map.codes[k] === MISSING ? NaN : map.base + page.code_unit * Math.expm1(map.codes[k] * page.code_step);
const minimumAt = row => page.minimum_at_mass ? page.minimum_at_mass[row] : page.chi2_min;
const riseAt = (row, column) => chi2Of(page.maps[0], row * columns + column) - minimumAt(row);

// The two fitted neighbours of a row or column and how far it lies between them.
function between(fitted, index) {
  let next = fitted.findIndex(known => known >= index);
  if (next < 0) next = fitted.length - 1;
  if (fitted[next] === index || next === 0) return [next, next, 0];
  return [next - 1, next, (index - fitted[next - 1]) / (fitted[next] - fitted[next - 1])];
}

function pullsAt(row, column) {
  const [r0, r1, down] = between(page.pull_rows, row), [c0, c1, across] = between(page.pull_columns, column);
  const width = page.pull_columns.length;
  return page.pulls.map(codes => {
    const value = (r, c) => codes[r * width + c] === MISSING ? NaN : codes[r * width + c] * page.pull_step - 300;
    const at = r => across ? value(r, c0) * (1 - across) + value(r, c1) * across : value(r, c0);
    return down ? at(r0) * (1 - down) + at(r1) * down : at(r0);
  });
}

const eventsAt = (events, row, column) => {
  const [c0, c1, c2] = events.coefficients[row], x = couplings[column] ** 2;
  return c0 + x * (c1 + x * c2);
};

// Axes: logarithms from 0 to 1 over the map; the view is a part of it.
const log = Math.log10;
const span = { x: [log(masses[0]), log(masses[rows - 1])], y: [log(couplings[0]), log(couplings[columns - 1])] };
const view = { x: [...span.x], y: [...span.y] };
let point = null, held = false;
const hidden = new Set();

const written = value => {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-2 || size >= 1e5) ? value.toExponential(3) : String(Number(value.toPrecision(5)));
};

// The rise of chi2 as blue: white below 1, darkest from 1000 on.
function shade(rise) {
  if (Number.isNaN(rise)) return [190, 190, 190];
  const t = Math.min(1, Math.max(0, Math.asinh(rise) / Math.asinh(1000)));
  return [255 - 247 * t ** 1.2, 255 - 180 * t ** 1.3, 255 - 110 * t ** 1.8];
}

const image = document.createElement("canvas");
function paintImage(which) {
  image.width = rows;
  image.height = columns;
  const context = image.getContext("2d"), pixels = context.createImageData(rows, columns);
  const map = page.maps[which];
  for (let row = 0; row < rows; row++) {
    const least = which ? map.base : minimumAt(row);
    for (let column = 0; column < columns; column++) {
      const at = 4 * ((columns - 1 - column) * rows + row);
      const [r, g, b] = shade(chi2Of(map, row * columns + column) - least);
      pixels.data.set([r, g, b, 255], at);
    }
  }
  context.putImageData(pixels, 0, 0);
}

// A canvas with as many pixels as the screen has.
function fresh(canvas) {
  const ratio = window.devicePixelRatio || 1, box = canvas.getBoundingClientRect();
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.clearRect(0, 0, box.width, box.height);
  context.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  return [context, box.width, box.height];
}

const MARGIN = { left: 58, right: 20, top: 10, bottom: 40 };
function frameOf(width, height, margin = MARGIN) {
  const w = Math.max(1, width - margin.left - margin.right), h = Math.max(1, height - margin.top - margin.bottom);
  return { x: margin.left, y: margin.top, w, h };
}

function logTicks([low, high]) {
  const ticks = [], every = Math.max(1, Math.ceil((high - low) / 7));
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (let digit = 1; digit < 10; digit++) {
      const at = power + log(digit);
      if (at < low - 1e-9 || at > high + 1e-9) continue;
      const isNamed = high - low < 2 ? [1, 2, 5].includes(digit) : digit === 1 && power % every === 0;
      ticks.push([at, isNamed ? [digit, power] : null]);
    }
  }
  return ticks;
}

// 10 to a power with the power raised, centred or to the left of a place.
function power(context, [digit, exponent], x, y, align) {
  const plain = exponent >= -1 && exponent <= 3;
  const text = plain ? String(Number((digit * 10 ** exponent).toPrecision(2))) : digit === 1 ? "10" : `${digit}×10`;
  const raised = plain ? "" : String(exponent).replace("-", "−");
  const wide = context.measureText(text).width + 0.75 * context.measureText(raised).width;
  const left = align === "center" ? x - wide / 2 : x - wide;
  context.textAlign = "left";
  context.fillText(text, left, y);
  if (!raised) return;
  context.save();
  context.font = context.font.replace("12px", "9px");
  context.fillText(raised, left + wide - context.measureText(raised).width, y - 5);
  context.restore();
}

function drawFrame(context, f, xs, ys, labels) {
  context.strokeStyle = context.fillStyle = "#000";
  context.lineWidth = 1;
  context.strokeRect(f.x, f.y, f.w, f.h);
  const tick = (x0, y0, x1, y1) => { context.beginPath(); context.moveTo(x0, y0); context.lineTo(x1, y1); context.stroke(); };
  if (xs) for (const [at, name] of logTicks(xs)) {
    const x = f.x + f.w * (at - xs[0]) / (xs[1] - xs[0]), long = name ? 7 : 4;
    tick(x, f.y + f.h, x, f.y + f.h - long);
    tick(x, f.y, x, f.y + long);
    if (name && labels.x) power(context, name, x, f.y + f.h + 16, "center");
  }
  if (ys) for (const [at, name] of logTicks(ys)) {
    const y = f.y + f.h * (1 - (at - ys[0]) / (ys[1] - ys[0])), long = name ? 7 : 4;
    tick(f.x, y, f.x + long, y);
    tick(f.x + f.w, y, f.x + f.w - long, y);
    if (name && labels.y) power(context, name, f.x - 5, y + 4, "right");
  }
}

// The labels of axes are HTML; a canvas takes their letters.
const letters = html => { const holder = document.createElement("span"); holder.innerHTML = html; return holder.textContent; };
const sideways = (context, text, x, y) => {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(text, 0, 0);
  context.restore();
};

const mapX = (f, mass) => f.x + f.w * (log(mass) - view.x[0]) / (view.x[1] - view.x[0]);
const mapY = (f, coupling) => f.y + f.h * (1 - (log(coupling) - view.y[0]) / (view.y[1] - view.y[0]));

function trace(context, f, pieces, close) {
  context.beginPath();
  for (const piece of pieces) {
    piece.forEach(([mass, coupling], k) => {
      // What lies far below is far below.
      const x = mapX(f, Math.max(mass, 1e-30)), y = mapY(f, Math.max(coupling, 1e-30));
      if (k) context.lineTo(x, y); else context.moveTo(x, y);
    });
    if (close) context.closePath();
  }
}

function star(context, x, y, isOpen) {
  context.beginPath();
  for (let k = 0; k < 10; k++) {
    const radius = k % 2 ? 3 : 7, angle = Math.PI * k / 5;
    context.lineTo(x + radius * Math.sin(angle), y - radius * Math.cos(angle));
  }
  context.closePath();
  context.fillStyle = isOpen ? "#fff" : "#000";
  context.strokeStyle = isOpen ? "#000" : "#fff";
  context.lineWidth = 1;
  context.fill();
  context.stroke();
}

function drawMap() {
  const [context, width, height] = fresh($("map")), f = frameOf(width, height);
  context.save();
  context.beginPath();
  context.rect(f.x, f.y, f.w, f.h);
  context.clip();
  if (!hidden.has("image")) {
    // Half a cell beyond the outermost points.
    const half = [(span.x[1] - span.x[0]) / (rows - 1) / 2, (span.y[1] - span.y[0]) / (columns - 1) / 2];
    const left = mapX(f, 10 ** (span.x[0] - half[0])), right = mapX(f, 10 ** (span.x[1] + half[0]));
    const bottom = mapY(f, 10 ** (span.y[0] - half[1])), top = mapY(f, 10 ** (span.y[1] + half[1]));
    context.imageSmoothingEnabled = false;
    context.drawImage(image, left, top, right - left, bottom - top);
  }
  page.regions.forEach((region, k) => {
    if (hidden.has(`region${k}`)) return;
    trace(context, f, region.outlines, true);
    context.globalAlpha = region.opacity;
    context.fillStyle = region.colour;
    context.fill("evenodd");
    context.globalAlpha = 1;
    if (k) { context.strokeStyle = region.colour; context.lineWidth = 1; context.stroke(); }
  });
  page.curves.forEach((curve, k) => {
    if (hidden.has(`curve${k}`)) return;
    trace(context, f, curve.pieces, false);
    context.strokeStyle = curve.colour;
    context.lineWidth = 2 * curve.width;
    context.setLineDash(curve.dash.map(length => 2 * length));
    context.stroke();
    context.setLineDash([]);
  });
  if (page.best_fit_is_open !== null && !hidden.has("star")) {
    star(context, mapX(f, page.best_fit[0]), mapY(f, page.best_fit[1]), page.best_fit_is_open);
  }
  if (point) {
    const x = mapX(f, masses[point[0]]), y = mapY(f, couplings[point[1]]);
    context.strokeStyle = held ? "#d55e00" : "#444";
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, f.y); context.lineTo(x, f.y + f.h); context.moveTo(f.x, y); context.lineTo(f.x + f.w, y);
    context.stroke();
  }
  context.restore();
  drawFrame(context, f, view.x, view.y, { x: true, y: true });
  context.textAlign = "center";
  context.fillText(letters(page.x_label), f.x + f.w / 2, height - 6);
  sideways(context, letters(page.y_label), 13, f.y + f.h / 2);
}

// The rise of chi2 against what runs, up to some times the level; along x, or along y beside the map.
function drawSection(canvas, upright) {
  const [context, width, height] = fresh(canvas);
  const margin = upright ? { ...MARGIN, left: 8 } : { ...MARGIN, bottom: 10 };
  const f = frameOf(width, height, margin), most = HEIGHT * page.delta_chi2;
  const range = upright ? view.y : view.x, values = upright ? couplings : masses;
  const place = (value, rise) => {
    const along = (log(value) - range[0]) / (range[1] - range[0]), up = rise / most;
    return upright ? [f.x + f.w * up, f.y + f.h * (1 - along)] : [f.x + f.w * along, f.y + f.h * (1 - up)];
  };
  context.save();
  context.beginPath();
  context.rect(f.x, f.y, f.w, f.h);
  context.clip();
  context.strokeStyle = "#8c8c8c";
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(...place(10 ** range[0], page.delta_chi2));
  context.lineTo(...place(10 ** range[1], page.delta_chi2));
  context.stroke();
  context.setLineDash([]);
  if (point) {
    context.strokeStyle = "#000";
    context.lineWidth = 1.5;
    context.beginPath();
    let isDrawing = false;
    values.forEach((value, k) => {
      const rise = upright ? riseAt(point[0], k) : riseAt(k, point[1]);
      if (Number.isNaN(rise)) { isDrawing = false; return; }
      const at = place(value, Math.min(rise, 1e4 * most));
      if (isDrawing) context.lineTo(...at); else context.moveTo(...at);
      isDrawing = true;
    });
    context.stroke();
  }
  context.restore();
  drawFrame(context, f, upright ? null : view.x, upright ? view.y : null, {});
  const names = [0, page.delta_chi2, most];
  context.textAlign = upright ? "center" : "right";
  for (const name of names) {
    const [x, y] = place(10 ** range[0], name);
    const text = String(Number(name.toPrecision(3)));
    context.fillText(text, upright ? Math.min(Math.max(x, f.x + 6), f.x + f.w - 8) : f.x - 5, upright ? f.y + f.h + 16 : y + 4);
  }
  if (upright) { context.textAlign = "center"; context.fillText("Δχ²", f.x + f.w / 2, height - 6); }
  else sideways(context, "Δχ²", 13, f.y + f.h / 2);
}

function row(table, name, value, isHead) {
  const line = table.insertRow(), head = document.createElement("th");
  head.innerHTML = name;
  line.append(head);
  if (isHead) { line.className = "head"; head.colSpan = 2; } else line.insertCell().textContent = value;
}

function describe() {
  const table = $("point");
  table.replaceChildren();
  if (!point) { row(table, "Point at the map for its numbers", "", true); return; }
  const [r, c] = point, k = r * columns + c;
  row(table, page.x_label.replace(/ ?\[MeV\]/, ""), `${written(masses[r])} MeV`);
  row(table, page.y_label, written(couplings[c]));
  row(table, "χ<sup>2</sup>", written(chi2Of(page.maps[0], k)));
  const rise = riseAt(r, c);
  row(table, "Δχ<sup>2</sup>", written(rise));
  row(table, page.level, Number.isNaN(rise) ? "missing" : rise > page.delta_chi2 ? "excluded" : "allowed");
  row(table, "Δχ<sup>2</sup> from the Standard Model", written(chi2Of(page.maps[0], k) - page.chi2_sm));
  if (page.maps.length > 1) row(table, "χ<sup>2</sup> of each term", "", true);
  for (const map of page.maps.slice(1)) row(table, letters(map.name), written(chi2Of(map, k)));
  row(table, "Signal events", "", true);
  for (const events of page.events) row(table, events.label, written(eventsAt(events, r, c)));
  if (page.pulls.length) {
    const isFitted = page.pull_rows.includes(r) && page.pull_columns.includes(c);
    row(table, isFitted ? "Pulls" : "Pulls, between fitted points", "", true);
    pullsAt(r, c).forEach((pull, i) => row(table, page.pull_names[i], Number.isNaN(pull) ? "–" : pull.toFixed(2)));
  }
}

let isAsked = false;
function draw() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    drawMap();
    drawSection($("along-coupling"), true);
    drawSection($("along-mass"), false);
    describe();
  });
}

// Layers: each with a sign of its look.
function layer(key, label, look, others) {
  const holder = document.createElement("label"), box = document.createElement("input"), sign = document.createElement("canvas");
  box.type = "checkbox";
  box.checked = true;
  box.dataset.layer = key;
  box.addEventListener("change", () => { if (box.checked) hidden.delete(key); else hidden.add(key); draw(); });
  const words = document.createElement("span");
  words.innerHTML = label;
  sign.width = 56;
  sign.height = 24;
  look(sign.getContext("2d"));
  holder.append(box, sign, words);
  $("layers").append(holder);
}

function layers() {
  layer("image", "Δχ<sup>2</sup>", context => {
    for (let x = 0; x < 56; x++) { context.fillStyle = `rgb(${shade(10 ** (x / 18) - 1).join(",")})`; context.fillRect(x, 0, 1, 24); }
  });
  if (page.maps.length > 1) {
    const choice = document.createElement("select");
    choice.setAttribute("aria-label", "What the colours show");
    page.maps.forEach((map, k) => choice.add(new Option(map.name, k)));
    choice.addEventListener("change", () => { paintImage(Number(choice.value)); draw(); });
    $("layers").append(choice);
  }
  page.regions.forEach((region, k) => layer(`region${k}`, `${region.label}, area`, context => {
    context.globalAlpha = region.opacity;
    context.fillStyle = region.colour;
    context.fillRect(0, 0, 56, 24);
  }));
  page.curves.forEach((curve, k) => layer(`curve${k}`, curve.label, context => {
    context.strokeStyle = curve.colour;
    context.lineWidth = 4 * curve.width;
    context.setLineDash(curve.dash.map(length => 4 * length));
    context.beginPath();
    context.moveTo(0, 12);
    context.lineTo(56, 12);
    context.stroke();
  }));
  if (page.best_fit_is_open !== null) {
    layer("star", page.best_fit_is_open ? "best fit (no preference)" : "best fit", context => {
      context.scale(1.6, 1.6);
      star(context, 17, 8, page.best_fit_is_open);
    });
  }
}

// The grid point that is nearest to a place on the canvas.
function nearest(event) {
  const box = $("map").getBoundingClientRect(), f = frameOf(box.width, box.height);
  const across = (event.clientX - box.left - f.x) / f.w, up = 1 - (event.clientY - box.top - f.y) / f.h;
  if (across < 0 || across > 1 || up < 0 || up > 1) return null;
  return closest(view.x[0] + across * (view.x[1] - view.x[0]), view.y[0] + up * (view.y[1] - view.y[0]));
}
function closest(x, y) {
  const index = (at, [low, high], count) => Math.min(count - 1, Math.max(0, Math.round((at - low) / (high - low) * (count - 1))));
  return [index(x, span.x, rows), index(y, span.y, columns)];
}

function zoom(factor, across, up) {
  for (const [axis, share] of [["x", across], ["y", up]]) {
    const [low, high] = view[axis], at = low + share * (high - low), whole = span[axis];
    const length = Math.min(Math.max((high - low) * factor, 1e-3), whole[1] - whole[0]);
    let start = at - share * length;
    start = Math.min(Math.max(start, whole[0]), whole[1] - length);
    view[axis] = [start, start + length];
  }
  draw();
}

function move(across, up) {
  for (const [axis, share] of [["x", across], ["y", up]]) {
    const [low, high] = view[axis], length = high - low, whole = span[axis];
    const start = Math.min(Math.max(low + share * length, whole[0]), whole[1] - length);
    view[axis] = [start, start + length];
  }
  draw();
}

function listen() {
  const canvas = $("map");
  let drag = null, hasMoved = false;
  const share = event => {
    const box = canvas.getBoundingClientRect(), f = frameOf(box.width, box.height);
    return [(event.clientX - box.left - f.x) / f.w, 1 - (event.clientY - box.top - f.y) / f.h];
  };
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    zoom(Math.exp(event.deltaY / 400), ...share(event));
  }, { passive: false });
  canvas.addEventListener("pointerdown", event => { drag = share(event); hasMoved = false; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", event => {
    drag = null;
    if (hasMoved) return;
    const at = nearest(event);
    if (at) { held = !held; point = at; draw(); }
  });
  canvas.addEventListener("pointermove", event => {
    if (drag) {
      const now = share(event), far = Math.hypot(now[0] - drag[0], now[1] - drag[1]);
      if (far > 0.005 || hasMoved) { hasMoved = true; move(drag[0] - now[0], drag[1] - now[1]); drag = now; }
    } else if (!held) {
      const at = nearest(event);
      if (at) { point = at; draw(); }
    }
  });
  canvas.addEventListener("dblclick", () => { view.x = [...span.x]; view.y = [...span.y]; draw(); });
  canvas.addEventListener("keydown", event => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (steps) {
      point = point || [rows >> 1, columns >> 1];
      point = [Math.min(rows - 1, Math.max(0, point[0] + steps[0])), Math.min(columns - 1, Math.max(0, point[1] + steps[1]))];
    } else if (event.key === "+") zoom(0.7, 0.5, 0.5);
    else if (event.key === "-") zoom(1 / 0.7, 0.5, 0.5);
    else if (event.key === "0") { view.x = [...span.x]; view.y = [...span.y]; }
    else return;
    event.preventDefault();
    draw();
  });
  addEventListener("resize", draw);
  addEventListener("hashchange", follow);
}

// map.html#10,5e-5 is the grid point nearest to that mass and coupling.
function follow() {
  const [mass, coupling] = location.hash.slice(1).split(",").map(Number);
  if (mass > 0 && coupling > 0) { point = closest(log(mass), log(coupling)); held = true; draw(); }
}

async function start() {
  for (const map of page.maps) map.codes = await unpacked(map.packed, columns);
  page.pulls = await Promise.all(page.pulls.map(text => unpacked(text, page.pull_columns.length)));
  paintImage(0);
  layers();
  listen();
  follow();
  draw();
  requestAnimationFrame(() => { document.body.dataset.ready = "yes"; });
}
start().catch(error => { $("trouble").textContent = `This browser cannot show the map: ${error.message}`; });
