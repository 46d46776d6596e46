// The AWS SDK for JavaScript: the life of a key, its cryptography, identities and sessions, and one team's story.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Server } from './process.mjs';
import {
  ACCOUNT,
  Aws,
  INVALID_TOKEN,
  MISMATCH,
  allow,
  denied,
  deny,
  keyArn,
  noAllow,
  noAllowForCiphertext,
  policy,
  refused,
  roleArn,
  sessionArn,
  trust,
  userArn,
} from './aws.mjs';

let server;
let aws;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());
beforeEach(async () => {
  await server.reset();
  aws = new Aws(server.endpoint);
});

const bytes = (text) => Buffer.from(text);
const MISSING = '12345678-1234-1234-1234-123456789012';

test('a key lives', async () => {
  const { KeyMetadata } = await aws.kms('CreateKey', { Description: 'text', Tags: [{ TagKey: 'a', TagValue: 'b' }] });
  const KeyId = KeyMetadata.KeyId;
  assert.equal(KeyMetadata.Arn, keyArn(KeyId));
  assert.equal(KeyMetadata.KeyState, 'Enabled');
  assert.ok(KeyMetadata.CreationDate instanceof Date);
  await aws.kms('CreateAlias', { AliasName: 'alias/life', TargetKeyId: KeyId });
  const { Aliases } = await aws.kms('ListAliases', { KeyId });
  assert.deepEqual(
    Aliases.map((alias) => alias.AliasName),
    ['alias/life'],
  );
  await aws.kms('UpdateKeyDescription', { KeyId, Description: 'other' });
  await aws.kms('TagResource', { KeyId, Tags: [{ TagKey: 'a', TagValue: 'c' }] });
  assert.deepEqual((await aws.kms('ListResourceTags', { KeyId })).Tags, [{ TagKey: 'a', TagValue: 'c' }]);
  await aws.kms('UntagResource', { KeyId, TagKeys: ['a'] });
  await aws.kms('DisableKey', { KeyId });
  await refused(
    aws.kms('Encrypt', { KeyId, Plaintext: bytes('x') }),
    'DisabledException',
    400,
    `${keyArn(KeyId)} is disabled.`,
  );
  await aws.kms('EnableKey', { KeyId });
  const scheduled = await aws.kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  assert.equal(scheduled.KeyState, 'PendingDeletion');
  assert.ok(scheduled.DeletionDate > new Date());
  await aws.kms('CancelKeyDeletion', { KeyId });
  const described = (await aws.kms('DescribeKey', { KeyId: 'alias/life' })).KeyMetadata;
  assert.deepEqual([described.KeyState, described.Description], ['Disabled', 'other']);
  await aws.kms('DeleteAlias', { AliasName: 'alias/life' });
});

test('keys are listed page by page', async () => {
  for (let count = 0; count < 3; count += 1) await aws.newKey();
  const first = await aws.kms('ListKeys', { Limit: 2 });
  assert.deepEqual([first.Keys.length, first.Truncated], [2, true]);
  const second = await aws.kms('ListKeys', { Limit: 2, Marker: first.NextMarker });
  assert.deepEqual([second.Keys.length, second.Truncated], [1, false]);
});

