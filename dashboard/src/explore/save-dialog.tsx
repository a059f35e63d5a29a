import { type ReactNode, useState } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import { type InsightInput, useMakeInsight, useSaveInsight } from '../data/insights.ts';
import { DialogForm, TextArea, TextField, toast } from '../design/index.ts';
import { useAttempt } from '../lib/use-attempt.ts';

/** What is written of an insight beside its question. */
interface Words {
  readonly name: string;
  readonly description: string;
  readonly tags: string;
}

const tagsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
];

interface WordsFieldsProps {
  readonly words: Words;
  readonly onChange: (words: Words) => void;
}

const WordsFields = ({ words, onChange }: WordsFieldsProps): ReactNode => (
  <>
    <TextField
      label="Name"
      value={words.name}
      maxLength={100}
      onChange={(name) => onChange({ ...words, name })}
    />
    <TextArea
      label="Description"
      value={words.description}
      maxLength={2_000}
      rows={3}
      onChange={(description) => onChange({ ...words, description })}
    />
    <TextField
      label="Tags"
      note="Separated by commas."
      value={words.tags}
      onChange={(tags) => onChange({ ...words, tags })}
    />
  </>
);

const wordsOf = (saved: InsightAnswer | undefined, name: string): Words => ({
  name,
  description: saved?.description ?? '',
  tags: (saved?.tags ?? []).join(', '),
});

const inputOf = (words: Words, what: Pick<InsightInput, 'question' | 'display'>): InsightInput => ({
  ...what,
  name: words.name.trim(),
  description: words.description,
  tags: tagsOf(words.tags),
});

interface SaveProps {
  readonly project: string;
  readonly what: Pick<InsightInput, 'question' | 'display'>;
  /** What it is made from, if it is a copy. */
  readonly from: InsightAnswer | undefined;
  readonly name: string;
  readonly onSaved: (insight: InsightAnswer) => void;
  readonly onClose: () => void;
}

/** Saves a question by a name. */
export const SaveDialog = ({ project, what, from, name, onSaved, onClose }: SaveProps): ReactNode => {
  const make = useMakeInsight(project);
  const attempt = useAttempt();
  const [words, setWords] = useState(() => wordsOf(from, name));
  return (
    <DialogForm
      title={from === undefined ? 'Save the insight' : 'Save as another insight'}
      action="Save"
      attempt={attempt}
      isDisabled={words.name.trim() === ''}
      onSubmit={async () => {
        const saved = await make(inputOf(words, what));
        toast(`${saved.name} is saved.`);
        onSaved(saved);
      }}
      onClose={onClose}
    >
      <WordsFields words={words} onChange={setWords} />
    </DialogForm>
  );
};

interface RenameProps {
  readonly project: string;
  readonly saved: InsightAnswer;
  readonly onClose: () => void;
}

/** Changes what an insight is called; its question stays as it is saved. */
export const RenameDialog = ({ project, saved, onClose }: RenameProps): ReactNode => {
  const save = useSaveInsight(project, saved.id);
  const attempt = useAttempt();
  const [words, setWords] = useState(() => wordsOf(saved, saved.name));
  return (
    <DialogForm
      title="Name and description"
      action="Save"
      attempt={attempt}
      isDisabled={words.name.trim() === ''}
      onSubmit={async () => {
        const { question, display, version } = saved;
        await save({ ...inputOf(words, { question, display }), version });
        onClose();
      }}
      onClose={onClose}
    >
      <WordsFields words={words} onChange={setWords} />
    </DialogForm>
  );
};
