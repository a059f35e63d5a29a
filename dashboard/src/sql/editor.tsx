import {
  acceptCompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { type ReactNode, type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef } from 'react';
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

/**
 * Where statements are written. It lives in a shadow root: there its styles are adopted style sheets, which the page's content security policy lets in. Tab
 * leaves it, until Ctrl+M (on a Mac Shift+Option+M) makes Tab indent.
 */
export const Editor = ({
  initial,
  schema,
  properties,
  fault,
  onChange,
  onRun,
  ref,
}: EditorProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const language = useRef(new Compartment());
  const changed = useEffectEvent((text: string) => onChange(text));
  const run = useEffectEvent(() => onRun());
  const known = useEffectEvent(() => ({ schema, properties }));
  const first = useEffectEvent(() => ({ text: initial, language: languageOf(schema) }));
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const { text, language: spoken } = first();
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (run(), true) }])),
          fixed('SQL statement'),
          language.current.of(spoken),
          completing(() => known()),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    made.setTabFocusMode(true);
    view.current = made;
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(languageOf(schema)) });
  }, [schema]);
  useEffect(() => {
    const shown = view.current;
    if (shown === undefined) return;
    const { at, message } = fault ?? {};
    const marks = at === undefined ? [] : [{ ...at, severity: 'error' as const, message: message ?? '' }];
    shown.dispatch(setDiagnostics(shown.state, marks));
  }, [fault]);
  useImperativeHandle(ref, () => {
    const place = (text: string, part?: Part): void => {
      const shown = view.current;
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
      text: () => view.current?.state.doc.toString() ?? '',
      selection: () => view.current?.state.selection.main ?? { from: 0, to: 0 },
      set: (text) => place(text, { from: 0, to: view.current?.state.doc.length ?? 0 }),
      put: place,
      focus: (at) => {
        if (at !== undefined) view.current?.dispatch({ selection: { anchor: at }, scrollIntoView: true });
        view.current?.focus();
      },
    };
  }, []);
  return <div className="sql-editor" ref={host} />;
};
