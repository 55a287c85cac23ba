// The tab of pictures: what a model makes of one, its codes along their directions, and the map of all.

pageTabs.see = {
  title: 'See',

  mount(panel) {
    this.model = element('select', { id: 'see-model', onchange: ({ target }) => { location.hash = app.address('see', target.value); } });
    this.picture = new PictureIn(this);
    this.sliders = new CodeSliders(this);
    this.place = element('div', { id: 'see-map' });
    this.mapStatus = element('p', { class: 'soft', role: 'status' });
    const notices = element('div', {});
    this.content = element('div', {},
      element('div', { class: 'see' }, this.picture.element, this.sliders.element),
      element('section', { 'aria-labelledby': 'see-map-title' },
        element('h2', { id: 'see-map-title' }, 'Map of codes'), this.mapStatus, this.place));
    panel.append(
      element('div', { class: 'toolbar' }, element('label', { for: 'see-model' }, 'Model'), this.model), notices, this.content);
    this.notices = new Notices(notices);
    document.addEventListener('key', () => this.refresh());
  },

  /** `#see`, `#see/MODEL` */
  show([name]) {
    Object.assign(this, { name, isShown: true });
    this.refresh();
  },

  hide() {
    this.isShown = false;
  },

  // MARK: Asking

  /** Asks which models there are; what one shows is asked for once, until it has other weights. */
  async refresh() {
    if (!this.isShown) return;
    try {
      const models = (await server.get('/v1/models')).data.filter(({ kind }) => kind === 'pictures');
      const chosen = this.name ? models.find(({ id }) => id === this.name) : models[0], isGone = this.name && !chosen;
      this.notices.clear('none');
      this.model.replaceChildren(
        ...(isGone ? [element('option', { value: this.name, selected: true }, `${isolated(this.name)} (not in the store)`)] : []),
        ...models.map(({ id, width, height }) =>
          element('option', { value: id, selected: id === chosen?.id }, `${isolated(id)}, ${width}×${height}`)));
      this.content.hidden = !chosen;
      if (models.length === 0) return this.notices.show('none', 'There is no model of pictures in this store yet: ae train pictures');
      if (isGone) {
        const message = `There is no model of pictures '${this.name}' in the store (any more).`;
        return this.notices.show('none', message, { isError: true, actions: { 'Choose another': () => this.model.focus() } });
      }
      if (this.loaded?.id !== chosen.id || this.loaded.step !== chosen.step) await this.load(chosen);
    } catch (error) {
      this.notices.failure('models', error, { 'Try again': () => this.refresh() });
    }
  },

  async load(model) {
    this.loaded = model;
    this.chosen = model;
    this.notices.clear('models');
    this.picture.clear();
    try {
      await Promise.all([this.sliders.load(model), this.loadMap(model)]);
    } catch (error) {
      if (this.loaded !== model) return;
      this.loaded = undefined;
      this.mapStatus.textContent = '';
      throw error;
    }
  },

  /** The address of something of the model in use. */
  path(place, { id } = this.chosen) {
    return `/v1/${place}?model=${encodeURIComponent(id)}`;
  },

  async loadMap(model) {
    this.map?.destroy();
    this.map = undefined;
    if (this.address) URL.revokeObjectURL(this.address);
    this.mapStatus.textContent = 'The map is being made; of many pictures that takes up to a minute.';
    const data = await server.get(this.path('map', model));
    const pictures = await (await server.ask('GET', this.path('map/pictures.png', model))).blob();
    if (this.loaded !== model) return;
    this.mapStatus.textContent = `${counted(data.names.length, 'picture')} by t-SNE of their codes: near ones are alike.`;
    this.address = URL.createObjectURL(pictures);
    this.map = mountMap(this.place, data, this.address, { onSelect: (index) => this.selected(index) });
  },

  /** The sliders go on from the picture chosen. */
  async selected(index) {
    if (index === null) return;
    const { chosen } = this;
    try {
      const { code } = await server.send('POST', '/v1/neighbors', { model: chosen.id, index, count: 1 });
      if (this.chosen === chosen) this.sliders.goTo(code);
    } catch (error) {
      this.notices.failure('selected', error);
    }
  },

  /** Shows a neighbor where it lies. */
  showOnMap(index) {
    this.map?.select(index);
    this.place.scrollIntoView({ block: 'nearest' });
  },
};

