/** Accepts an invitation, or sets a password: what the link says whose token stands behind `#`. */

import { ask, formOf } from './page-forms.client.mjs';

const byId = (id) => document.getElementById(id);
const element = byId('link-form');
const form = formOf(element, byId('link-problem'));
const [title, lead, email, password] = [byId('title'), byId('lead'), byId('email'), byId('password')];
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
const submit = element.querySelector('button');

const show = () => {
  element.hidden = false;
  element.querySelector('input:not([readonly])')?.focus();
};

const refuse = (error) => {
  title.textContent = 'This link does not work';
  lead.textContent = error.message;
  lead.setAttribute('role', 'alert');
};

const passwordMissing = () =>
  password.value === '' ? { message: 'Type a password.', field: password } : undefined;

const send = async (path, body, field) => {
  const { error } = await ask(path, body);
  if (error !== undefined) return { message: error.message, field };
  location.replace('/');
  return undefined;
};

const ROLES = { owner: 'an owner', admin: 'an admin', analyst: 'an analyst', viewer: 'a viewer' };

const takeAway = (id) => byId(id).remove();

/** Somebody new gives a name and chooses a password; who has an account types its password, unless signed in. */
const askForInvitation = async () => {
  const seen = await ask('/api/invitation', { token });
  if (seen.error !== undefined) return refuse(seen.error);
  const { organisation, project, role, invited_by: by, has_account: hasAccount } = seen;
  const isSignedIn = hasAccount && seen.signed_in_as?.toLowerCase() === seen.email.toLowerCase();
  title.textContent = `Join ${organisation}`;
  const where = project === null ? 'all its projects' : `the project ${project}`;
  lead.textContent = `You are invited to be ${ROLES[role]} in ${where}, by ${by}.`;
  email.value = seen.email;
  password.autocomplete = hasAccount ? 'current-password' : 'new-password';
  submit.textContent = hasAccount ? 'Sign in and join' : 'Make an account and join';
  if (hasAccount) takeAway('name-field');
  if (hasAccount && !isSignedIn) takeAway('password-hint');
  if (isSignedIn) {
    takeAway('password-field');
    submit.textContent = 'Join';
  }
  form.onSubmit(async () => {
    const name = byId('name');
    if (name !== null && name.value.trim() === '') return { message: 'Type your name.', field: name };
    if (!isSignedIn && passwordMissing() !== undefined) return passwordMissing();
    const body = {
      token,
      ...(name === null ? {} : { name: name.value.trim() }),
      ...(isSignedIn ? {} : { password: password.value }),
    };
    return send('/api/invitation/accept', body, isSignedIn ? undefined : password);
  });
  return show();
};

const askForReset = async () => {
  const seen = await ask('/api/password/link', { token });
  if (seen.error !== undefined) return refuse(seen.error);
  lead.textContent = 'Choose a new password. Wherever you are signed in, you will be signed out.';
  email.value = seen.email;
  form.onSubmit(async () => {
    const missing = passwordMissing();
    return missing ?? send('/api/password', { token, password: password.value }, password);
  });
  return show();
};

if (token === '') refuse({ message: 'The link is not whole: it ends in #token=…. Copy it as it was given.' });
else if (element.dataset.link === 'invitation') void askForInvitation();
else void askForReset();
