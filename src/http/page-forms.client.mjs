/** What the forms of the plain pages have in common. */

const NO_ANSWER = { message: 'The server does not answer. See that it runs, and try again.' };

/** Asks the server. What it answers, or `{error}` with a message for people. */
export const ask = async (path, body) => {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { error: NO_ANSWER };
  }
};

/** A form with a place for what is wrong. */
export const formOf = (form, problem) => {
  const button = form.querySelector('button');
  const say = (text, field) => {
    problem.textContent = text;
    problem.hidden = text === '';
    for (const each of form.querySelectorAll('input')) each.removeAttribute('aria-invalid');
    if (field === undefined) return;
    field.setAttribute('aria-invalid', 'true');
    field.focus();
  };
  return {
    say,
    /** Calls `work` when the form is sent, which it can be from now on; it resolves with what is wrong (a message, and the field to correct), or undefined. */
    onSubmit(work) {
      form.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (button.disabled) return;
        say('');
        button.disabled = true;
        const trouble = await work();
        if (trouble === undefined) return;
        button.disabled = false;
        say(trouble.message, trouble.field);
      });
      button.disabled = false;
    },
  };
};
