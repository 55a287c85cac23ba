"use strict";

// The map of codes: pictures laid out in the plane, near ones alike.
//
// mountMap(element, data, pictureURL, {onSelect}) fills an element and returns {select, search, reset, destroy}.
//   data        {tile: {width, height}, columns, points: [[x, y], …], names: [text, …], labels: [text or null, …] or
//               null, neighbors: [[index, …], …], distances: [[number, …], …]}
//   pictureURL  of one picture with a tile for each point, row by row, `columns` in a row
//   onSelect    is told the index of the picture chosen, or null
const mountMap = (() => {
  // Apart in light and in dark, the first four as those of curves.
  const palettes = {
    light: [
      "#1f6fb4", "#c2570c", "#2f8a3d", "#c0392b", "#7d4fb3", "#8c564b", "#c2478f", "#6b6b6b", "#7d7d00", "#0b8a99",
    ],
    dark: [
      "#5aa9e6", "#f0924c", "#6cc47a", "#f07b6e", "#b794e8", "#c79a8f", "#f08cc8", "#a8a8a8", "#d4d43a", "#4fd0df",
    ],
  };

  function colorOf(category, isDark) {
    const palette = isDark ? palettes.dark : palettes.light;
    if (category < palette.length) return palette[category];
    // Beyond ten the golden angle keeps neighbors apart.
    return `hsl(${(category * 137.508) % 360} ${isDark ? "65% 68%" : "60% 38%"})`;
  }

  const counted = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

  function make(kind, className, properties = {}) {
    const element = document.createElement(kind);
    if (className) element.className = className;
    for (const [name, value] of Object.entries(properties)) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    return element;
  }

  function button(text, act, label = "") {
    const made = make("button", "map-button", {type: "button", textContent: text});
    if (label) {
      made.title = label;
      made.setAttribute("aria-label", label);
    }
    made.addEventListener("click", act);
    return made;
  }

  // Where points are, by squares of the plane: what lies near a place is found without looking at all of them.
  class PointGrid {
    constructor(x, y) {
      const count = x.length, side = Math.max(1, Math.ceil(Math.sqrt(count / 2)));
      this.x = x; this.y = y; this.side = side;
      this.left = Math.min(...bounds(x)); this.top = Math.min(...bounds(y));
      this.width = Math.max(...bounds(x)) - this.left || 1;
      this.height = Math.max(...bounds(y)) - this.top || 1;
      this.cells = Array.from({length: side * side}, () => []);
      for (let i = 0; i < count; i++) this.cells[this.row(y[i]) * side + this.column(x[i])].push(i);
    }

    get occupiedArea() {
      const cell = this.width * this.height / (this.side * this.side);
      return cell * this.cells.reduce((sum, cell) => sum + (cell.length > 0), 0);
    }

    column(x) { return clamp(Math.floor((x - this.left) / this.width * this.side), 0, this.side - 1); }
    row(y) { return clamp(Math.floor((y - this.top) / this.height * this.side), 0, this.side - 1); }

    forEachIn(left, top, right, bottom, act) {
      const first = this.column(left), last = this.column(right), end = this.row(bottom);
      for (let row = this.row(top); row <= end; row++) {
        for (let column = first; column <= last; column++) {
          for (const i of this.cells[row * this.side + column]) {
            if (this.x[i] >= left && this.x[i] <= right && this.y[i] >= top && this.y[i] <= bottom) act(i);
          }
        }
      }
    }
  }

  function bounds(values) {
    let least = Infinity, most = -Infinity;
    for (const value of values) { least = Math.min(least, value); most = Math.max(most, value); }
    return [least, most];
  }

  const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

  let mounted = 0;

  return function mountMap(element, data, pictureURL, {onSelect = () => {}} = {}) {
    const count = data.points.length, tile = data.tile, name = `map-${++mounted}`;
    const x = Float64Array.from(data.points, (point) => point[0]);
    // Up is up.
    const y = Float64Array.from(data.points, (point) => -point[1]);
    const grid = new PointGrid(x, y);
    const [labels, category] = categories(data.labels, count);
    const isShown = labels.map(() => true);
    const isDark = matchMedia("(prefers-color-scheme: dark)");
    let colors = [], found = null, hovered = null, focused = null, selected = null;
    let scale = 1, centerX = 0, centerY = 0, width = 0, height = 0, ratio = 1, isWhole = true;
    let picture = null, isDrawn = true, isDestroyed = false;

    // How far points are apart where it is crowded, in units of the plane: what a thumbnail must not exceed by much.
    const spacing = Math.sqrt(grid.occupiedArea / Math.max(count, 1));

    // MARK: Elements

    element.classList.add("map");
    element.textContent = "";
    const bar = make("div", "map-bar"), stage = make("div", "map-stage"), canvas = make("canvas", "map-canvas");
    const searchField = make("input", "map-search", {
      type: "search", placeholder: "Search by name", autocomplete: "off", spellcheck: false,
    });
    searchField.setAttribute("aria-label", "Search pictures by name");
    const foundText = make("span", "map-found", {role: "status"});
    const zoomIn = button("+", () => zoom(1.6), "Zoom in"), zoomOut = button("−", () => zoom(1 / 1.6), "Zoom out");
    bar.append(searchField, foundText, zoomOut, zoomIn, button("Whole map", reset));
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", `Map of ${counted(count, "picture")}`);
    canvas.setAttribute("aria-describedby", `${name}-help`);
    const tip = make("div", "map-tip", {hidden: true}), tipPicture = make("canvas"), tipText = make("div");
    tip.setAttribute("aria-hidden", "true");
    tip.append(tipPicture, tipText);
    const spoken = make("div", "map-spoken", {role: "status"});
    stage.append(canvas, tip);
    const help = make("p", "map-help", {
      id: `${name}-help`,
      textContent: "Drag to move, wheel or pinch to zoom, click a picture for its nearest. By keyboard: arrows go from "
        + "picture to picture, Enter chooses, Shift and arrows move the map, + and − zoom, 0 shows all, Escape lets go.",
    });
    const legend = make("div", "map-legend", {role: "group"}), detail = make("div", "map-detail");
    legend.setAttribute("aria-label", "Labels shown");
    element.append(bar, stage, legend, detail, help, spoken);
    const pen = canvas.getContext("2d", {alpha: false});

    // MARK: Legend

    function categories(labels, count) {
      if (!labels) return [[], new Uint16Array(count)];
      const names = [...new Set(labels)].sort((a, b) =>
        (a === null) - (b === null) || (a ?? "").localeCompare(b ?? "", "en", {numeric: true}));
      const places = new Map(names.map((name, place) => [name, place]));
      return [names, Uint16Array.from(labels, (label) => places.get(label))];
    }

    const labelText = (place) => labels[place] === null ? "no label" : labels[place];
    const nameOf = (i) => data.names[i];
    const labelOf = (i) => labels.length ? labelText(category[i]) : null;
    const isVisible = (i) => labels.length === 0 || isShown[category[i]];

    const switches = labels.map((_, place) => {
      const own = category.reduce((sum, other) => sum + (other === place), 0);
      const made = button("", () => {
        isShown[place] = !isShown[place];
        showLegend();
        changed();
      });
      made.classList.add("map-label");
      made.append(make("span", "map-swatch"), `${labelText(place)} `,
                  make("span", "map-count", {textContent: own.toLocaleString("en")}));
      // To see one alone.
      made.addEventListener("dblclick", () => {
        labels.forEach((_, other) => { isShown[other] = other === place; });
        showLegend();
        changed();
      });
      return made;
    });
    if (labels.length) {
      legend.append(...switches);
      if (labels.length > 2) {
        const all = (shown) => () => {
          labels.forEach((_, place) => { isShown[place] = shown; });
          showLegend();
          changed();
        };
        legend.append(button("All", all(true), "All labels"), button("None", all(false), "None of the labels"));
      }
    } else {
      legend.hidden = true;
    }

    function showLegend() {
      switches.forEach((made, place) => made.setAttribute("aria-pressed", String(isShown[place])));
    }

    // MARK: Colors

    let words = [], faintWords = [], ground = "", groundWord = 0, ink = "";

    // A color as a canvas keeps it in memory, and as it is over the ground.
    function readColors() {
      const style = getComputedStyle(element), dark = isDark.matches;
      ground = style.getPropertyValue("--ground").trim() || (dark ? "#0f1419" : "#fff");
      ink = style.getPropertyValue("--ink").trim() || (dark ? "#e6e8eb" : "#1f2328");
      const places = labels.length ? labels.map((_, place) => place) : [0];
      colors = places.map((place) => colorOf(place, dark));
      const probe = make("canvas", "", {width: 1, height: 1}).getContext("2d", {willReadFrequently: true});
      const word = (color, alpha) => {
        probe.globalAlpha = 1;
        probe.fillStyle = ground;
        probe.fillRect(0, 0, 1, 1);
        probe.globalAlpha = alpha;
        probe.fillStyle = color;
        probe.fillRect(0, 0, 1, 1);
        return new Uint32Array(probe.getImageData(0, 0, 1, 1).data.buffer)[0];
      };
      groundWord = word(ground, 1);
      words = colors.map((color) => word(color, 1));
      faintWords = colors.map((color) => word(color, 0.16));
      switches.forEach((made, place) => { made.firstChild.style.background = colors[place]; });
      changed();
    }

    // MARK: Drawing

    let pixels = null, target = null;

    const toScreenX = (value) => (value - centerX) * scale + width / 2;
    const toScreenY = (value) => (value - centerY) * scale + height / 2;
    const toPlaneX = (value) => (value - width / 2) / scale + centerX;
    const toPlaneY = (value) => (value - height / 2) / scale + centerY;

    function changed() {
      if (!isDrawn) return;
      isDrawn = false;
      requestAnimationFrame(draw);
    }

    // Pixels of a thumbnail's longer side; 0: dots.
    function thumbnailSide() {
      const room = spacing * scale;
      if (room < 10 || levels.length === 0) return 0;
      if (room * ratio > 1.5 * longerSide) return Math.min(room, Math.max(96, 2 * longerSide));
      return levelFor(room * ratio).longer / ratio;
    }

    function draw() {
      isDrawn = true;
      if (width < 1 || height < 1) return;
      const side = thumbnailSide();
      if (side * ratio <= longerSide) drawPixels(side);
      else {
        pen.setTransform(1, 0, 0, 1, 0, 0);
        pen.fillStyle = ground;
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.imageSmoothingEnabled = false;
        forEachInView(side, (i) => {
          pen.globalAlpha = found === null || found.has(i) ? 1 : 0.16;
          drawTile(i, side, labels.length ? colors[category[i]] : null);
        });
        pen.globalAlpha = 1;
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawChosen(side);
      placeTip();
    }

    // Pictures in view, those that were found last, so that they lie above.
    function forEachInView(side, act) {
      const reach = side / scale + 6 / scale, above = [];
      const [left, right] = [toPlaneX(0) - reach, toPlaneX(width) + reach];
      const [top, bottom] = [toPlaneY(0) - reach, toPlaneY(height) + reach];
      grid.forEachIn(left, top, right, bottom, (i) => {
        if (!isVisible(i)) return;
        if (found !== null && found.has(i)) above.push(i);
        else act(i);
      });
      above.forEach(act);
    }

    const dotRadius = () => clamp(spacing * scale * 0.25, 1.5, 5);

    // Dots and small thumbnails go straight into the canvas's memory: ten thousand take a few milliseconds on any
    // machine, where as many calls to draw would take longer than a frame.
    function drawPixels(side) {
      if (!pixels || pixels.width !== canvas.width || pixels.height !== canvas.height) {
        pixels = pen.createImageData(canvas.width, canvas.height);
        target = new Uint32Array(pixels.data.buffer);
      }
      target.fill(groundWord);
      const across = pixels.width, down = pixels.height, factor = scale * ratio;
      const left = width * ratio / 2 - centerX * factor, top = height * ratio / 2 - centerY * factor;
      const stamp = disc(dotRadius() * ratio), level = side === 0 ? null : levelFor(side * ratio);
      const frame = level && labels.length ? Math.max(1, Math.round(ratio)) : 0;
      forEachInView(side, (i) => {
        const isFaint = found !== null && !found.has(i);
        const column = Math.round(x[i] * factor + left), row = Math.round(y[i] * factor + top);
        if (!level || isFaint) {
          const word = (isFaint ? faintWords : words)[category[i]];
          for (const [offset, reach] of stamp) fillRow(row + offset, column - reach, column + reach + 1, word);
          return;
        }
        const tileLeft = column - (level.across >> 1), tileTop = row - (level.down >> 1);
        if (frame) {
          for (let line = -frame; line < level.down + frame; line++) {
            fillRow(tileTop + line, tileLeft - frame, tileLeft + level.across + frame, words[category[i]]);
          }
        }
        const start = Math.max(0, tileLeft), end = Math.min(across, tileLeft + level.across);
        const first = i * level.across * level.down - tileLeft;
        for (let line = Math.max(0, -tileTop); line < level.down && tileTop + line < down && start < end; line++) {
          const from = first + line * level.across, to = (tileTop + line) * across;
          for (let at = start; at < end; at++) target[to + at] = level.pixels[from + at];
        }
      });
      pen.putImageData(pixels, 0, 0);
    }

    function fillRow(row, start, end, word) {
      if (row < 0 || row >= pixels.height) return;
      const first = row * pixels.width;
      for (let at = first + Math.max(0, start); at < first + Math.min(pixels.width, end); at++) target[at] = word;
    }

    // The rows of a disc: offset and half a width.
    function disc(radius) {
      const rows = [];
      for (let row = -Math.floor(radius); row <= radius; row++) {
        rows.push([row, Math.floor(Math.sqrt(radius * radius - row * row))]);
      }
      return rows;
    }

    // MARK: Thumbnails

    // All tiles at a few sizes up to their own, the smallest first.
    const levels = [], longerSide = Math.max(tile.width, tile.height);

    // The largest that is not larger than its room, if one is.
    const levelFor = (room) => levels.findLast((level) => level.longer <= room + 0.5) ?? levels[0];

    async function makeLevels() {
      const sizes = [];
      for (let size = longerSide; size >= 10 * ratio || sizes.length === 0; size /= Math.SQRT2) {
        sizes.unshift(Math.round(size));
      }
      const made = [];
      for (const size of sizes) {
        const fit = size / longerSide, across = Math.max(1, Math.round(tile.width * fit));
        const down = Math.max(1, Math.round(tile.height * fit));
        const level = {longer: size, across, down, pixels: new Uint32Array(count * across * down)};
        // A row of tiles at a time, one below the other: so they lie in memory.
        const strip = make("canvas", "", {width: across, height: down * data.columns});
        const stripPen = strip.getContext("2d", {willReadFrequently: true, alpha: false});
        stripPen.imageSmoothingQuality = "high";
        for (let first = 0; first < count; first += data.columns) {
          const end = Math.min(count, first + data.columns);
          for (let i = first; i < end; i++) {
            stripPen.drawImage(picture, ...tilePlace(i), 0, (i - first) * down, across, down);
          }
          const read = stripPen.getImageData(0, 0, across, down * (end - first));
          level.pixels.set(new Uint32Array(read.data.buffer), first * across * down);
          // Between two rows the page goes on.
          if (first % (10 * data.columns) === 0) await new Promise((go) => setTimeout(go));
          if (isDestroyed) return;
        }
        made.push(level);
      }
      levels.push(...made);
      changed();
    }

    const tilePlace = (i) =>
      [(i % data.columns) * tile.width, Math.floor(i / data.columns) * tile.height, tile.width, tile.height];

    // The part of the sprite that shows one picture.
    function drawTile(i, side, frame, thickness = side >= 24 ? 2 : 1) {
      const fit = side / longerSide, across = tile.width * fit, down = tile.height * fit;
      const left = toScreenX(x[i]) - across / 2, top = toScreenY(y[i]) - down / 2;
      if (frame) {
        pen.fillStyle = frame;
        pen.fillRect(left - thickness, top - thickness, across + 2 * thickness, down + 2 * thickness);
      }
      pen.drawImage(picture, ...tilePlace(i), left, top, across, down);
    }

    function drawChosen(side) {
      if (selected !== null) {
        pen.beginPath();
        for (const neighbor of data.neighbors[selected]) {
          pen.moveTo(toScreenX(x[selected]), toScreenY(y[selected]));
          pen.lineTo(toScreenX(x[neighbor]), toScreenY(y[neighbor]));
        }
        // With a rim, so that they are seen on pictures too.
        for (const [color, thickness] of [[ground, 4], [ink, 1.5]]) {
          pen.strokeStyle = color;
          pen.lineWidth = thickness;
          pen.stroke();
        }
        for (const neighbor of data.neighbors[selected]) mark(neighbor, side, 1);
        mark(selected, side, 3);
      }
      if (focused !== null && focused !== selected && document.activeElement === canvas) mark(focused, side, 3);
      if (hovered !== null && hovered !== selected) mark(hovered, side, 2);
    }

    function mark(i, side, thickness) {
      if (side > 0) {
        const larger = side * (thickness > 1 ? 1.25 : 1);
        drawTile(i, larger, ground, thickness + 3);
        drawTile(i, larger, ink, thickness + 1);
        drawTile(i, larger, ground, 1);
      } else {
        const radius = dotRadius() + 1 + thickness;
        pen.beginPath();
        pen.arc(toScreenX(x[i]), toScreenY(y[i]), radius, 0, 2 * Math.PI);
        pen.fillStyle = colors[category[i]];
        pen.fill();
        pen.lineWidth = thickness;
        pen.strokeStyle = ink;
        pen.stroke();
      }
    }

    // One picture in an element of its own, its pixels as squares.
    function showTile(shown, i, room) {
      const factor = Math.max(1, Math.floor(room / longerSide));
      shown.width = tile.width * factor;
      shown.height = tile.height * factor;
      if (!picture) return;
      const own = shown.getContext("2d");
      own.imageSmoothingEnabled = false;
      own.drawImage(picture, ...tilePlace(i), 0, 0, shown.width, shown.height);
    }

    let tipOf = null;

    function placeTip() {
      const i = hovered ?? (document.activeElement === canvas ? focused : null);
      tip.hidden = i === null;
      if (i === null) { tipOf = null; return; }
      if (tipOf !== i) {
        tipOf = i;
        showTile(tipPicture, i, 96);
        tipText.textContent = nameOf(i);
        if (labels.length) tipText.append(make("div", "map-tip-label", {textContent: labelOf(i)}));
      }
      const across = tip.offsetWidth, down = tip.offsetHeight, left = toScreenX(x[i]), top = toScreenY(y[i]);
      tip.style.left = `${clamp(left + 14, 0, Math.max(0, width - across))}px`;
      tip.style.top = `${top + 14 + down <= height ? top + 14 : Math.max(0, top - down - 14)}px`;
    }

    // MARK: Moving

    function fit() {
      const room = 0.94;
      scale = Math.min(width * room / grid.width, height * room / grid.height);
      centerX = grid.left + grid.width / 2;
      centerY = grid.top + grid.height / 2;
      isWhole = true;
    }

    function reset() {
      fit();
      changed();
    }

    const leastScale = () => Math.min(width / grid.width, height / grid.height) / 4;

    // About a place of the stage, which stays where it is.
    function zoom(factor, aboutX = width / 2, aboutY = height / 2) {
      const planeX = toPlaneX(aboutX), planeY = toPlaneY(aboutY);
      scale = clamp(scale * factor, leastScale(), 400 / spacing);
      centerX = planeX - (aboutX - width / 2) / scale;
      centerY = planeY - (aboutY - height / 2) / scale;
      keepNear();
      changed();
    }

    function move(across, down) {
      centerX -= across / scale;
      centerY -= down / scale;
      keepNear();
      changed();
    }

    // So that the map cannot be lost.
    function keepNear() {
      centerX = clamp(centerX, grid.left, grid.left + grid.width);
      centerY = clamp(centerY, grid.top, grid.top + grid.height);
      isWhole = false;
    }

    function bringIntoView(i) {
      const left = toScreenX(x[i]), top = toScreenY(y[i]), edge = Math.min(40, width / 4, height / 4);
      if (left < edge || left > width - edge || top < edge || top > height - edge) {
        centerX = x[i];
        centerY = y[i];
        isWhole = false;
      }
    }

    // MARK: Pointing

    function nearest(left, top, radius) {
      const reach = Math.max(radius, thumbnailSide() / 2) / scale, ownX = toPlaneX(left), ownY = toPlaneY(top);
      let best = null, least = 1.42 * reach;
      grid.forEachIn(ownX - reach, ownY - reach, ownX + reach, ownY + reach, (i) => {
        const distance = Math.hypot(x[i] - ownX, y[i] - ownY);
        if (isVisible(i) && distance < least) { best = i; least = distance; }
      });
      return best;
    }

    const pointers = new Map();
    let travelled = 0;

    function place(event) {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }

    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, place(event));
      if (pointers.size === 1) travelled = 0;
    });
    canvas.addEventListener("pointermove", (event) => {
      const [left, top] = place(event), before = pointers.get(event.pointerId);
      if (!before) {
        hover(event.pointerType === "touch" ? null : nearest(left, top, 8));
        return;
      }
      const others = [...pointers].filter(([id]) => id !== event.pointerId);
      travelled += Math.hypot(left - before[0], top - before[1]);
      if (others.length === 0) {
        // A hand that trembles does not drag.
        if (travelled > 4) { hover(null); move(left - before[0], top - before[1]); }
      } else {
        const [otherX, otherY] = others[0][1];
        const was = Math.hypot(before[0] - otherX, before[1] - otherY), is = Math.hypot(left - otherX, top - otherY);
        move((left - before[0]) / 2, (top - before[1]) / 2);
        if (was > 0 && is > 0) zoom(is / was, (left + otherX) / 2, (top + otherY) / 2);
      }
      pointers.set(event.pointerId, [left, top]);
    });
    const letGo = (event) => {
      const isClick = pointers.delete(event.pointerId) && pointers.size === 0 && travelled <= 4;
      if (isClick && event.type === "pointerup") {
        const [left, top] = place(event);
        focused = nearest(left, top, event.pointerType === "touch" ? 20 : 8);
        select(focused);
      }
    };
    canvas.addEventListener("pointerup", letGo);
    canvas.addEventListener("pointercancel", letGo);
    canvas.addEventListener("pointerleave", () => hover(null));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      // Lines and pages are a step of a mouse wheel; a pinch on a touch pad comes as a fine wheel with Control.
      const step = event.deltaY * (event.deltaMode === 0 ? 1 : 30) * (event.ctrlKey ? 5 : 1);
      zoom(Math.exp(-clamp(step, -300, 300) * 0.002), ...place(event));
    }, {passive: false});

    function hover(i) {
      if (hovered === i) return;
      hovered = i;
      canvas.classList.toggle("map-pointing", i !== null);
      changed();
    }

    // MARK: Keys

    const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const arrow = arrows[event.key];
      if (arrow && event.shiftKey) move(-arrow[0] * width / 8, -arrow[1] * height / 8);
      else if (arrow) walk(...arrow);
      else if (event.key === "+" || event.key === "=") zoom(1.6);
      else if (event.key === "-" || event.key === "_") zoom(1 / 1.6);
      else if (event.key === "0" || event.key === "Home") reset();
      else if ((event.key === "Enter" || event.key === " ") && focused !== null) select(focused);
      else if (event.key === "Escape" && selected !== null) select(null);
      else return;
      event.preventDefault();
    });

    // To the nearest picture in a direction, what lies aside of it counted twice.
    function walk(right, down) {
      let best = null, least = Infinity;
      const [fromX, fromY] = focused === null ? [centerX, centerY] : [x[focused], y[focused]];
      for (let i = 0; i < count; i++) {
        if (i === focused || !isVisible(i) || (found !== null && !found.has(i))) continue;
        const ahead = (x[i] - fromX) * right + (y[i] - fromY) * down;
        const aside = Math.abs((x[i] - fromX) * down) + Math.abs((y[i] - fromY) * right);
        if (focused !== null && (ahead <= 0 || aside > 2 * ahead)) continue;
        const distance = focused === null ? Math.hypot(ahead, aside) : Math.hypot(ahead, 2 * aside);
        if (distance < least) { best = i; least = distance; }
      }
      if (best !== null) focusOn(best);
    }

    function focusOn(i) {
      focused = i;
      hovered = null;
      bringIntoView(i);
      say(i);
      changed();
    }

    const say = (i) => {
      spoken.textContent = labels.length ? `${nameOf(i)}, label ${labelOf(i)}` : nameOf(i);
    };
    canvas.addEventListener("focus", changed);
    canvas.addEventListener("blur", changed);

    // MARK: Choosing

    // The picture chosen, and its nearest with their distances.
    function select(i) {
      selected = i;
      showDetail();
      changed();
      onSelect(i);
    }

    function showDetail() {
      detail.textContent = "";
      if (selected === null) return;
      const heading = make("div", "map-chosen"), shown = make("canvas"), text = make("div");
      shown.setAttribute("aria-hidden", "true");
      showTile(shown, selected, 112);
      text.append(make("strong", "", {textContent: nameOf(selected)}));
      if (labels.length) text.append(make("div", "map-soft", {textContent: `label ${labelOf(selected)}`}));
      text.append(button("Let go", () => { select(null); canvas.focus(); }));
      heading.append(shown, text);
      const strip = make("ol", "map-strip", {"aria-label": "Nearest pictures by code, the nearest first"});
      data.neighbors[selected].forEach((neighbor, place) => {
        const distance = Number(data.distances[selected][place]).toPrecision(3);
        const item = make("li"), go = button("", () => {
          focusOn(neighbor);
          select(neighbor);
          detail.querySelector(".map-strip button")?.focus();
        });
        const small = make("canvas");
        small.setAttribute("aria-hidden", "true");
        showTile(small, neighbor, 56);
        go.append(small, make("span", "map-name", {textContent: nameOf(neighbor)}),
                  make("span", "map-soft", {textContent: (labels.length ? `\u2068${labelOf(neighbor)}\u2069 · ` : "") + distance}));
        go.setAttribute("aria-label", `${nameOf(neighbor)}${labels.length ? `, label ${labelOf(neighbor)}` : ""}, `
          + `distance ${distance}`);
        item.append(go);
        strip.append(item);
      });
      detail.append(heading, strip);
      spoken.textContent = `${nameOf(selected)} chosen, ${counted(data.neighbors[selected].length, "neighbor")} below`;
    }

    // MARK: Searching

    let lastFound = -1;

    function search(text) {
      const wanted = text.trim().toLowerCase();
      lastFound = -1;
      if (wanted === "") {
        found = null;
        foundText.textContent = "";
      } else {
        found = new Set();
        data.names.forEach((name, i) => {
          if (name.toLowerCase().includes(wanted)) found.add(i);
        });
        foundText.textContent = found.size === 0 ? "none found"
          : `${found.size.toLocaleString("en")} of ${count.toLocaleString("en")}, Enter goes to the next`;
      }
      changed();
    }

    searchField.addEventListener("input", () => search(searchField.value));
    searchField.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !found || found.size === 0) return;
      event.preventDefault();
      const all = [...found].filter(isVisible);
      if (all.length === 0) return;
      lastFound = (lastFound + 1) % all.length;
      focusOn(all[lastFound]);
      select(all[lastFound]);
    });

    // MARK: Size, theme, picture

    function resize() {
      const box = stage.getBoundingClientRect();
      if (box.width < 1 || box.height < 1) return;
      width = box.width;
      height = box.height;
      ratio = Math.min(devicePixelRatio || 1, 2);
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      if (isWhole) fit();
      // At once: a canvas that changes its size is empty.
      draw();
    }

    const sizes = new ResizeObserver(resize);
    sizes.observe(stage);
    isDark.addEventListener("change", readColors);
    showLegend();
    readColors();
    const image = new Image();
    image.addEventListener("load", async () => {
      picture = await createImageBitmap(image);
      tipOf = null;
      showDetail();
      await makeLevels();
    });
    image.addEventListener("error", () => {
      foundText.textContent = "the small pictures could not be read: dots alone";
    });
    image.src = pictureURL;

    return {
      select(i) {
        if (i !== null) focusOn(i);
        select(i);
      },
      search(text) {
        searchField.value = text;
        search(text);
      },
      reset,
      destroy() {
        isDestroyed = true;
        sizes.disconnect();
        isDark.removeEventListener("change", readColors);
        picture?.close();
        element.textContent = "";
        element.classList.remove("map");
      },
    };
  };
})();
