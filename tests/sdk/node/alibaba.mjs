// The Alibaba Cloud SDKs for Node: the generated KMS client, and the core client for RAM and STS.

import assert from 'node:assert/strict';
import { RPCClient, alibabaKmsSdk } from './sdk.mjs';

export const ACCOUNT = '1000000000000000';
export const FORBIDDEN = 'This operation is forbidden by permission system.';
export const NO_PERMISSION = 'You are not authorized to do this action. You should be authorized by RAM.';
export const UNKNOWN_ACCESS_KEY = 'Specified access key is not found.';

export const keyArn = (id) => `acs:kms:cn-hangzhou:${ACCOUNT}:key/${id}`;
export const userArn = (name) => `acs:ram::${ACCOUNT}:user/${name}`;
export const roleArn = (name) => `acs:ram::${ACCOUNT}:role/${name}`;

const statement = (Effect, Action, Condition) => ({
  Effect,
  Action,
  Resource: '*',
  ...(Condition ? { Condition } : {}),
});
export const allow = (action, condition) => statement('Allow', action, condition);
export const deny = (action, condition) => statement('Deny', action, condition);
export const policy = (...Statement) => JSON.stringify({ Version: '1', Statement });
export const trust = (arn) => policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [arn] } });
export const tags = (pairs) =>
  JSON.stringify(Object.entries(pairs).map(([TagKey, TagValue]) => ({ TagKey, TagValue })));

const lowerFirst = (text) => text[0].toLowerCase() + text.slice(1);
const VERSIONS = { ram: '2015-05-01', sts: '2015-04-01', kms: '2016-01-20' };

export class Alibaba {
  constructor(server, credentials = ['test', 'test']) {
    const [accessKeyId, accessKeySecret, securityToken] = credentials;
    this.server = server;
    this.generated = new alibabaKmsSdk.default({
      accessKeyId,
      accessKeySecret,
      securityToken,
      endpoint: server.address,
      protocol: 'http',
      regionId: 'cn-hangzhou',
      type: securityToken ? 'sts' : 'access_key',
    });
    const core = (apiVersion) =>
      new RPCClient({ accessKeyId, accessKeySecret, securityToken, endpoint: server.endpoint, apiVersion });
    this.cores = Object.fromEntries(Object.entries(VERSIONS).map(([name, version]) => [name, core(version)]));
  }

  as(credentials) {
    return new Alibaba(this.server, credentials);
  }

  /** Calls KMS through the generated client. */
  kms(operation, parameters = {}) {
    const model = alibabaKmsSdk[`${operation}Request`];
    const method = this.generated[lowerFirst(operation)].bind(this.generated);
    return model ? method(new model(parameters)) : method();
  }

  /** Calls any service through the core client, with everything in the body of a POST. */
  core(service, operation, parameters = {}) {
    return this.cores[service].request(operation, parameters, { method: 'POST' });
  }

  ram(operation, parameters) {
    return this.core('ram', operation, parameters);
  }

  sts(operation, parameters) {
    return this.core('sts', operation, parameters);
  }

  async newKey(parameters) {
    return (await this.kms('CreateKey', parameters)).keyMetadata.keyId;
  }

  async newPolicy(PolicyName, PolicyDocument) {
    await this.ram('CreatePolicy', { PolicyName, PolicyDocument });
    return { PolicyType: 'Custom', PolicyName };
  }

  async newUser(name, ...documents) {
    await this.ram('CreateUser', { UserName: name, DisplayName: name });
    for (const [number, document] of documents.entries()) {
      const made = await this.newPolicy(`${name}-p${number}`, document);
      await this.ram('AttachPolicyToUser', { UserName: name, ...made });
    }
    const { AccessKey } = await this.ram('CreateAccessKey', { UserName: name });
    return [AccessKey.AccessKeyId, AccessKey.AccessKeySecret];
  }

  async assume(role, session, parameters = {}) {
    const request = { RoleArn: roleArn(role), RoleSessionName: session, ...parameters };
    const { Credentials } = await this.sts('AssumeRole', request);
    return [Credentials.AccessKeyId, Credentials.AccessKeySecret, Credentials.SecurityToken];
  }
}

/** Demands that a call is refused with this code, status and, when given, message and detail of the denial. */
export async function refused(call, code, status, message, detail = {}) {
  await assert.rejects(call, (error) => {
    assert.ok(error.data?.Code, `${error.stack}`);
    assert.equal(error.data.Code, code, `${error}`);
    const shown =
      error.entry?.response.statusCode ?? Number(/^code: (\d+)/.exec(error.message.replace(/^\w[\w.]*: /, ''))?.[1]);
    assert.equal(shown, status, `${error}`);
    if (message instanceof RegExp) assert.match(error.data.Message, message);
    else if (message !== undefined) assert.equal(error.data.Message, message);
    for (const [name, value] of Object.entries(detail))
      assert.equal(error.data.AccessDeniedDetail?.[name], value, name);
    return true;
  });
}
