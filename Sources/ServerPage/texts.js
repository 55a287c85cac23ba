// The texts that the store keeps: which is open, saving it, the list of all.

class Texts {
  /**
   * @param content - the open text: `{ text, settings }`, to read and to set, and what is written into it, to be stopped.
   */
  constructor({ content, notices }) {
    Object.assign(this, { content, notices, id: undefined, revision: undefined, unanswered: [], changes: 0, savedChanges: 0 });
    this.title = find('title');
    this.state = find('saved');
    this.list = find('texts-list');
    this.dialog = find('texts-dialog');
    this.saveSoon = later(1000, () => this.save());
    this.tryAgain = later(5000, () => this.save());
    this.title.addEventListener('input', () => this.change());
    find('new-text').addEventListener('click', () => this.startNew());
    find('open-texts').addEventListener('click', () => this.showList());
    find('export-texts').addEventListener('click', () => this.exportAll());
    find('close-texts').addEventListener('click', () => this.dialog.close());
    addEventListener('beforeunload', (event) => this.warn(event));
    document.addEventListener('visibilitychange', () => document.hidden && this.isUnsaved && this.save());
    document.addEventListener('key', () => this.isUnsaved && this.save());
  }

  get isUnsaved() {
    return this.changes !== this.savedChanges;
  }

  get isWorthKeeping() {
    return this.id !== undefined || this.content.text !== '' || this.title.value !== '';
  }

  /** What the text is called: as the writer says, else by its beginning. */
  get name() {
    return this.title.value.trim() || nameOf(this.content.text);
  }

  // MARK: Saving

  /** The text, its title or its settings are others now. */
  change() {
    this.changes += 1;
    if (!this.isWorthKeeping) {
      this.savedChanges = this.changes;
      return this.say('');
    }
    this.say('Not saved yet');
    this.saveSoon.call();
  }

  /** Saves what is not saved now, and waits for what is being saved; whether that went well. */
  async save() {
    this.saveSoon.cancel();
    this.tryAgain.cancel();
    while (this.saving) await this.saving;
    if (!this.isUnsaved) return true;
    this.saving = this.saveNow().finally(() => { this.saving = undefined; });
    return this.saving;
  }

  async saveNow() {
    const { changes } = this;
    this.say('Saving…');
    try {
      await this.put({ title: this.name, ...this.content.whole });
    } catch (error) {
      return this.failed(error);
    }
    this.savedChanges = changes;
    this.unanswered = [];
    sessionStorage.removeItem('draft');
    this.notices.clear('saving');
    this.say(this.isUnsaved ? 'Not saved yet' : `Saved ${new Date().toLocaleTimeString()}`);
    if (this.isUnsaved) this.saveSoon.call();
    return true;
  }

  async put(whole) {
    if (this.id === undefined) return this.create(whole);
    try {
      this.adopt(await this.send('PUT', `/v1/texts/${encodeURIComponent(this.id)}`, { ...whole, revision: this.revision }));
    } catch (error) {
      if (error.status !== 409 && error.status !== 404) throw error;
      if (this.isOurs(error.stored)) return this.replace(error.stored, whole);
      await this.keepBoth(whole, error.status === 409);
    }
  }

  async create(whole) {
    const made = await this.made();
    return made ? this.replace(made, whole) : this.adopt(await this.send('POST', '/v1/texts', whole));
  }

  replace(stored, whole) {
    this.adopt(stored);
    return this.put(whole);
  }

  /** Whether this page saved what is stored, and only the answer was lost. */
  isOurs(stored) {
    return this.unanswered.includes(stored?.settings?.save);
  }

  /** The text that was made although no answer said so; it is among the newest. */
  async made() {
    if (this.unanswered.length === 0) return undefined;
    const seconds = 10, { texts } = await server.get('/v1/texts', { seconds });
    for (const { id, characters } of texts.filter(({ revision }) => revision === 1).slice(0, 5)) {
      const longer = seconds + characters / 10000;
      const stored = await server.get(`/v1/texts/${encodeURIComponent(id)}`, { seconds: longer });
      if (this.isOurs(stored)) return stored;
    }
    return undefined;
  }

  /**
   * Sends a text. It is kept in this window first, and carries a name for this one saving among its settings, by which it is
   * known again should the answer never come. The answer may take ten seconds, and for long texts over slow lines one more
   * for each ten thousand characters.
   */
  async send(method, path, whole) {
    const save = Math.random().toString(36).slice(2);
    this.unanswered.push(save);
    this.keepDraft();
    const seconds = 10 + whole.text.length / 10000;
    try {
      return await server.send(method, path, { ...whole, settings: { ...whole.settings, save } }, { seconds });
    } catch (error) {
      // Refused, it is stored nowhere. (409 may speak of this very save, which the browser has sent twice.)
      if (error.status >= 400 && error.status < 500 && error.status !== 409) this.unanswered = this.unanswered.filter((one) => one !== save);
      throw error;
    }
  }

  /** Another page saved or deleted this text meanwhile: what stands here becomes a text of its own. */
  async keepBoth(whole, isThere) {
    const { id } = this, title = isThere ? `${whole.title} (second version)` : whole.title;
    await this.create({ ...whole, title });
    this.title.value = title;
    const happened = isThere
      ? `Another window saved this text meanwhile. Both versions are kept: yours is '${title}' now.`
      : 'Another window deleted this text. Yours is kept as a new one.';
    this.notices.show('conflict', happened, { isError: true, actions: isThere ? { 'Open the other': () => this.open(id) } : {} });
  }

  adopt({ id, revision }) {
    Object.assign(this, { id, revision });
    this.showAddress();
  }

