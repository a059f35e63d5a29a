/** Signs in and goes on to the page that was asked for. */

import { ask, formOf } from './page-forms.client.mjs';

const byId = (id) => document.getElementById(id);
const [email, password, key] = [byId('email'), byId('password'), byId('key')];

const goOn = () => location.replace(location.pathname.startsWith('/login') ? '/' : location.href);

const signIn = async (body, field) => {
  const { error } = await ask('/api/session', body);
  if (error !== undefined) return { message: error.message, field };
  goOn();
  return undefined;
};

formOf(byId('password-form'), byId('password-problem')).onSubmit(async () => {
  if (email.value.trim() === '') return { message: 'Type your e-mail address.', field: email };
  if (password.value === '') return { message: 'Type your password.', field: password };
  return signIn({ email: email.value.trim(), password: password.value }, password);
});

formOf(byId('form'), byId('problem')).onSubmit(async () => {
  const given = key.value.trim();
  if (given === '') return { message: 'Paste an admin key: it begins with aev_a_.', field: key };
  return signIn({ key: given }, key);
});
