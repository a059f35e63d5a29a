/** The reference page's behaviour: filter, copy buttons, theme, menu, the entry that is being read. Without it the page still reads. */

const announce = (text) => {
  const region = document.getElementById('announce');
  if (region) region.textContent = text;
};

const sidebar = document.getElementById('sidebar');
const links = [...(sidebar?.querySelectorAll('a[href^="#"]') ?? [])];

const setUpFilter = () => {
  const input = document.getElementById('filter');
  const nothing = document.getElementById('nothing');
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/u).filter(Boolean);
    let shown = 0;
    for (const link of links) {
      const terms = `${link.dataset.terms ?? ''} ${link.textContent.toLowerCase()}`;
      const isShown = words.every((word) => terms.includes(word));
      link.parentElement.hidden = !isShown;
      shown += isShown ? 1 : 0;
    }
    for (const section of sidebar.querySelectorAll('section'))
      section.hidden = section.querySelector('li:not([hidden])') === null;
    nothing.hidden = shown > 0;
  };
  input.addEventListener('input', apply);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') links.find((link) => !link.parentElement.hidden)?.click();
    if (event.key !== 'Escape') return;
    input.value = '';
    apply();
    input.blur();
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    openMenu(true);
    input.focus();
  });
};

const copy = async (button) => {
  const code = button.closest('figure').querySelector('code');
  const isCopied = await navigator.clipboard.writeText(code.textContent).then(
    () => true,
    () => false,
  );
  button.textContent = isCopied ? 'Copied' : 'Press Ctrl+C';
  announce(isCopied ? 'Copied.' : 'Could not copy; the text is selected.');
  if (!isCopied) getSelection().selectAllChildren(code);
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 1_600);
};

const setUpCopy = () => {
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-copy]');
    if (button) void copy(button);
  });
};

const THEMES = ['auto', 'light', 'dark'];

const readTheme = () => {
  try {
    return localStorage.getItem('aevum-theme') ?? 'auto';
  } catch {
    return 'auto'; // storage may be forbidden
  }
};

const setUpTheme = () => {
  const button = document.getElementById('theme');
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.querySelector('.theme-label').textContent =
      { auto: 'Auto', light: 'Light', dark: 'Dark' }[theme] ?? 'Auto';
    button.setAttribute('aria-label', `Colour theme: ${theme}. Change it.`);
  };
  let theme = readTheme();
  apply(theme);
  button.hidden = false;
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    apply(theme);
    try {
      localStorage.setItem('aevum-theme', theme);
    } catch {
      // kept for this visit only
    }
  });
};

const menu = document.getElementById('menu');

const openMenu = (isOpen) => {
  document.body.classList.toggle('menu-open', isOpen);
  menu.setAttribute('aria-expanded', String(isOpen));
};

const setUpMenu = () => {
  menu.addEventListener('click', () => openMenu(!document.body.classList.contains('menu-open')));
  sidebar.addEventListener('click', (event) => {
    if (event.target.closest('a')) openMenu(false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') openMenu(false);
  });
};

const setUpReadingMark = () => {
  const byId = new Map(links.map((link) => [link.hash.slice(1), link]));
  const mark = (id) => {
    for (const link of links) link.removeAttribute('aria-current');
    const link = byId.get(id);
    if (!link) return;
    link.setAttribute('aria-current', 'true');
    const box = sidebar.getBoundingClientRect();
    const own = link.getBoundingClientRect();
    if (own.top < box.top || own.bottom > box.bottom) sidebar.scrollTop += own.top - box.top - box.height / 2;
  };
  const observer = new IntersectionObserver(
    (entries) => {
      const entered = entries.find((entry) => entry.isIntersecting);
      if (entered) mark(entered.target.id);
    },
    { rootMargin: '-80px 0px -75% 0px' },
  );
  for (const id of byId.keys()) {
    const target = document.getElementById(id);
    if (target) observer.observe(target);
  }
};

setUpTheme();
setUpMenu();
setUpFilter();
setUpCopy();
setUpReadingMark();
