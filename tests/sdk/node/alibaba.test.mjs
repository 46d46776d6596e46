// The Alibaba Cloud SDKs for Node: the life of a key, its cryptography, identities and sessions, and one team's story.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Server } from './process.mjs';
import {
  ACCOUNT,
  Alibaba,
  FORBIDDEN,
  NO_PERMISSION,
  UNKNOWN_ACCESS_KEY,
  allow,
  deny,
  keyArn,
  policy,
  refused,
  tags,
  trust,
  userArn,
} from './alibaba.mjs';

let server;
let alibaba;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());
beforeEach(async () => {
  await server.reset();
  alibaba = new Alibaba(server);
});

const base64 = (text) => Buffer.from(text).toString('base64');
const MISSING = '12345678-1234-1234-1234-123456789012';
const rejected = (state) => `The request was rejected because the key state is ${state}.`;

test('a key lives', async () => {
  const { keyMetadata } = await alibaba.kms('CreateKey', { description: 'text' });
  const keyId = keyMetadata.keyId;
  // This client's CreateKey has no tags.
  await alibaba.kms('TagResource', { keyId, tags: tags({ Project: 'Apollo' }) });
  assert.deepEqual([keyMetadata.arn, keyMetadata.keyState, keyMetadata.creator], [keyArn(keyId), 'Enabled', ACCOUNT]);
  const listed = await alibaba.kms('ListKeys', { pageNumber: 1, pageSize: 5 });
  assert.deepEqual([listed.totalCount, listed.keys.key.map((key) => key.keyId)], [1, [keyId]]);
  await alibaba.kms('CreateAlias', { aliasName: 'alias/life', keyId });
  const aliases = await alibaba.kms('ListAliases', {});
  assert.deepEqual(
    aliases.aliases.alias.map((alias) => alias.aliasName),
    ['alias/life'],
  );
  await alibaba.kms('UpdateKeyDescription', { keyId, description: 'other' });
  const found = await alibaba.kms('ListResourceTags', { keyId });
  assert.deepEqual(
    found.tags.tag.map((tag) => [tag.tagKey, tag.tagValue]),
    [['Project', 'Apollo']],
  );
  await alibaba.kms('DisableKey', { keyId });
  await refused(
    alibaba.kms('Encrypt', { keyId, plaintext: base64('x') }),
    'Rejected.Disabled',
    409,
    rejected('Disabled'),
  );
  await alibaba.kms('EnableKey', { keyId });
  await alibaba.kms('ScheduleKeyDeletion', { keyId, pendingWindowInDays: 7 });
  const text = rejected('PendingDeletion');
  await refused(alibaba.kms('Encrypt', { keyId, plaintext: base64('x') }), 'Rejected.PendingDeletion', 409, text);
  await alibaba.kms('CancelKeyDeletion', { keyId });
  const described = (await alibaba.kms('DescribeKey', { keyId: 'alias/life' })).keyMetadata;
  assert.deepEqual([described.keyState, described.description], ['Enabled', 'other']);
  const regions = (await alibaba.kms('DescribeRegions')).regions.region.map((region) => region.regionId);
  assert.ok(regions.includes('cn-hangzhou'));
});

test('what was encrypted decrypts to the same', async () => {
  const keyId = await alibaba.newKey();
  const encryptionContext = { größe: 'é*~+/', 'two words': 'x' };
  const sealed = await alibaba.kms('Encrypt', { keyId, plaintext: base64('hello'), encryptionContext });
  const blob = Buffer.from(sealed.ciphertextBlob, 'base64');
  assert.equal(blob.subarray(0, 36).toString('ascii'), sealed.keyVersionId);
  assert.equal(blob.length, 36 + 12 + base64('hello').length + 16);
  const ciphertextBlob = sealed.ciphertextBlob;
  const opened = await alibaba.kms('Decrypt', { ciphertextBlob, encryptionContext });
  assert.deepEqual([opened.plaintext, opened.keyId], [base64('hello'), keyId]);
  await refused(alibaba.kms('Decrypt', { ciphertextBlob }), 'InvalidParameter', 400);
  const data = await alibaba.kms('GenerateDataKey', { keyId, keySpec: 'AES_128' });
  assert.equal(Buffer.from(data.plaintext, 'base64').length, 16);
  assert.equal((await alibaba.kms('Decrypt', { ciphertextBlob: data.ciphertextBlob })).plaintext, data.plaintext);
  // The context as a JSON string, the whole request in a form: the other way in which clients send it.
  const json = JSON.stringify(encryptionContext);
  const other = await alibaba.core('kms', 'Decrypt', { CiphertextBlob: ciphertextBlob, EncryptionContext: json });
  assert.equal(other.Plaintext, base64('hello'));
});

test('refusals have code, status and text', async () => {
  await refused(alibaba.kms('DescribeKey', { keyId: MISSING }), 'Forbidden.KeyNotFound', 404);
  await refused(alibaba.ram('GetUser', { UserName: 'none' }), 'EntityNotExist.User', 404);
  const wrong = alibaba.as(['test', 'wrong']);
  const text = /^Specified signature is not matched with our calculation\. server string to sign is:POST&%2F&/;
  await refused(wrong.kms('ListKeys', {}), 'SignatureDoesNotMatch', 400, text);
  await refused(wrong.sts('GetCallerIdentity'), 'SignatureDoesNotMatch', 400, text);
  const stranger = alibaba.as(['LTAIUNKNOWN0000000', 'x']);
  await refused(stranger.kms('ListKeys', {}), 'InvalidAccessKeyId.NotFound', 404, UNKNOWN_ACCESS_KEY);
  await refused(stranger.ram('ListUsers'), 'InvalidAccessKeyId.NotFound', 404, UNKNOWN_ACCESS_KEY);
  const absent = 'Specified api is not found, please check your url and method.';
  await refused(alibaba.core('kms', 'MakeCoffee'), 'InvalidAction.NotFound', 404, absent);
  const more = { KmsInstanceId: 'k', VpcId: 'v', ZoneIds: 'z', VSwitchIds: 's', KMProvider: 'Aliyun' };
  await refused(
    alibaba.core('kms', 'ConnectKmsInstance', more),
    'UnsupportedOperation',
    400,
    'This action is not supported. `ConnectKmsInstance`: there is no VPC to connect to.',
  );
});

