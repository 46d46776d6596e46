// The AWS SDK for JavaScript for one caller, and the names and refusals that its tests share.

import assert from 'node:assert/strict';
import { iamSdk, kmsSdk, stsSdk } from './sdk.mjs';

export const ACCOUNT = '000000000000';
export const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key' +
  ' and signing method. Consult the service documentation for details.';
export const INVALID_TOKEN = 'The security token included in the request is invalid.';

export const keyArn = (id) => `arn:aws:kms:us-east-1:${ACCOUNT}:key/${id}`;
export const userArn = (name) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
export const roleArn = (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const sessionArn = (role, session) => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`;

const statement = (Effect, Action, Condition) => ({
  Effect,
  Action,
  Resource: '*',
  ...(Condition ? { Condition } : {}),
});
export const allow = (action, condition) => statement('Allow', action, condition);
export const deny = (action, condition) => statement('Deny', action, condition);
export const policy = (...Statement) => JSON.stringify({ Version: '2012-10-17', Statement });
export const trust = (arn) => policy({ Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole' });

export const noAllow = (who, action, resource, layer = 'identity-based policy') =>
  `User: ${who} is not authorized to perform: ${action} on resource: ${resource}` +
  ` because no ${layer} allows the ${action} action`;
export const denied = (who, action, resource) =>
  `User: ${who} is not authorized to perform: ${action} on resource: ${resource}` +
  ' with an explicit deny in an identity-based policy';
export const noAllowForCiphertext = (who) =>
  `User: ${who} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext` +
  ' because no identity-based policy allows the kms:Decrypt action';

export class Aws {
  constructor(endpoint, credentials = ['test', 'test']) {
    const [accessKeyId, secretAccessKey, sessionToken] = credentials;
    const options = {
      endpoint,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    };
    this.endpoint = endpoint;
    this.clients = {
      kms: [new kmsSdk.KMSClient(options), kmsSdk],
      iam: [new iamSdk.IAMClient(options), iamSdk],
      sts: [new stsSdk.STSClient(options), stsSdk],
    };
  }

  as(credentials) {
    return new Aws(this.endpoint, credentials);
  }

  /** Calls an operation by its name. */
  call(service, operation, parameters = {}) {
    const [client, sdk] = this.clients[service];
    return client.send(new sdk[`${operation}Command`](parameters));
  }

  kms(operation, parameters) {
    return this.call('kms', operation, parameters);
  }

  iam(operation, parameters) {
    return this.call('iam', operation, parameters);
  }

  sts(operation, parameters) {
    return this.call('sts', operation, parameters);
  }

  async newKey(parameters) {
    return (await this.kms('CreateKey', parameters)).KeyMetadata.KeyId;
  }

  async newUser(name, ...documents) {
    await this.iam('CreateUser', { UserName: name });
    for (const [number, document] of documents.entries()) {
      await this.iam('PutUserPolicy', { UserName: name, PolicyName: `p${number}`, PolicyDocument: document });
    }
    const { AccessKey } = await this.iam('CreateAccessKey', { UserName: name });
    return [AccessKey.AccessKeyId, AccessKey.SecretAccessKey];
  }

  async assume(role, session, parameters = {}) {
    const request = { RoleArn: roleArn(role), RoleSessionName: session, ...parameters };
    const { Credentials } = await this.sts('AssumeRole', request);
    return [Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken];
  }
}

/** Demands that a call is refused with this code, status and, when given, message. */
export async function refused(call, code, status, message) {
  await assert.rejects(call, (error) => {
    const shown = error.Code ?? error.name;
    assert.equal(shown.replace(/Exception$/, ''), code.replace(/Exception$/, ''), `${error}`);
    assert.equal(error.$metadata?.httpStatusCode, status, `${error}`);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  });
}
