// The official SDKs, loaded from the tools folder in which setup.sh installed them.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = path.resolve(process.env.POLYKMS_SDK_TOOLS ?? path.join(here, '../../../target/sdk-tools'));
const require = createRequire(path.join(tools, 'node', 'package.json'));

for (const name of Object.keys(process.env)) {
  if (/^(AWS_|ALIBABA_CLOUD_)/.test(name) || /^(https?|all)_proxy$/i.test(name)) delete process.env[name];
}
process.env.AWS_EC2_METADATA_DISABLED = 'true';

export const kmsSdk = require('@aws-sdk/client-kms');
export const iamSdk = require('@aws-sdk/client-iam');
export const stsSdk = require('@aws-sdk/client-sts');
export const alibabaKmsSdk = require('@alicloud/kms20160120');
export const { RPCClient } = require('@alicloud/pop-core');
