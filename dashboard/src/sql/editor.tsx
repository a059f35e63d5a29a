import {
  acceptCompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { type Diagnostic, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import {
  type ReactNode,
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import type { SqlSchemaAnswer } from '../../../src/contract/sql.ts';
import { colours, completing, languageOf } from './editor-language.ts';
import { theme } from './editor-theme.ts';
import type { Fault, Part } from './statement.ts';

/** What others may do with the editor. */
export interface EditorHandle {
  readonly text: () => string;
  readonly selection: () => Part;
  /** Puts another text in its place. What was there comes back by undoing. */
  readonly set: (text: string) => void;
  /** Puts a text where the cursor is, or in the place of what is selected or named. */
  readonly put: (text: string, part?: Part) => void;
  /** Takes the focus; puts the cursor at a place. */
  readonly focus: (at?: number) => void;
}

interface EditorProps {
  readonly initial: string;
  readonly schema: SqlSchemaAnswer | undefined;
  /** Keys of properties that may be completed. */
  readonly properties: readonly string[];
  /** Marked in the text until it is changed. */
  readonly fault: Fault | undefined;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  readonly ref: Ref<EditorHandle>;
}

const fixed = (label: string): Extension => [
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  history(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocorrect: 'off' }),
  placeholder('SELECT … FROM events'),
  colours,
  theme,
  keymap.of([
    { key: 'Tab', run: acceptCompletion },
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...historyKeymap,
    ...completionKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
];

interface Doings {
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  readonly completions: Extension;
  readonly language: Extension;
}

const stateOf = (text: string, { onChange, onRun, completions, language }: Doings): EditorState =>
  EditorState.create({
    doc: text,
    extensions: [
      Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (onRun(), true) }])),
      fixed('SQL statement'),
      language,
      completions,
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
      }),
    ],
  });

const handleOf = (view: () => EditorView | undefined): EditorHandle => {
  const put = (text: string, part?: Part): void => {
    const shown = view();
    if (shown === undefined) return;
    const { from, to } = part ?? shown.state.selection.main;
    shown.dispatch({
      changes: { from, to, insert: text },
      selection: { anchor: from + text.length },
      scrollIntoView: true,
    });
    shown.focus();
  };
  return {
    text: () => view()?.state.doc.toString() ?? '',
    selection: () => view()?.state.selection.main ?? { from: 0, to: 0 },
    set: (text) => put(text, { from: 0, to: view()?.state.doc.length ?? 0 }),
    put,
    focus: (at) => {
      if (at !== undefined) view()?.dispatch({ selection: { anchor: at }, scrollIntoView: true });
      view()?.focus();
    },
  };
};

const marksOf = (fault: Fault | undefined): Diagnostic[] =>
  fault?.at === undefined ? [] : [{ ...fault.at, severity: 'error', message: fault.message }];

/**
 * Where statements are written. It lives in a shadow root: there its styles are adopted style sheets, which the page's content security policy lets in. Tab
 * leaves it, until Ctrl+M (on a Mac Shift+Option+M) makes Tab indent.
 */
export const Editor = (props: EditorProps): ReactNode => {
  const { initial, schema, properties, fault, onChange, onRun, ref } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const [language] = useState(() => new Compartment());
  const changed = useEffectEvent((text: string) => onChange(text));
  const run = useEffectEvent(() => onRun());
  const known = useEffectEvent(() => ({ schema, properties }));
  const first = useEffectEvent(() =>
    stateOf(initial, {
      onChange: changed,
      onRun: run,
      completions: completing(() => known()),
      language: language.of(languageOf(schema)),
    }),
  );
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const made = new EditorView({ root, parent: root, state: first() });
    made.setTabFocusMode(true);
    view.current = made;
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: language.reconfigure(languageOf(schema)) });
  }, [schema, language]);
  useEffect(() => {
    view.current?.dispatch(setDiagnostics(view.current.state, marksOf(fault)));
  }, [fault]);
  useImperativeHandle(ref, () => handleOf(() => view.current), []);
  return <div className="sql-editor" ref={host} />;
};
