// The tab of runs: what has been trained, live while it trains, and two beside each other.

pageTabs.runs = {
  title: 'Runs',
  parts: new Map(),
  openSamples: new Set(),

  mount() {
    this.notices = new Notices(find('runs-notices'));
    this.drawing = drawingOptions(() => this.draw(this.runs, this.shown));
    document.addEventListener('visibilitychange', () => this.refresh());
    document.addEventListener('key', () => this.refresh());
  },

  /** `#runs`, `#runs/NAME`, `#runs/NAME/with/OTHER` */
  show([name, , other]) {
    Object.assign(this, { name, other, isShown: true });
    this.refresh();
  },

  hide() {
    this.isShown = false;
  },

  // MARK: Asking

  /** Asks again as long as somebody looks: after two seconds while something trains, else after ten. */
  async refresh() {
    clearTimeout(this.timer);
    if (!this.isShown || document.hidden) return;
    const turn = {};
    this.turn = turn;
    const pause = await this.load(() => this.turn === turn);
    if (pause && this.isShown && this.turn === turn) this.timer = setTimeout(() => this.refresh(), pause);
  },

  /**
   * Asks, and draws; how many milliseconds later it is worth to ask again.
   * @param isCurrent - whether nothing else has been asked for meanwhile.
   */
  async load(isCurrent) {
    const { name, other } = this;
    try {
      const { runs } = await server.get('/v1/runs');
      const details = await Promise.all([name, other].filter(Boolean).map((one) => server.get(`/v1/runs/${encodeURIComponent(one)}`)));
      if (!isCurrent()) return undefined;
      this.notices.clear('runs');
      this.draw(runs, details);
      return runs.some((run) => run.status === 'running') ? 2000 : 10000;
    } catch (error) {
      if (!isCurrent()) return undefined;
      this.notices.failure('runs', error, { 'Try again': () => this.refresh() });
      if (error.status === 404) this.draw(this.runs ?? [], []);
      // A server that is started again is found by itself, and what could not be drawn may be another the next time; a run
      // that is gone is not asked for again.
      return error.status > 0 ? undefined : 2000;
    }
  },

  // MARK: Drawing

  draw(runs, shown) {
    Object.assign(this, { runs, shown });
    keepingFocus(find('runs'), () => this.drawParts(runs, shown));
  },

  drawParts(runs, shown) {
    this.part('runs-list', [runs, this.name], () => runList(runs, this.name));
    if (shown.length === 0) return this.part('run', [], () => [element('p', { class: 'soft' }, 'Choose a run.')]);
    this.part('run', [this.name, this.other], () => this.frame(shown));
    this.part('run-facts', shown, () => shown.map((run) => factsOfRun(run)));
    this.part('run-choice', [this.runs.map((run) => run.name), this.name, this.other], () => this.comparisonChoice());
    this.part('run-curves', [shown, this.drawing.values], () => this.curves(shown));
    this.part('run-rest', shown.map(({ samples, options, data, command, compared_by: by, best }) => [samples, options, data, command, by, best]),
      () => (shown.length === 2 ? comparison(...shown) : this.rest(shown[0])));
  },

  /** Draws a part again only where what it shows has changed: what is open or selected in others stays. */
  part(id, data, make) {
    const state = JSON.stringify(data);
    if (this.parts.get(id) === state) return;
    find(id).replaceChildren(...make());
    this.parts.set(id, state);
    if (id === 'run') for (const inner of ['run-facts', 'run-choice', 'run-curves', 'run-rest']) this.parts.delete(inner);
  },

  frame(shown) {
    return [
      element('h2', {}, shown.map(({ name }) => (shown.length > 1 ? isolated(name) : name)).join(' and ')), element('div', { id: 'run-facts' }),
      element('div', { class: 'actions' }, element('div', { id: 'run-choice' }), this.drawing.elements),
      element('div', { id: 'run-curves' }), element('div', { id: 'run-rest' }),
    ];
  },

  comparisonChoice() {
    const others = this.runs.filter((run) => run.name !== this.name);
    const choose = ({ target }) => {
      location.hash = target.value ? app.address('runs', this.name, 'with', target.value) : app.address('runs', this.name);
    };
    const select = element('select', { id: 'compare-with', onchange: choose }, element('option', { value: '' }, 'no other run'),
      others.map(({ name }) => element('option', { value: name, selected: name === this.other }, name)));
    return [element('label', { for: 'compare-with' }, 'Beside '), select];
  },

  curves(shown) {
    const { isLogarithmic, axis } = this.drawing.values;
    const series = shown.flatMap((run, index) => seriesOf(run, axis, shown.length > 1 ? index : undefined));
    const label = `Loss of ${shown.map((run) => run.name).join(' and ')}, in ${shown[0].loss_unit}: ${series.map(lastValueText).join('; ')}`;
    return [
      chart(series, { label, across: axis, up: shown[0].loss_unit ?? 'loss', isLogarithmic }),
      element('ul', { class: 'key' }, series.map(({ name, style, isDotted }) => element('li', { class: `${style}${isDotted ? ' dotted' : ''}` }, name))),
      element('details', {}, element('summary', {}, 'The curves in numbers'), curveTable(series, axis)),
    ];
  },

  rest({ samples = [], options = [], data = [], command }) {
    return [
      ...section('Samples', [...samples].reverse().map((sample, index) => this.sample(sample, index === 0))),
      ...section('Configuration', [facts(pairs(options))]),
      ...section('Data', [facts(pairs(data))]),
      ...section('Started with', command ? [element('pre', { tabindex: 0 }, command)] : []),
    ];
  },

  sample({ step, temperature, text }, isNewest) {
    const { openSamples } = this, key = `${this.name} ${step} ${temperature}`;
    const toggled = ({ target }) => (target.open ? openSamples.add(key) : openSamples.delete(key));
    const heat = temperature === undefined || temperature === null ? '' : `, temperature ${temperature}`;
    return element('details', { open: isNewest || openSamples.has(key), ontoggle: toggled },
      element('summary', {}, `step ${grouped.format(step)}${heat}`), element('pre', {}, text));
  },
};

