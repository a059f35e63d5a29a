/** Signs in with a key and goes on to the page that was asked for. */

const form = document.getElementById('form');
const field = document.getElementById('key');
const button = form.querySelector('button');
const problem = document.getElementById('problem');

const say = (text) => {
  problem.textContent = text;
  problem.hidden = text === '';
  field.setAttribute('aria-invalid', String(text !== ''));
};

/** Why it did not work; undefined if it did. */
const signIn = async (key) => {
  try {
    const answer = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });
    if (answer.ok) return undefined;
    const body = await answer.json();
    return body.error.message;
  } catch {
    return 'The server does not answer. See that it runs, and try again.';
  }
};

const submit = async () => {
  const key = field.value.trim();
  if (key === '') {
    say('Paste an admin key: it begins with aev_a_.');
    field.focus();
    return;
  }
  say('');
  button.disabled = true;
  const trouble = await signIn(key);
  if (trouble === undefined) {
    location.replace(location.pathname.startsWith('/login') ? '/' : location.href);
    return;
  }
  button.disabled = false;
  say(trouble);
  field.focus();
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