/** A picture of the reader's: its code, what becomes of it, and the most alike. */
class PictureIn {
  constructor(tab) {
    this.tab = tab;
    this.file = element('input', { type: 'file', id: 'see-file', accept: 'image/png,image/jpeg', onchange: () => this.take(this.file.files[0]) });
    this.result = element('div', { id: 'see-result' });
    this.status = element('p', { class: 'soft', role: 'status' });
    this.element = element('section', { class: 'drop', 'aria-labelledby': 'see-drop-title' },
      element('h2', { id: 'see-drop-title' }, 'A picture of yours'),
      element('p', {}, element('label', { for: 'see-file' }, 'Drop a PNG or JPEG here, or choose one: '), this.file),
      this.status, this.result);
    for (const kind of ['dragenter', 'dragover']) this.element.addEventListener(kind, (event) => this.over(event));
    this.element.addEventListener('dragleave', () => this.element.classList.remove('over'));
    this.element.addEventListener('drop', (event) => {
      this.over(event);
      this.element.classList.remove('over');
      this.take(event.dataTransfer.files[0]);
    });
  }

  over(event) {
    event.preventDefault();
    this.element.classList.add('over');
  }

  clear() {
    this.turn = undefined;
    this.status.textContent = '';
    this.result.replaceChildren();
    this.file.value = '';
  }

  async take(file) {
    if (!file) return;
    const turn = {};
    this.turn = turn;
    this.status.textContent = `Reading ${file.name}…`;
    this.tab.notices.clear('picture');
    const options = { body: file, type: file.type || 'application/octet-stream' };
    try {
      const found = await (await server.ask('POST', this.tab.path('reconstruct'), options)).json();
      if (this.turn !== turn) return;
      const { code, error, reconstruction, difference } = found;
      this.status.textContent = `${file.name}: mean squared error ${error.toPrecision(3)}`;
      this.show(file, reconstruction, difference, code);
      this.tab.sliders.goTo(code);
      const { neighbors } = await (await server.ask('POST', `${this.tab.path('neighbors')}&count=8`, options)).json();
      if (this.turn === turn) this.result.append(this.neighbors(neighbors));
    } catch (error) {
      if (this.turn !== turn) return;
      if (this.result.childElementCount === 0 || error.parameter !== 'model') this.status.textContent = '';
      this.tab.notices.failure('picture', error);
    }
  }

  show(file, reconstruction, difference, code) {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = URL.createObjectURL(file);
    this.result.replaceChildren(
      element('div', { class: 'three' },
        pictureFigure(this.address, `Your picture, ${file.name}`, 'your picture'),
        pictureFigure(pngAddress(reconstruction), 'What the model makes of it', 'reconstruction'),
        pictureFigure(pngAddress(difference), 'Where the two differ: the lighter, the more', 'difference')),
      element('details', {}, element('summary', {}, `Its code of ${counted(code.length, 'number')}`),
        element('pre', { tabindex: 0 }, code.map((value) => value.toFixed(4)).join(' '))));
  }

  neighbors(neighbors) {
    return element('div', {}, element('h3', {}, 'The most alike'),
      element('ol', { class: 'alike' }, neighbors.map(({ index, name, label, distance }) =>
        element('li', {}, element('button', { type: 'button', onclick: () => this.tab.showOnMap(index) },
          element('bdi', {}, name), ...(label === null || label === undefined ? [] : [', ', element('bdi', {}, label)]), element('span', { class: 'soft' }, ` ${distance.toPrecision(3)}`))))));
  }
}

