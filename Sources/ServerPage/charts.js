// Curves as drawings.

const chartSize = { width: 720, height: 320, left: 62, right: 14, top: 12, bottom: 44 };

/**
 * @param series - `[{ name, style, points: [{ x, y }], isDotted, best: { x, y, value } }]`
 * @param options - `{ label, across, up, isLogarithmic }`
 */
function chart(series, { label, across, up, isLogarithmic }) {
  const hasPlace = ({ y }) => !isLogarithmic || y > 0;
  const shown = series.map((one) => ({ ...one, points: thinned(one.points.filter(hasPlace), 600) }));
  const points = shown.flatMap((one) => one.points);
  if (points.length === 0) return element('p', { class: 'soft' }, 'There is nothing to draw yet.');
  const marked = shown.filter(({ best }) => best && hasPlace(best)), highest = Math.max(...marked.map((one) => one.best.y));
  const scale = chartScale(points, isLogarithmic), { width, height, left, right, top, bottom } = chartSize;
  return drawn('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    scale.ticksUp.map((value) => [
      drawn('line', { class: 'grid', x1: left, x2: width - right, y1: scale.y(value), y2: scale.y(value) }),
      drawn('text', { x: left - 8, y: scale.y(value) + 5, 'text-anchor': 'end' }, shortNumber(value)),
    ]).flat(),
    scale.ticksAcross.map((value) => drawn('text', { x: scale.x(value), y: height - bottom + 20, 'text-anchor': scale.x(value) > width - 40 ? 'end' : 'middle' }, shortNumber(value))),
    drawn('line', { class: 'axis', x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }),
    drawn('text', { class: 'name', x: width - right, y: height - 4, 'text-anchor': 'end' }, across),
    drawn('text', { class: 'name', x: left + 6, y: top + 12 }, up),
    shown.map((one) => drawn('polyline', { class: `curve ${one.style}${one.isDotted ? ' dotted' : ''}`, points: pathText(one.points, scale) })),
    marked.map((one) => bestMark(one, scale, one.best.y < highest)));
}

function pathText(points, scale) {
  return points.map(({ x, y }) => `${scale.x(x).toFixed(1)},${scale.y(y).toFixed(1)}`).join(' ');
}

function bestMark({ best, style }, scale, isUnder) {
  const x = scale.x(best.x), y = scale.y(best.y), isLate = x > chartSize.width * 0.75;
  return drawn('g', { class: `best ${style}` }, drawn('circle', { cx: x, cy: y, r: 5 }),
    drawn('text', { x: x + (isLate ? -9 : 9), y: isUnder ? y + 22 : y - 9, 'text-anchor': isLate ? 'end' : 'start' }, `best ${best.value.toFixed(4)}`));
}

/** Where values stand in the drawing, and which of them are named. */
function chartScale(points, isLogarithmic) {
  const { width, height, left, right, top, bottom } = chartSize;
  const across = bounds(points.map(({ x }) => x)), bend = isLogarithmic ? Math.log : (value) => value;
  const up = bounds(points.map(({ y }) => bend(y)));
  const range = up.high - up.low, low = up.low - range * 0.12, high = up.high + range * 0.05;
  const ticks = isLogarithmic ? logarithmicTicks(Math.exp(low), Math.exp(high)) : evenTicks(low, high, 6);
  return {
    x: (value) => left + (width - left - right) * (value - across.low) / (across.high - across.low),
    y: (value) => height - bottom - (height - bottom - top) * (bend(value) - low) / (high - low),
    ticksAcross: evenTicks(across.low, across.high, 7), ticksUp: ticks,
  };
}

function bounds(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity), high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return low < high ? { low, high } : { low: low - Math.abs(low || 1) * 0.1, high: high + Math.abs(high || 1) * 0.1 };
}

/** Round numbers, about so many. */
function evenTicks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  // Counted from the first: where values differ in their last digits alone, one more is the same number.
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** 1, 2, 5 of each power of ten; even ones where less than three of those fit. */
function logarithmicTicks(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** power);
  }
  const inside = ticks.filter((value) => value >= low && value <= high);
  return inside.length >= 3 ? inside : evenTicks(low, high, 6).filter((value) => value > 0);
}

function shortNumber(value) {
  if (value === 0) return '0';
  if (Math.abs(value) >= 10000) return `${Number((value / 1000).toPrecision(4))}k`;
  return Math.abs(value) < 0.001 ? value.toExponential(0) : String(Number(value.toPrecision(4)));
}

/** At most about so many points: of each stretch its lowest and highest, so that no peak is lost. */
function thinned(points, most) {
  if (points.length <= most) return points;
  const size = Math.ceil(2 * points.length / most), kept = [];
  for (let from = 0; from < points.length; from += size) {
    const part = points.slice(from, from + size);
    const low = part.reduce((a, b) => (b.y < a.y ? b : a)), high = part.reduce((a, b) => (b.y > a.y ? b : a));
    kept.push(...(low === high ? [low] : low.x < high.x ? [low, high] : [high, low]));
  }
  return kept;
}

/** The same in numbers, for who cannot or will not see it: every value, or some two dozen of many. */
function curveTable(series, across) {
  const every = [...new Set(series.flatMap((one) => one.points.map(({ x }) => x)))].sort((a, b) => a - b);
  const step = Math.ceil(every.length / 24), some = every.filter((_, index) => (every.length - 1 - index) % step === 0);
  return table([across, ...series.map((one) => one.name)],
    some.map((x) => [grouped.format(x), ...series.map((one) => nearValue(one.points, x, every[every.length - 1] / 50))]));
}

function nearValue(points, x, reach) {
  const after = firstIndex(points, (point) => point.x >= x);
  const near = [points[after - 1], points[after]].filter(Boolean).sort((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x))[0];
  return near && Math.abs(near.x - x) <= reach ? near.y.toFixed(4) : '–';
}

function table(titles, rows, caption) {
  return element('div', { class: 'wide-table', tabindex: 0, role: 'region', 'aria-label': caption ?? titles.join(', ') },
    element('table', {}, element('thead', {}, element('tr', {}, titles.map((title) => element('th', { scope: 'col' }, title)))),
      element('tbody', {}, rows.map(([first, ...rest]) =>
        element('tr', {}, element('th', { scope: 'row' }, first), rest.map((cell) => element('td', {}, cell)))))));
}
