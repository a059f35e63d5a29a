import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  OPERATOR_PERMISSIONS,
  PERMISSION_NAMES,
  ROLE_PERMISSIONS,
  ROLES,
  SCOPE_PERMISSIONS,
  SCOPES,
} from './permissions.ts';
import { DEFAULT_PROJECT, permissionsOfKey, permissionsOfRole, principalOfKey } from './principal.ts';

test('numbers of the whole platform are for those who read in the project of the operators', () => {
  for (const scope of SCOPES) {
    const mayRead = scope !== 'ingest';
    assert.equal(permissionsOfKey(DEFAULT_PROJECT, [scope]).has('platform:read'), mayRead, scope);
    assert.deepEqual(permissionsOfKey('shop', [scope]), new Set(SCOPE_PERMISSIONS[scope]));
  }
  for (const role of ROLES) {
    assert.deepEqual(
      permissionsOfRole(DEFAULT_PROJECT, role),
      new Set([...ROLE_PERMISSIONS[role], 'platform:read']),
    );
    assert.deepEqual(permissionsOfRole('shop', role), ROLE_PERMISSIONS[role]);
  }
  // A project that is called so again is another one.
  assert.equal(permissionsOfRole(`${DEFAULT_PROJECT}~2`, 'owner').has('platform:read'), false);
});

test('a key that sends and nothing else may nothing else in the first project either', () => {
  assert.deepEqual([...permissionsOfKey(DEFAULT_PROJECT, ['ingest'])], ['events:send']);
});

test('the operator may everything, by key and by session', () => {
  const key = { id: 'key_1', name: 'k', project: DEFAULT_PROJECT, scopes: ['admin'] } as const;
  assert.deepEqual(principalOfKey(key).permissions, new Set(PERMISSION_NAMES));
  assert.deepEqual(new Set([...OPERATOR_PERMISSIONS, 'events:send']), new Set(PERMISSION_NAMES));
  assert.equal(principalOfKey({ ...key, project: 'shop' }).permissions.has('platform:read'), false);
});