  /** The address names the text, so that it can be opened again. */
  showAddress() {
    if (app.current === 'write') history.replaceState(null, '', app.address(...['write', this.id].filter(Boolean)));
  }

  failed(error) {
    this.say('Not saved');
    this.keepDraft();
    const isLocked = error.status === 401, next = isLocked ? 'It waits for the key' : 'It is tried again';
    this.notices.show('saving', `Not saved: ${error.message} ${next}; this page keeps the text.`, { isError: true, actions: { 'Save now': () => this.save() } });
    if (!isLocked) this.tryAgain.call();
    return false;
  }

  /** For this window, should it be loaded again meanwhile. */
  keepDraft() {
    const { id, revision, unanswered } = this;
    try {
      sessionStorage.setItem('draft', JSON.stringify({ id, revision, unanswered, title: this.title.value, ...this.content.whole }));
    } catch {
      // Too long for the browser: the warning before leaving is all there is.
    }
  }

  warn(event) {
    if (this.isUnsaved && this.isWorthKeeping) event.preventDefault();
  }

  say(state) {
    this.state.textContent = state;
    this.state.classList.toggle('unsaved', state.startsWith('Not'));
  }

  // MARK: Opening

  /** What a page that could not save left behind in this window. */
  async takeUpDraft() {
    const draft = JSON.parse(sessionStorage.getItem('draft') ?? 'null');
    if (!draft) return false;
    this.show(draft);
    this.unanswered = draft.unanswered ?? [];
    // To show a text forgets the draft, and until this one is saved there is no other copy.
    this.keepDraft();
    this.change();
    this.notices.show('draft', 'This is the text that may not have been saved before.', { seconds: 10 });
    await this.save();
    return true;
  }

  async open(id) {
    if (id === this.id) return;
    try {
      const whole = await server.get(`/v1/texts/${encodeURIComponent(id)}`);
      if (await this.leave()) this.show(whole);
    } catch (error) {
      this.notices.failure('opening', error.status === 404 ? new Error('There is no such text in the store any more.') : error);
    }
    this.showAddress();
    this.dialog.close();
  }

  /** Puts a text in the place of another. Its name comes last: under that of one that cannot be shown, the other would be saved. */
  show(whole) {
    this.content.whole = whole;
    Object.assign(this, { id: whole.id, revision: whole.revision, unanswered: [] });
    sessionStorage.removeItem('draft');
    this.title.value = whole.title === nameOf(whole.text) ? '' : whole.title;
    this.savedChanges = this.changes;
    for (const name of ['opening', 'saving']) this.notices.clear(name);
    this.say('');
    this.showAddress();
  }

  async startNew() {
    if (!(await this.leave())) return;
    this.showEmpty();
    this.dialog.close();
    find('text').focus();
  }

  showEmpty() {
    this.show({ title: '', text: '', settings: this.content.settingsForNew });
  }

  /** Whether another text may take the place of this one now: nothing is written into it any more, and all of it is saved. */
  async leave() {
    do {
      await this.content.stop();
      if (!(await this.save())) return false;
    } while (this.isUnsaved || this.content.isWriting);
    return true;
  }

  // MARK: The list

  async showList() {
    try {
      const { texts } = await server.get('/v1/texts');
      this.list.replaceChildren(...texts.map((text) => this.row(text)));
      find('texts-none').hidden = texts.length > 0;
      if (!this.dialog.open) this.dialog.showModal();
    } catch (error) {
      this.notices.failure('opening', error);
    }
  }

  row({ id, title, changed, characters }) {
    const isOpen = id === this.id;
    return element('li', {},
      element('button', { type: 'button', class: 'row', 'aria-current': isOpen && 'true', onclick: () => this.open(id).then(() => this.dialog.close()) },
        element('strong', { dir: 'auto' }, title), element('small', {}, `${counted(characters, 'character')}, ${dateText(changed)}`)),
      element('button', { type: 'button', 'aria-label': `Delete ${title}`, onclick: () => this.remove(id) }, 'Delete'));
  }

  /** Deletes at once; Undo puts the same text back. */
  async remove(id) {
    const path = `/v1/texts/${encodeURIComponent(id)}`;
    try {
      if (id === this.id) await this.leave();
      let whole = await server.get(path);
      await server.send('DELETE', path);
      const isOpen = id === this.id;
      if (isOpen) {
        await this.content.stop();
        // What could not be saved comes back as well.
        whole = { ...whole, ...this.content.whole };
        this.showEmpty();
      }
      this.notices.show('deleted', `'${whole.title}' is deleted.`, { actions: { Undo: () => this.bringBack(whole, isOpen) }, seconds: 60 });
    } catch (error) {
      this.notices.failure('deleted', error);
    }
    this.dialog.close();
  }

  async bringBack({ title, text, settings }, wasOpen) {
    try {
      const { id } = await server.send('POST', '/v1/texts', { title, text, settings });
      if (wasOpen) await this.open(id);
      this.notices.show('deleted', `'${title}' is back.`, { seconds: 10 });
    } catch (error) {
      this.notices.failure('deleted', error, { 'Try again': () => this.bringBack({ title, text, settings }, wasOpen) });
    }
  }

  async exportAll() {
    try {
      const answer = await server.ask('GET', '/v1/texts/export');
      const address = URL.createObjectURL(await answer.blob());
      element('a', { href: address, download: 'jacquard-texts.json' }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60000);
    } catch (error) {
      this.notices.failure('opening', error);
    }
  }
}

/** What a text without a title is called. */
function nameOf(text) {
  const first = text.split('\n').find((line) => line.trim() !== '') ?? '';
  return [...first.trim()].slice(0, 40).join('') || 'Untitled';
}
