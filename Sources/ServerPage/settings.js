// How the model is asked: the fields beside the text.

const numberSettings = [
  { name: 'temperature', label: 'Temperature', min: 0, max: 2, step: 0.05, value: 0.8, hint: '0 always takes the most probable' },
  { name: 'top_k', label: 'Top k', min: 0, max: 100, most: 1000000, step: 1, value: 0, hint: 'only the k most probable; 0 for all' },
  { name: 'top_p', label: 'Top p', min: 0, max: 1, step: 0.01, value: 1, hint: 'only the most probable that make up this share' },
  { name: 'min_p', label: 'Min p', min: 0, max: 1, step: 0.01, value: 0, hint: 'only those this probable beside the most probable' },
  { name: 'repetition_penalty', label: 'Repetition', min: 1, max: 2, most: 10, step: 0.05, value: 1, hint: 'above 1 avoids what stands there already' },
  { name: 'max_tokens', label: 'Length', min: 10, max: 2000, least: 1, most: 1000000, step: 10, value: 300, hint: 'at most so many units' },
  { name: 'n', label: 'Continuations', min: 1, max: 8, step: 1, value: 1, hint: 'several to choose from' },
];

/** What asks for nothing is not sent. */
const withoutEffect = { top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, n: 1 };

class Settings {
  /** @param changed - called after the writer changes one. */
  constructor(changed) {
    this.changed = changed;
    this.fields = new Map();
    this.model = find('model');
    this.seed = find('seed');
    this.stop = find('stop-texts');
    find('sliders').append(...numberSettings.map((setting) => this.row(setting)));
    this.model.addEventListener('input', () => this.choose(this.model.value));
    for (const field of [this.model, this.seed, this.stop]) field.addEventListener('input', changed);
    find('settings-form').addEventListener('submit', (event) => event.preventDefault());
  }

  /** A slider and a number field, which follow each other. */
  row({ name, label, min, max, least = min, most = max, step, value, hint }) {
    const number = element('input', { type: 'number', id: name, min: least, max: most, step: 'any', value, inputmode: 'decimal', required: true, 'aria-describedby': `${name}-hint` });
    const slider = element('input', { type: 'range', min, max, step, value, 'aria-label': `${label}, slider` });
    slider.addEventListener('input', () => {
      number.value = slider.value;
      this.changed();
    });
    number.addEventListener('input', () => {
      slider.value = number.value;
      this.changed();
    });
    this.fields.set(name, { number, slider, value });
    return element('div', { class: 'setting' }, element('label', { for: name }, label), slider, number,
      element('small', { id: `${name}-hint` }, hint));
  }

  // MARK: Values

  number(name) {
    return this.fields.get(name).number.valueAsNumber;
  }

  /** As a text keeps them. */
  get values() {
    const numbers = [...this.fields.keys()].map((name) => [name, this.number(name)]);
    return { ...Object.fromEntries(numbers), model: this.model.value, seed: this.seed.value, stop: this.stop.value };
  }

  set values(values) {
    for (const [name, { number, slider, value }] of this.fields) number.value = slider.value = values[name] ?? value;
    this.seed.value = values.seed ?? '';
    this.stop.value = values.stop ?? '';
    if (values.model) this.choose(values.model);
  }

  /** As the server takes them. */
  get request() {
    const { model, seed, stop, ...numbers } = this.values;
    const used = Object.entries(numbers).filter(([name, value]) => value !== withoutEffect[name]);
    const stops = stopTexts(stop);
    return {
      ...(model && { model }), ...Object.fromEntries(used), ...(seed !== '' && { seed: Number(seed) }),
      ...(stops.length > 0 && { stop: stops }),
    };
  }

  /** The first field that cannot be as it is. */
  get wrongField() {
    return find('settings-form').querySelector(':invalid');
  }

  // MARK: Models

  async loadModels() {
    const { data } = await server.get('/v1/models');
    this.models = data.filter(({ kind }) => kind === 'text');
    this.choose(this.model.value || this.models[0]?.id);
  }

  /** What the server says of the model in use; nothing as long as that is not known, or where it is gone. */
  get chosenModel() {
    return this.models?.find((model) => model.id === this.model.value);
  }

  /**
   * How many alternatives to ask for: no more than the model has units, nor than the server gives for so many that are
   * written (`CompletionRequest.mostAlternatives`, of which each unit's own probability is one); nothing where not even that
   * has room.
   */
  alternatives(wanted, written = 1) {
    const most = Math.min(wanted, this.chosenModel?.classes ?? wanted, Math.floor(2 ** 20 / written) - 1);
    return most < 0 ? undefined : most;
  }

  /** A model that is gone stays in the list, and says so. */
  choose(chosen) {
    const { models = [] } = this, isLoaded = this.models !== undefined;
    const isMissing = chosen && !models.some((model) => model.id === chosen), isGone = isMissing && isLoaded;
    const options = models.map((model) => element('option', { value: model.id }, modelText(model)));
    if (isMissing) options.unshift(element('option', { value: chosen }, isGone ? `${isolated(chosen)} (not in the store)` : chosen));
    this.model.replaceChildren(...options);
    if (chosen) this.model.value = chosen;
    find('model-gone').hidden = !(isGone && models.length > 0);
    find('model-none').hidden = !isLoaded || models.length > 0;
  }
}

function modelText({ id, parameters, validation_loss: loss }) {
  const size = parameters ? `, ${(parameters / 1e6).toFixed(parameters < 1e6 ? 2 : 1)} M` : '';
  return `${isolated(id)}${size}${loss ? `, loss ${loss.toFixed(3)}` : ''}`;
}

/** One in each line; `\n` in a line means a line end, `\t` a tab, `\\` a backslash. */
function stopTexts(lines) {
  const meant = { n: '\n', t: '\t', '\\': '\\' };
  return lines.split('\n').filter((line) => line !== '')
    .map((line) => line.replace(/\\([nt\\])/g, (_, letter) => meant[letter]));
}