/** A code, moved along the directions in which codes differ most, and its picture. */
class CodeSliders {
  constructor(tab) {
    this.tab = tab;
    this.list = element('div', { id: 'see-sliders' });
    this.shown = element('img', { alt: 'What the model makes of this code', id: 'see-decoded' });
    this.start = element('button', { type: 'button', disabled: true, onclick: () => this.goTo(this.from) }, 'Back to where it began');
    this.average = element('button', { type: 'button', onclick: () => this.goTo(this.mean) }, 'Average of all');
    this.element = element('section', { class: 'sliders', 'aria-labelledby': 'see-sliders-title' },
      element('h2', { id: 'see-sliders-title' }, 'Along the directions of a code'),
      element('p', { class: 'soft' }, 'In which the codes of the pictures differ most, the largest first, in standard deviations. A picture chosen below, or one of yours, is where it begins.'),
      element('div', { class: 'drawn' }, this.list, this.shown), element('div', { class: 'actions' }, this.average, this.start));
  }

  async load(model) {
    this.mean = undefined;
    this.isStale = false;
    this.list.replaceChildren();
    this.shown.removeAttribute('src');
    this.element.hidden = true;
    const { mean, directions, deviations } = await server.get(this.tab.path('directions', model));
    if (this.tab.loaded !== model) return;
    Object.assign(this, { mean, directions, deviations });
    this.element.hidden = false;
    this.sliders = directions.map((_, index) => this.slider(index));
    this.list.replaceChildren(...this.sliders.map(({ row }) => row));
    this.goTo(mean);
  }

  slider(index) {
    const name = `Direction ${index + 1}`;
    const range = element('input', { type: 'range', min: -4, max: 4, step: 0.05, id: `see-slider-${index}`, oninput: () => moved(range.value) });
    const number = element('input', { type: 'number', min: -4, max: 4, step: 0.05, 'aria-label': `${name}, as a number`, onchange: () => moved(number.value) });
    const set = (value) => {
      range.value = value;
      number.value = Number(value).toFixed(2);
    };
    const moved = (value) => {
      set(value);
      this.draw();
    };
    return { range, set, row: element('div', { class: 'setting' }, element('label', { for: range.id }, name), range, number) };
  }

  /** To a code: what of it lies along no direction stays as it is. */
  goTo(code) {
    if (!this.mean || !code) return;
    this.from = code;
    this.start.disabled = code === this.mean;
    this.rest = code.map((value, k) => value - this.mean[k]);
    this.directions.forEach((direction, index) => {
      const along = direction.reduce((sum, value, k) => sum + value * (code[k] - this.mean[k]), 0);
      const deviation = this.deviations[index];
      // As far as the slider goes; what lies beyond stays with the rest.
      const share = deviation > 0 ? Math.min(4, Math.max(-4, along / deviation)) : 0;
      const kept = Math.round(share * 20) / 20;
      this.rest = this.rest.map((value, k) => value - kept * deviation * direction[k]);
      this.sliders[index].set(kept);
    });
    this.draw();
  }

  get code() {
    return this.rest.map((value, k) => this.mean[k] + value + this.directions.reduce((sum, direction, index) =>
      sum + Number(this.sliders[index].range.value) * this.deviations[index] * direction[k], 0));
  }

  /** Asks for the picture; while one is on its way only the newest wish is kept. */
  async draw() {
    this.isStale = true;
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      while (this.isStale) {
        this.isStale = false;
        const body = JSON.stringify({ model: this.tab.chosen.id, codes: [this.code] });
        const answer = await server.ask('POST', '/v1/decode', { body, type: 'application/json', accept: 'image/png' });
        const old = this.shown.src;
        this.shown.src = URL.createObjectURL(await answer.blob());
        if (old.startsWith('blob:')) URL.revokeObjectURL(old);
      }
      this.tab.notices.clear('decode');
    } catch (error) {
      this.tab.notices.failure('decode', error);
    } finally {
      this.isAsking = false;
    }
  }
}

function pictureFigure(address, alternative, caption) {
  return element('figure', {}, element('img', { src: address, alt: alternative }), element('figcaption', {}, caption));
}

function pngAddress(base64) {
  return `data:image/png;base64,${base64}`;
}
