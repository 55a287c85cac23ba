// The tab to write with: a text, a model that goes on with it, and everything one can change about that.

pageTabs.write = {
  title: 'Write',

  mount() {
    const manuscript = new Manuscript(), notices = new Notices(find('write-notices'));
    const editor = new Editor({ area: find('text'), layer: find('text-layer'), frame: find('text-frame'), manuscript });
    const settings = new Settings(() => this.texts.change());
    const texts = new Texts({ content: this, notices });
    Object.assign(this, { manuscript, notices, editor, settings, texts });
    this.continuations = new Continuations((taken) => this.takeContinuation(taken));
    this.alternatives = new Alternatives({
      editor, ask: (offset, mark) => this.alternativesAt(offset, mark), take: (...choice) => this.takeAlternative(...choice),
    });
    manuscript.addEventListener('change', ({ detail }) => this.textChanged(detail));
    this.listen();
    this.showState();
    this.loadModels();
    this.ready = texts.takeUpDraft();
  },

  async show([id]) {
    if (id === undefined && this.texts.id !== undefined) {
      history.replaceState(null, '', app.address('write', this.texts.id));
    }
    if (await this.ready) this.ready = undefined;
    else if (id !== undefined) await this.texts.open(id);
  },

  hide() {
    this.alternatives.close();
  },

  listen() {
    const clicks = {
      generate: () => this.generate(), stop: () => this.stop(), undo: () => this.manuscript.undo(),
      redo: () => this.manuscript.redo(), 'show-alternatives': () => this.showAlternatives(),
      'copy-text': () => this.copy(this.manuscript.text, 'The text is copied.'),
      'copy-curl': () => this.copy(this.curl(), 'The command is copied.'), 'keep-seed': () => this.keepSeed(),
    };
    for (const [id, run] of Object.entries(clicks)) find(id).addEventListener('click', run);
    find('write').addEventListener('keydown', (event) => this.key(event));
    addEventListener('focus', () => this.loadModels());
    document.addEventListener('key', () => this.loadModels());
  },

  key(event) {
    const { key } = event, isMeant = { Enter: event.ctrlKey || event.metaKey || event.shiftKey, Escape: true, ArrowDown: event.altKey };
    if (!isMeant[key] || event.defaultPrevented || event.isComposing) return;
    const isText = event.target === this.editor.area;
    if (key === 'Escape' && this.isWriting) this.stop();
    else if (key === 'Escape' && this.continuations.isOpen) this.continuations.close();
    else if (key === 'ArrowDown' && isText) this.showAlternatives();
    else if (key === 'Enter' && (isText || event.target.form === find('settings-form'))) this.generate();
    else return;
    event.preventDefault();
  },

  textChanged({ isOpened }) {
    this.showState();
    if (!isOpened) this.texts.change();
  },

  showState() {
    const { manuscript } = this;
    find('undo').disabled = this.isWriting || manuscript.past.length === 0;
    find('redo').disabled = this.isWriting || manuscript.future.length === 0;
    find('length').textContent = counted(characterCount(manuscript.text), 'character');
  },

  async loadModels() {
    try {
      await this.settings.loadModels();
      this.notices.clear('models');
    } catch (error) {
      this.notices.failure('models', error, { 'Try again': () => this.loadModels() });
    }
  },

  // MARK: Writing

  get isWriting() {
    return this.abort !== undefined;
  },

  /** What the server is asked for at a place of the text. */
  requestAt(offset) {
    return { ...this.settings.request, prompt: this.promptAt(offset) };
  },

  /** The last ten thousand characters before it: more no model here remembers, and all of a novel would take its time. */
  promptAt(offset) {
    const prompt = this.manuscript.text.slice(Math.max(0, offset - 10000), offset);
    return /^[\udc00-\udfff]/.test(prompt) ? prompt.slice(1) : prompt;
  },

  /** Goes on from the cursor; what is selected is written anew, what stands after it stays. */
  async generate() {
    if (this.isWriting || !this.hasSoundSettings()) return;
    const { start, end } = this.editor.selection, count = this.settings.number('n');
    this.alternatives.close();
    this.continuations.close();
    const writing = count > 1 ? this.generateSeveral(start, end, count) : this.generateOne(start, end);
    this.writing = writing.finally(() => { this.writing = undefined; });
    await this.writing;
  },

  hasSoundSettings() {
    const wrong = this.settings.wrongField;
    wrong?.reportValidity();
    return !wrong;
  },

  async generateOne(start, end) {
    const request = this.requestAt(start), { manuscript, editor } = this;
    let place = start, until = end;
    const text = new Gathered((piece) => {
      manuscript.replace(place, until, piece.text, { marks: piece.marks, kind: 'written' });
      place += piece.text.length;
      until = place;
    });
    manuscript.closeStep();
    await this.write(request, (choice, reader) => text.add(reader.read(choice)), () => {
      text.flush();
      return counted(characterCount(manuscript.text.slice(start, place)), 'character');
    });
    manuscript.closeStep();
    editor.select(place);
    editor.reveal(place);
  },

  async generateSeveral(start, end, count) {
    const request = this.requestAt(start), hadFocus = document.activeElement;
    this.place = { start, end, before: this.manuscript.text.slice(0, end) };
    this.continuations.open(count);
    const pieces = Array.from({ length: count }, (_, index) => new Gathered((piece) => this.continuations.add(index, piece)));
    await this.write(request, (choice, reader) => pieces[choice.index].add(reader.read(choice)), () => {
      for (const piece of pieces) piece.flush();
      return `${count} continuations to choose from`;
    });
    if (this.continuations.isOpen && document.activeElement === hadFocus) this.continuations.focus();
  },

  /**
   * Asks, and hands on what comes.
   * @param finish - called once at the end, however it comes: says what there is.
   */
  async write(request, receive, finish) {
    const readers = new Map(), warnings = new Set();
    const logprobs = this.settings.alternatives(8, request.max_tokens * (request.n ?? 1));
    this.begin();
    let outcome = '', seed;
    try {
      for await (const event of server.stream('/v1/completions', { ...request, stream: true, logprobs }, this.abort.signal)) {
        seed = event.seed ?? seed;
        event.warnings?.forEach((warning) => warnings.add(warning));
        for (const choice of event.choices) {
          if (!readers.has(choice.index)) readers.set(choice.index, new UnitReader());
          receive(choice, readers.get(choice.index));
        }
      }
    } catch (error) {
      if (error.name === 'AbortError') outcome = 'Stopped: ';
      else this.failed(error, request);
    }
    this.end(outcome + finish(), seed);
    if (warnings.size > 0) this.notices.show('warnings', [...warnings].join(' '));
  },

  begin() {
    this.abort = new AbortController();
    this.notices.clear('writing');
    this.notices.clear('warnings');
    this.showWriting(true, 'Writing… Esc stops.');
  },

  end(outcome, seed) {
    this.abort = undefined;
    this.showWriting(false, outcome + (seed === undefined ? '' : `, seed ${seed}`));
    this.seed = seed ?? this.seed;
    find('keep-seed').hidden = this.seed === undefined;
  },

  showWriting(isWriting, status) {
    this.editor.isLocked = isWriting;
    const hadFocus = [find('generate'), find('stop')].includes(document.activeElement);
    find('generate').disabled = isWriting;
    find('stop').disabled = !isWriting;
    if (hadFocus) find(isWriting ? 'stop' : 'generate').focus();
    find('write-status').textContent = status;
    this.showState();
  },

  /** Ends the writing, if there is any. Once this resolves, the last of it stands in the text. */
  async stop() {
    this.abort?.abort();
    await this.writing;
  },

  failed(error, request, again = () => this.generate()) {
    const isGone = error.status === 404 && request.model !== undefined;
    const message = isGone ? `The model '${request.model}' is not in the store (any more): ${error.message}` : error.message;
    const actions = isGone ? { 'Choose another': () => this.settings.model.focus() } : { 'Try again': again };
    this.notices.show('writing', message, { isError: true, actions });
    if (isGone) this.loadModels();
  },

  keepSeed() {
    this.settings.seed.value = this.seed;
    this.texts.change();
  },

  // MARK: Choosing

  /** Where it was asked for, or at the cursor if the text up to that place, or what was selected, is another by now. */
  takeContinuation({ text, marks }) {
    this.stop();
    const { manuscript, editor } = this, { start, end, before } = this.place;
    const place = manuscript.text.slice(0, end) === before ? { start, end } : editor.selection;
    manuscript.closeStep();
    manuscript.replace(place.start, place.end, text, { marks, kind: 'written' });
    manuscript.closeStep();
    editor.select(place.start + text.length);
    editor.focus();
  },

  async showAlternatives() {
    if (!this.isWriting) await this.alternatives.openAtCursor();
  },

  /** What the model holds for probable at a place, whatever stands there. */
  async alternativesAt(offset, mark) {
    const { model } = this.settings.request, prompt = this.promptAt(offset);
    // Another model may have written less there, or the writer may have put an accent on it.
    const end = Math.max(mark?.end ?? offset, offset + firstLength(this.manuscript.text.slice(offset), this.settings.chosenModel?.unit));
    try {
      const answer = await server.send('POST', '/v1/completions', { model, prompt, max_tokens: 1, logprobs: this.settings.alternatives(12) });
      const alternatives = shares(answer.choices[0].logprobs.top_logprobs[0]);
      const written = alternatives.find((one) => one.text === this.manuscript.text.slice(offset, end));
      this.notices.clear('writing');
      const { probability } = (mark?.end === end ? mark : written) ?? {};
      return { mark: { start: offset, end, probability }, alternatives };
    } catch (error) {
      this.failed(error, { model }, () => this.showAlternatives());
      return {};
    }
  },

  /** Puts an alternative there. Going on from it drops what the model had written after it, and only that. */
  async takeAlternative({ start, end }, chosen, alternatives, goesOn) {
    if (this.isWriting) return;
    const { manuscript, editor } = this, { text, probability } = chosen;
    const until = goesOn ? manuscript.endOfWriting(end) : end;
    const marks = [{ start: 0, end: text.length, probability, alternatives }];
    manuscript.closeStep();
    manuscript.replace(start, until, text, { marks, kind: 'written' });
    manuscript.closeStep();
    editor.select(start + text.length);
    if (goesOn) await this.generate();
  },

  // MARK: Copying

  async copy(text, done) {
    try {
      await copied(text);
      this.notices.show('copied', done, { seconds: 5 });
    } catch {
      this.notices.show('copied', 'The browser does not let this page copy.', { isError: true });
    }
  },

  /** What Generate would do now, as a command. */
  curl() {
    const { start } = this.editor.selection;
    const key = serverKey.value ? ` \\\n  -H "Authorization: Bearer $JACQUARD_API_KEY"` : '';
    const body = JSON.stringify(this.requestAt(start)).replaceAll("'", "'\\''");
    return `curl ${location.origin}/v1/completions \\\n  -H 'Content-Type: application/json'${key} \\\n  -d '${body}'\n`;
  },

  // MARK: What a text keeps

  get text() {
    return this.manuscript.text;
  },

  get settingsForNew() {
    return this.settings.values;
  },

  get whole() {
    return { text: this.manuscript.text, settings: { ...this.settings.values, marks: packedMarks(this.manuscript.marks) } };
  },

  set whole({ text, settings }) {
    const lines = text.replace(/\r\n?/g, '\n'), marks = unpackedMarks(settings?.marks, lines.length);
    this.settings.values = settings ?? {};
    this.continuations.close();
    this.manuscript.open(lines, marks);
  },
};

/** Pieces that come faster than one can see, put together. */
class Gathered {
  constructor(deliver) {
    this.deliver = deliver;
    this.begin();
  }

  begin() {
    this.piece = { text: '', marks: [], units: 0, logarithms: 0 };
  }

  add(piece) {
    appendPiece(this.piece, piece);
    this.timer ??= setTimeout(() => this.flush(), 30);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { piece } = this;
    if (piece.text === '') return;
    this.begin();
    this.deliver(piece);
  }
}

/** The newer way is there on this machine and over TLS alone. */
async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = element('textarea', { class: 'unseen' });
  area.value = text;
  document.body.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  if (!isDone) throw new Error('refused');
}

/** How much of a text one alternative takes the place of: a cluster of a model that writes clusters, else a character. */
function firstLength(text, unit) {
  if (unit !== 'grapheme cluster') return [...text.slice(0, 2)][0]?.length ?? 0;
  return new Intl.Segmenter().segment(text).containing(0)?.segment.length ?? 0;
}

/** What a reader counts: not the halves of which some signs are made. */
function characterCount(text) {
  let count = text.length;
  for (let index = 0; index < text.length; index += 1) if ((text.charCodeAt(index) & 0xfc00) === 0xdc00) count -= 1;
  return count;
}
