import './cohorts.css';
import type { ReactNode } from 'react';
import type { PageProps } from '../page-props.ts';
import { CohortForm } from './cohort-form.tsx';
import { CohortList } from './cohort-list.tsx';
import { CohortView } from './cohort-view.tsx';

/** Groups of users: all of them, one, or a new one. */
export const CohortsPage = (props: PageProps): ReactNode => {
  const [id, part] = props.rest;
  if (id === undefined) return <CohortList {...props} />;
  if (id === 'new') return <CohortForm {...props} key={props.project} />;
  return <CohortView {...props} key={`${props.project} ${id}`} id={id} isEdit={part === 'edit'} />;
};
