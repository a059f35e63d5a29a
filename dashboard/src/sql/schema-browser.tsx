import { type ReactNode, useState } from 'react';
import type { SqlSchemaAnswer, SqlTable } from '../../../src/contract/sql.ts';
import { Icon } from '../design/index.ts';
import { propertyText } from './completion.ts';
import { fullCount } from '../lib/format.ts';

interface SchemaBrowserProps {
  readonly schema: SqlSchemaAnswer;
  readonly properties: readonly string[];
  readonly onPut: (text: string) => void;
}

const FUNCTIONS_SHOWN = 40;

const holds = (text: string, search: string): boolean => text.toLowerCase().includes(search);

interface EntryProps {
  readonly name: string;
  readonly note: string;
  readonly title?: string;
  readonly onPress: () => void;
}

const Entry = ({ name, note, title, onPress }: EntryProps): ReactNode => (
  <li>
    <button type="button" className="schema-entry" title={title} onClick={onPress}>
      <code className="truncate">{name}</code>
      <span className="schema-note truncate">{note}</span>
    </button>
  </li>
);

const plainType = (type: string): string => {
  const inner = /^(?:LowCardinality|Nullable)\((.*)\)$/.exec(type)?.[1];
  return inner === undefined ? (/^\w+/.exec(type)?.[0] ?? type) : plainType(inner);
};

interface SectionProps {
  readonly title: ReactNode;
  readonly isOpen: boolean;
  readonly children: ReactNode;
}

/** Open from the start, or while something in it is searched for. */
const Section = ({ title, isOpen, children }: SectionProps): ReactNode => {
  const [chosen, setChosen] = useState<boolean>();
  const shown = chosen ?? isOpen;
  return (
    <section className="schema-section">
      <button type="button" className="schema-head" aria-expanded={shown} onClick={() => setChosen(!shown)}>
        <Icon name="chevron" size={12} />
        {title}
      </button>
      {shown ? children : null}
    </section>
  );
};

interface PartProps {
  readonly search: string;
  readonly onPut: (text: string) => void;
}

const TableSection = ({ table, search, onPut }: PartProps & { readonly table: SqlTable }): ReactNode => {
  const isWhole = holds(table.name, search);
  const columns = isWhole ? table.columns : table.columns.filter(({ name }) => holds(name, search));
  if (columns.length === 0) return null;
  return (
    <Section
      key={search === '' ? 'all' : 'found'}
      isOpen={search !== '' || table.name === 'events'}
      title={
        <>
          <code>{table.name}</code>
          <span className="schema-note">{table.columns.length} columns</span>
        </>
      }
    >
      <p className="schema-doc">{table.doc}</p>
      <ul>
        {columns.map(({ name, type, doc }) => (
          <Entry
            key={name}
            name={name}
            note={plainType(type)}
            title={`${type}. ${doc}`}
            onPress={() => onPut(name)}
          />
        ))}
      </ul>
    </Section>
  );
};

const Functions = ({
  topics,
  search,
  onPut,
}: PartProps & { readonly topics: SqlSchemaAnswer['functions'] }): ReactNode => {
  const found = topics
    .map(({ title, names }) => ({ title, names: names.filter((name) => holds(name, search)) }))
    .filter(({ names }) => names.length > 0);
  if (search === '')
    return topics.map(({ title, names }) => (
      <Section
        key={title}
        isOpen={false}
        title={
          <>
            {title}
            <span className="schema-note">{names.length}</span>
          </>
        }
      >
        <ul>
          {names.map((name) => (
            <Entry key={name} name={name} note="" onPress={() => onPut(`${name}(`)} />
          ))}
        </ul>
      </Section>
    ));
  return (
    <ul>
      {found
        .flatMap(({ title, names }) => names.map((name) => ({ title, name })))
        .slice(0, FUNCTIONS_SHOWN)
        .map(({ title, name }) => (
          <Entry key={`${title} ${name}`} name={name} note={title} onPress={() => onPut(`${name}(`)} />
        ))}
    </ul>
  );
};

/** What statements may name. Pressing a name puts it where the cursor is. */
export const SchemaBrowser = ({ schema, properties, onPut }: SchemaBrowserProps): ReactNode => {
  const [typed, setTyped] = useState('');
  const search = typed.trim().toLowerCase();
  const keys = properties.filter((key) => holds(key, search));
  return (
    <div className="schema">
      <input
        type="search"
        className="input schema-search"
        aria-label="Search tables, columns and functions"
        placeholder="Columns, functions …"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <div className="schema-list">
        {schema.tables.map((table) => (
          <TableSection key={table.name} {...{ table, search, onPut }} />
        ))}
        {keys.length === 0 ? null : (
          <Section
            isOpen={search !== ''}
            key={search === '' ? 'keys' : 'found keys'}
            title={
              <>
                Properties<span className="schema-note">{fullCount(keys.length)}</span>
              </>
            }
          >
            <ul>
              {keys.map((key) => (
                <Entry
                  key={key}
                  name={key}
                  note=""
                  title={propertyText(key)}
                  onPress={() => onPut(propertyText(key))}
                />
              ))}
            </ul>
          </Section>
        )}
        <h2 className="schema-title">Functions</h2>
        <Functions topics={schema.functions} search={search} onPut={onPut} />
      </div>
    </div>
  );
};
