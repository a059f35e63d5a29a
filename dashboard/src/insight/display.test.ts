import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DISPLAYS_OF } from '../../../src/contract/insights.ts';
import { queryAnswerSchema, queryRequestSchema } from '../../../src/contract/query.ts';
import { askedFor, defaultDisplay, DISPLAYS, displayOf } from './display.ts';
import { KINDS, SAMPLES } from './testing/answers.ts';

test('the displays are those of the contract', () => assert.deepEqual(DISPLAYS, DISPLAYS_OF));

test('the samples are questions and answers as the server takes and gives them', () => {
  for (const kind of KINDS) {
    const { question, answer } = SAMPLES[kind];
    assert.deepEqual(queryAnswerSchema.parse(answer), answer, kind);
    assert.equal(queryRequestSchema.parse(question).kind, kind);
  }
});

test('what is not said, or does not suit, is taken from what suits the question', () => {
  const { question } = SAMPLES.funnel;
  assert.equal(displayOf(question, undefined).as, 'funnel');
  assert.equal(displayOf(question, { as: 'bar', legend: false }).as, 'bar');
  assert.equal(displayOf(question, { as: 'bar', legend: false }).legend, false);
  assert.equal(displayOf(question, { as: 'heatmap' }).as, 'funnel');
  assert.equal(displayOf(question, { as: undefined }).as, 'funnel');
  assert.equal(defaultDisplay({ kind: 'trend', interval: 'total' }).as, 'number');
  assert.equal(defaultDisplay({ kind: 'trend', interval: 'total', by: ['country'] }).as, 'bar');
  assert.equal(defaultDisplay(SAMPLES.lifecycle.question).stacked, true);
});

test('a web site over time is asked for as its sessions', () => {
  assert.deepEqual(askedFor({ kind: 'web', range: 'last 7 days', timezone: 'UTC' }, { as: 'line' }), {
    kind: 'sessions',
    pages: 0,
    range: 'last 7 days',
    timezone: 'UTC',
  });
  const { question } = SAMPLES.web;
  assert.equal(askedFor(question, { as: 'number' }), question);
});
