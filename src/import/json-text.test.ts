import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { isObjectText, jsonElements, jsonMembers } from './json-text.ts';

test('members keep their text as written', () => {
  const text =
    ' { "a" : 1.0 , "b":"x,\\"}]" ,"c\\u0064":{"e":[1,2,{"}":0}]},"n":123456789012345678901234567890,"z":[] } ';
  assert.deepEqual(
    [...jsonMembers(text)],
    [
      ['a', '1.0'],
      ['b', '"x,\\"}]"'],
      ['cd', '{"e":[1,2,{"}":0}]}'],
      ['n', '123456789012345678901234567890'],
      ['z', '[]'],
    ],
  );
  assert.deepEqual([...jsonMembers('{}')], []);
  assert.deepEqual([...jsonMembers('{"a":1,"a":2}')], [['a', '2']]);
});

test('elements keep their text as written', () => {
  assert.deepEqual(jsonElements('[1.50, "]" , {"a":[1]},[[]],null]'), [
    '1.50',
    '"]"',
    '{"a":[1]}',
    '[[]]',
    'null',
  ]);
  assert.deepEqual(jsonElements(' [ ] '), []);
  assert.equal(isObjectText(' \n{}'), true);
  assert.equal(isObjectText('[]'), false);
});

test('property: the members together are the object', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      fc.nat(4),
      (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const back = Object.fromEntries(
          [...jsonMembers(text)].map(([key, value]) => [key, JSON.parse(value)]),
        );
        assert.deepEqual(back, JSON.parse(text));
      },
    ),
  );
});

test('property: the elements together are the array', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.nat(4), (array, indent) => {
      const text = JSON.stringify(array, null, indent);
      assert.deepEqual(
        jsonElements(text).map((element) => JSON.parse(element)),
        JSON.parse(text),
      );
    }),
  );
});

test('property: no text makes it throw or hang', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        jsonMembers(`{${text}`);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
      jsonElements(`[${text}`);
    }),
  );
});
