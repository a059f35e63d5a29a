import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../config/load.ts';
import { DirectoryLockedError } from '../lib/dir-lock.ts';
import { CliError, EXIT_FAILED, EXIT_USAGE, failureOf } from './failure.ts';

const CONTEXT = { host: '127.0.0.1', port: 8080, dataDir: '/data' };
const system = (fields: object): Error => Object.assign(new Error('raw message'), fields);

test('what a person can mend is said in one message, without a stack', () => {
  const cases: readonly [Error, RegExp][] = [
    [system({ code: 'EADDRINUSE', syscall: 'listen' }), /port 8080 of 127\.0\.0\.1 is in use.*--port 8081/],
    [system({ code: 'EACCES', syscall: 'listen' }), /needs privileges.*--port 8080/],
    [system({ code: 'EADDRNOTAVAIL' }), /not an address of this machine/],
    [system({ code: 'EACCES', path: '/data/log' }), /\/data is not writable/],
    [system({ code: 'ENOSPC' }), /disk of \/data is full/],
    [new DirectoryLockedError('/data', 'the data directory', 7), /\/data is in use .*process 7/],
    [new CliError('say so'), /^say so$/],
  ];
  for (const [error, pattern] of cases) {
    const { message, exitCode } = failureOf(error, CONTEXT);
    assert.match(message, pattern);
    assert.doesNotMatch(message, /\n {4}at /);
    assert.equal(exitCode, EXIT_FAILED);
  }
});

test('a wrong command line is a usage error, a wrong file is not', () => {
  const problem = { where: 'x', message: 'is wrong' };
  assert.equal(failureOf(new ConfigError([{ ...problem, origin: 'flag' }])).exitCode, EXIT_USAGE);
  assert.equal(failureOf(new ConfigError([{ ...problem, origin: 'file' }])).exitCode, EXIT_FAILED);
});

test('what nobody foresaw keeps its stack', () => {
  assert.match(failureOf(new TypeError('odd')).message, /report it:\nTypeError: odd\n {4}at /);
  assert.match(failureOf('thrown text').message, /thrown text/);
  assert.match(failureOf(undefined).message, /undefined/);
});