/** What is drawn anew gives the focus to its like. */
function keepingFocus(place, draw) {
  const { activeElement: focused } = document, isInside = place.contains(focused);
  draw();
  if (!isInside || focused.isConnected) return;
  const like = focused.id ? `#${CSS.escape(focused.id)}` : `[href="${CSS.escape(focused.getAttribute('href') ?? '')}"]`;
  place.querySelector(like)?.focus();
}

/** A switch for the scale and one for what lies across. */
function drawingOptions(changed) {
  const logarithmic = element('input', { type: 'checkbox', id: 'logarithmic', onchange: changed });
  const axis = element('select', { id: 'axis', onchange: changed }, ['step', 'epoch', 'seconds'].map((name) => element('option', {}, name)));
  return {
    elements: [element('label', {}, 'Across ', axis), element('label', { class: 'check' }, logarithmic, ' logarithmic')],
    get values() { return { isLogarithmic: logarithmic.checked, axis: axis.value }; },
  };
}

function runList(runs, current) {
  if (runs.length === 0) return [element('p', { class: 'soft' }, 'Nothing has been trained in this store yet.')];
  return [element('ul', {}, runs.map((run) => element('li', {},
    element('a', { class: 'row', href: app.address('runs', run.name), 'aria-current': run.name === current && 'page' },
      element('strong', { dir: 'auto' }, run.name), element('small', {}, summaryText(run))))))];
}

/** The lowest loss of a validation and its step. Runs that were never validated, as imported ones, have none. */
function bestOf({ best }) {
  return Number.isFinite(best?.value) ? best : undefined;
}

function summaryText(run) {
  const { kind, status, step } = run, best = bestOf(run);
  return [kind, status, counted(step ?? 0, 'step'), best && `best ${best.value.toFixed(4)}`].filter(Boolean).join(', ');
}

function factsOfRun(run) {
  const { name, kind, status, created, parameters, step, planned_steps: planned, loss_unit: unit } = run, best = bestOf(run);
  const steps = planned && planned !== step ? `${grouped.format(step)} of ${grouped.format(planned)}` : grouped.format(step ?? 0);
  return facts([
    ['Run', name], ['Kind', kind], ['Status', status], ['Begun', created && dateText(created)], ['Parameters', parameters && grouped.format(parameters)],
    ['Steps', steps], ['Best', best ? `${best.value.toFixed(4)} ${unit ?? ''}, at step ${grouped.format(best.step)}` : 'not validated'],
  ].filter(([, value]) => value));
}

function facts(rows) {
  return element('dl', { class: 'pairs' }, rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, String(value)))));
}

function pairs(list) {
  return list.map(({ name, value }) => [name, value]);
}

function section(title, content) {
  return content.length > 0 ? [element('h3', {}, title), ...content] : [];
}

/** @param index - which of two runs it is; nothing for one alone. */
function seriesOf(run, axis, index) {
  const { name, curves = {} } = run, best = bestOf(run);
  const points = (curve) => (curve ?? []).map((point) => ({ x: point[axis], y: point.value })).filter(isDrawable);
  const of = index === undefined ? '' : `, ${name}`, validation = points(curves.validation);
  const at = best && curves.validation?.find(({ step }) => step === best.step);
  const marked = at && { x: at[axis], y: at.value, value: best.value };
  return [
    { name: `training${of}`, style: `of-${index ?? 0}`, points: points(curves.training), isDotted: index !== undefined },
    { name: `validation${of}`, style: `of-${index ?? 1}`, points: validation, best: marked && isDrawable(marked) ? marked : undefined },
  ].filter((series) => series.points.length > 0);
}

/** A loss that is no number, as of a run that went astray, is null here. */
function isDrawable({ x, y }) {
  return Number.isFinite(x) && Number.isFinite(y);
}

function lastValueText({ name, points }) {
  return `${name} ${points.at(-1).y.toFixed(4)} at the end`;
}

// MARK: Two runs

function comparison(first, second) {
  const rows = differences(first, second), names = [first.name, second.name];
  return [
    element('p', {}, verdict(first, second)), element('h3', {}, 'What differs'),
    rows.length > 0 ? table(['Option', ...names], rows, 'What differs') : element('p', { class: 'soft' }, 'Their options and data are the same.'),
  ];
}

/** `[name, value, value]` of what is not the same. */
function differences(first, second) {
  const maps = [first, second].map(({ options = [], data = [] }) => new Map(pairs([...options, ...data])));
  const names = [...new Set(maps.flatMap((map) => [...map.keys()]))];
  return names.map((name) => [name, ...maps.map((map) => String(map.get(name) ?? '–'))]).filter(([, a, b]) => a !== b);
}

function verdict(first, second) {
  if (first.compared_by !== second.compared_by) return 'Their losses were not measured alike: which is better cannot be said from them.';
  const bests = [first, second].map(bestOf);
  if (!bests.every(Boolean)) return 'One was never validated: which is better cannot be said.';
  const gap = bests[0].value - bests[1].value;
  if (gap === 0) return 'Both have the same best loss.';
  const [better, worse] = gap < 0 ? [first, second] : [second, first];
  return `${better.name} is better by ${Math.abs(gap).toFixed(4)} ${better.loss_unit ?? ''}: ${better.best.value.toFixed(4)} against ${worse.best.value.toFixed(4)}.`;
}
