// Talking with the server: keys, refusals, streams.

/**
 * What went wrong, in words for the reader. `status` is 0 where no answer came; `stored` is what the store has of a text
 * that could not be replaced.
 */
class ServerError extends Error {
  constructor(message, { status = 0, parameter, stored } = {}) {
    super(message);
    Object.assign(this, { status, parameter, stored });
  }
}

const server = {
  /**
   * The answer's JSON.
   * @param seconds - how long the answer may take; without, as long as it likes.
   */
  async get(path, { seconds } = {}) {
    return JSON.parse(await reached((await this.ask('GET', path, { seconds })).text()));
  },

  /** Sends JSON; the answer's JSON, if there is any. */
  async send(method, path, body, { seconds } = {}) {
    const answer = await this.ask(method, path, { body: JSON.stringify(body), type: 'application/json', seconds });
    const text = await reached(answer.text());
    return text === '' ? undefined : JSON.parse(text);
  },

  /** The answer, whatever it holds; asks for the key where the server wants one, which takes none of its time. */
  async ask(method, path, { body, type, accept, signal, seconds } = {}) {
    for (;;) {
      const given = serverKey.value;
      const headers = new Headers();
      if (type) headers.set('Content-Type', type);
      if (accept) headers.set('Accept', accept);
      if (given) headers.set('Authorization', `Bearer ${given}`);
      const limit = seconds === undefined ? signal : AbortSignal.timeout(1000 * seconds);
      const answer = await reached(fetch(path, { method, body, headers, signal: limit, cache: 'no-cache' }));
      if (answer.ok) return answer;
      const refusal = await refused(answer);
      if (answer.status !== 401 || !(await serverKey.ask(given))) throw refusal;
    }
  },

  /** The JSON of each event of an answer that streams. */
  async *stream(path, body, signal) {
    const options = { body: JSON.stringify(body), type: 'application/json', accept: 'text/event-stream', signal };
    const answer = await this.ask('POST', path, options);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await nextPiece(reader);
      if (done) throw new ServerError('The server ended before the text did. What had come is kept.');
      const lines = (rest + value).split(/\r?\n/);
      rest = lines.pop();
      for (const line of lines) {
        if (!line.startsWith('data:')) continue;
        const data = line.slice(5).trim();
        if (data === '[DONE]') return;
        const event = JSON.parse(data);
        if (event.error) throw new ServerError(event.error.message, { parameter: event.error.param });
        yield event;
      }
    }
  },
};

/** What the server gives, or in words that it gave nothing. */
async function reached(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ServerError('The server does not answer. Is it still running? Start it again with the same port.');
  }
}

async function nextPiece(reader) {
  try {
    return await reader.read();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ServerError('The connection to the server broke. What had come is kept.');
  }
}

/** The error that an answer stands for. */
async function refused(answer) {
  let said;
  try {
    said = await answer.json();
  } catch {
    said = undefined;
  }
  const message = said?.error?.message ?? `The server answered ${answer.status} ${answer.statusText}.`;
  const wait = answer.headers.get('Retry-After');
  return new ServerError(wait ? `${message} Try again in ${wait} s.` : message, { status: answer.status, parameter: said?.error?.param, stored: said?.stored });
}

/** The key of a server that wants one: asked once, kept until the tab is closed. */
const serverKey = {
  value: sessionStorage.getItem('key') ?? '',
  asking: undefined,
  isDeclined: false,

  /**
   * Whether there is a key now that may be tried.
   * @param tried - the one that was refused.
   */
  async ask(tried) {
    if (this.value !== tried) return true;
    if (this.isDeclined) return false;
    this.asking ??= this.fromDialog(tried !== '').finally(() => { this.asking = undefined; });
    return this.asking;
  },

  fromDialog(wasWrong) {
    const dialog = find('key-dialog'), field = find('key');
    find('key-wrong').hidden = !wasWrong;
    field.value = '';
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => {
        const entered = dialog.returnValue === 'use' ? field.value.trim() : '';
        // No header can hold it: sent, it would fail every request, and nobody would be asked again.
        if (!/^[ -~]*$/.test(entered)) return resolve(this.fromDialog(true));
        this.isDeclined = entered === '';
        if (entered) this.keep(entered);
        find('key-missing').hidden = !this.isDeclined;
        resolve(entered !== '');
      }, { once: true });
    });
  },

  keep(entered) {
    this.value = entered;
    sessionStorage.setItem('key', entered);
  },
};