test('identities and sessions', async () => {
  assert.equal((await alibaba.sts('GetCallerIdentity')).IdentityType, 'Account');
  const alice = alibaba.as(await alibaba.newUser('alice', policy(allow('sts:AssumeRole'))));
  const { User } = await alibaba.ram('GetUser', { UserName: 'alice' });
  const identity = await alice.sts('GetCallerIdentity');
  assert.deepEqual([identity.Arn, identity.UserId], [userArn('alice'), User.UserId]);
  await alibaba.ram('CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument: trust(userArn('alice')) });
  const session = alice.as(await alice.assume('reader', 'morning'));
  assert.equal((await session.sts('GetCallerIdentity')).Arn, `acs:ram::${ACCOUNT}:assumed-role/reader/morning`);
  await alibaba.ram('CreateGroup', { GroupName: 'team' });
  await alibaba.ram('AddUserToGroup', { GroupName: 'team', UserName: 'alice' });
  const groups = (await alibaba.ram('ListGroupsForUser', { UserName: 'alice' })).Groups.Group;
  assert.deepEqual(
    groups.map((group) => group.GroupName),
    ['team'],
  );
  const list = await alibaba.newPolicy('list', policy(allow('kms:ListKeys')));
  await alibaba.ram('AttachPolicyToGroup', { GroupName: 'team', ...list });
  assert.equal((await alice.kms('ListKeys', {})).totalCount, 0);
  await refused(session.kms('ListKeys', {}), 'Forbidden.NoPermission', 403, FORBIDDEN);
  await refused(alice.ram('ListUsers'), 'NoPermission', 403, NO_PERMISSION);
});

test('the story of one team', async () => {
  const apollo = (network) =>
    policy(
      allow(['kms:Encrypt', 'kms:Decrypt'], {
        StringEquals: { 'kms:tag/Project': 'Apollo' },
        IpAddress: { 'acs:SourceIp': network },
      }),
    );
  const allowFrom = (network) =>
    alibaba.ram('CreatePolicyVersion', { PolicyName: 'alice-p0', PolicyDocument: apollo(network), SetAsDefault: true });
  const encrypt = (caller, keyId) => caller.kms('Encrypt', { keyId, plaintext: base64('launch code') });
  const denied = (call, AuthAction, who, NoPermissionType, PolicyType = 'AccountLevelIdentityBasedPolicy') =>
    refused(call, 'Forbidden.NoPermission', 403, FORBIDDEN, {
      AuthAction,
      AuthPrincipalDisplayName: who,
      NoPermissionType,
      PolicyType,
      AuthPrincipalOwnerId: ACCOUNT,
    });
  const tagged = await alibaba.newKey();
  await alibaba.kms('TagResource', { keyId: tagged, tags: tags({ Project: 'Apollo' }) });
  const untagged = await alibaba.newKey();
  const alice = alibaba.as(await alibaba.newUser('alice', apollo('127.0.0.0/8')));
  const { UserId } = (await alibaba.ram('GetUser', { UserName: 'alice' })).User;
  const { ciphertextBlob } = await encrypt(alice, tagged);
  assert.equal((await alice.kms('Decrypt', { ciphertextBlob })).plaintext, base64('launch code'));
  await denied(encrypt(alice, untagged), 'kms:Encrypt', UserId, 'ImplicitDeny');
  await allowFrom('10.0.0.0/8');
  await denied(encrypt(alice, tagged), 'kms:Encrypt', UserId, 'ImplicitDeny');
  await denied(alice.kms('Decrypt', { ciphertextBlob }), 'kms:Decrypt', UserId, 'ImplicitDeny');
  await allowFrom('127.0.0.0/8');
  const stop = await alibaba.newPolicy('stop', policy(deny('kms:Encrypt')));
  await alibaba.ram('AttachPolicyToUser', { UserName: 'alice', ...stop });
  await denied(encrypt(alice, tagged), 'kms:Encrypt', UserId, 'ExplicitDeny');
  const assume = await alibaba.newPolicy('assume', policy(allow('sts:AssumeRole')));
  await alibaba.ram('AttachPolicyToUser', { UserName: 'alice', ...assume });
  await alibaba.ram('CreateRole', { RoleName: 'pilot', AssumeRolePolicyDocument: trust(userArn('alice')) });
  await alibaba.ram('AttachPolicyToRole', {
    RoleName: 'pilot',
    ...(await alibaba.newPolicy('fly', apollo('127.0.0.0/8'))),
  });
  const pilot = alice.as(await alice.assume('pilot', 'flight'));
  await encrypt(pilot, tagged);
  await denied(encrypt(pilot, untagged), 'kms:Encrypt', 'pilot:flight', 'ImplicitDeny');
  const narrow = alice.as(await alice.assume('pilot', 'narrow', { Policy: policy(allow('kms:Decrypt')) }));
  assert.equal((await narrow.kms('Decrypt', { ciphertextBlob })).plaintext, base64('launch code'));
  await denied(encrypt(narrow, tagged), 'kms:Encrypt', 'pilot:narrow', 'ImplicitDeny', 'SessionPolicy');
});