test('what was encrypted decrypts to the same', async () => {
  const KeyId = await aws.newKey();
  const EncryptionContext = { größe: 'é*~+/' };
  const { CiphertextBlob } = await aws.kms('Encrypt', { KeyId, Plaintext: bytes('hello'), EncryptionContext });
  const opened = await aws.kms('Decrypt', { CiphertextBlob, EncryptionContext });
  assert.equal(Buffer.from(opened.Plaintext).toString(), 'hello');
  assert.equal(opened.KeyId, keyArn(KeyId));
  await refused(aws.kms('Decrypt', { CiphertextBlob }), 'InvalidCiphertextException', 400);
  const other = await aws.newKey();
  const text = 'The key ID in the request does not identify a CMK that can perform this operation.';
  await refused(
    aws.kms('Decrypt', { CiphertextBlob, EncryptionContext, KeyId: other }),
    'IncorrectKeyException',
    400,
    text,
  );
  const moved = await aws.kms('ReEncrypt', {
    CiphertextBlob,
    SourceEncryptionContext: EncryptionContext,
    DestinationKeyId: other,
  });
  assert.equal(
    Buffer.from((await aws.kms('Decrypt', { CiphertextBlob: moved.CiphertextBlob })).Plaintext).toString(),
    'hello',
  );
  const data = await aws.kms('GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
  assert.equal(data.Plaintext.length, 32);
  assert.deepEqual((await aws.kms('Decrypt', { CiphertextBlob: data.CiphertextBlob })).Plaintext, data.Plaintext);
  const bare = await aws.kms('GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: 7 });
  assert.equal((await aws.kms('Decrypt', { CiphertextBlob: bare.CiphertextBlob })).Plaintext.length, 7);
  assert.equal((await aws.kms('GenerateRandom', { NumberOfBytes: 9 })).Plaintext.length, 9);
});

test('refusals are the exceptions of the SDK', async () => {
  await refused(
    aws.kms('DescribeKey', { KeyId: MISSING }),
    'NotFoundException',
    400,
    `Key '${keyArn(MISSING)}' does not exist`,
  );
  await refused(aws.kms('ConnectCustomKeyStore', { CustomKeyStoreId: 'c' }), 'UnsupportedOperationException', 400);
  const absent = 'The user with name none cannot be found.';
  await refused(aws.iam('GetUser', { UserName: 'none' }), 'NoSuchEntity', 404, absent);
  const wrong = aws.as(['test', 'wrong']);
  await refused(wrong.kms('ListKeys'), 'InvalidSignatureException', 400, MISMATCH);
  await refused(wrong.sts('GetCallerIdentity'), 'SignatureDoesNotMatch', 403, MISMATCH);
  const stranger = aws.as(['AKIAUNKNOWN000000000', 'x']);
  await refused(stranger.kms('ListKeys'), 'UnrecognizedClientException', 400, INVALID_TOKEN);
  await refused(stranger.iam('ListUsers'), 'InvalidClientTokenId', 403, INVALID_TOKEN);
});

test('identities and sessions', async () => {
  assert.equal((await aws.sts('GetCallerIdentity')).Arn, `arn:aws:iam::${ACCOUNT}:root`);
  const alice = aws.as(await aws.newUser('alice', policy(allow('kms:ListKeys'))));
  assert.equal((await alice.sts('GetCallerIdentity')).Arn, userArn('alice'));
  assert.deepEqual(
    (await aws.iam('ListUsers')).Users.map((user) => user.UserName),
    ['alice'],
  );
  await aws.iam('CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument: trust(userArn('alice')) });
  const session = alice.as(await alice.assume('reader', 'morning'));
  assert.equal((await session.sts('GetCallerIdentity')).Arn, sessionArn('reader', 'morning'));
  await aws.newUser('bob');
  await aws.iam('CreateRole', { RoleName: 'closed', AssumeRolePolicyDocument: trust(userArn('bob')) });
  const text = `User: ${userArn('alice')} is not authorized to perform: sts:AssumeRole on resource: ${roleArn('closed')}`;
  await refused(alice.assume('closed', 'evening'), 'AccessDenied', 403, text);
  await refused(alice.iam('ListUsers'), 'AccessDenied', 403);
  const { Credentials } = await alice.sts('GetSessionToken', { DurationSeconds: 900 });
  const temporary = alice.as([Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken]);
  assert.deepEqual((await temporary.kms('ListKeys')).Keys, []);
});

test('the story of one team', async () => {
  const apollo = (network) =>
    policy(
      allow(['kms:Encrypt', 'kms:Decrypt'], {
        StringEquals: { 'aws:ResourceTag/Project': 'Apollo' },
        IpAddress: { 'aws:SourceIp': network },
      }),
    );
  const may = (name, document) =>
    aws.iam('PutUserPolicy', { UserName: 'alice', PolicyName: name, PolicyDocument: document });
  const encrypt = (caller, KeyId) => caller.kms('Encrypt', { KeyId, Plaintext: bytes('launch code') });
  const tagged = await aws.newKey({ Tags: [{ TagKey: 'Project', TagValue: 'Apollo' }] });
  const untagged = await aws.newKey();
  const alice = aws.as(await aws.newUser('alice', apollo('127.0.0.0/8')));
  const who = userArn('alice');
  const { CiphertextBlob } = await encrypt(alice, tagged);
  await alice.kms('Decrypt', { CiphertextBlob });
  await refused(encrypt(alice, untagged), 'AccessDeniedException', 400, noAllow(who, 'kms:Encrypt', keyArn(untagged)));
  await may('p0', apollo('10.0.0.0/8'));
  await refused(encrypt(alice, tagged), 'AccessDeniedException', 400, noAllow(who, 'kms:Encrypt', keyArn(tagged)));
  await refused(alice.kms('Decrypt', { CiphertextBlob }), 'AccessDeniedException', 400, noAllowForCiphertext(who));
  await may('p0', apollo('127.0.0.0/8'));
  await may('stop', policy(deny('kms:Encrypt')));
  await refused(encrypt(alice, tagged), 'AccessDeniedException', 400, denied(who, 'kms:Encrypt', keyArn(tagged)));
  await aws.iam('CreateRole', { RoleName: 'pilot', AssumeRolePolicyDocument: trust(who) });
  await aws.iam('PutRolePolicy', { RoleName: 'pilot', PolicyName: 'p', PolicyDocument: apollo('127.0.0.0/8') });
  const pilot = alice.as(await alice.assume('pilot', 'flight'));
  await encrypt(pilot, tagged);
  const narrow = alice.as(await alice.assume('pilot', 'narrow', { Policy: policy(allow('kms:Decrypt')) }));
  await narrow.kms('Decrypt', { CiphertextBlob });
  const text = noAllow(sessionArn('pilot', 'narrow'), 'kms:Encrypt', keyArn(tagged), 'session policy');
  await refused(encrypt(narrow, tagged), 'AccessDeniedException', 400, text);
});
