// Writes smithy_sigv4.json: requests as the signer of the AWS SDK for JavaScript signs them, with a fixed clock.
// Needs @smithy/signature-v4, @smithy/protocol-http and @aws-crypto/sha256-js.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { SignatureV4 } from "@smithy/signature-v4";
import { HttpRequest } from "@smithy/protocol-http";
import { Sha256 } from "@aws-crypto/sha256-js";

const now = "2026-11-24T00:10:00Z";
const accessKeyId = "AKIAIOSFODNN7EXAMPLE", secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const sessionToken = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJ+a/b==".repeat(6);
const vectors = [];

async function record(name, service, region, request, { token, presigned = false, ...options } = {}) {
  const signer = new SignatureV4({
    service, region, sha256: Sha256, credentials: { accessKeyId, secretAccessKey, sessionToken: token },
  });
  const made = new HttpRequest({ protocol: "https:", method: "POST", path: "/", ...request });
  const signingDate = new Date(now);
  const signed = presigned
    ? await signer.presign(made, { signingDate, expiresIn: 900, ...options })
    : await signer.sign(made, { signingDate });
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  const query = Object.entries(signed.query ?? {})
    .flatMap(([name, value]) => [value].flat().map((value) => `${encode(name)}=${encode(value)}`)).join("&");
  vectors.push({
    name, service, region, token: token ?? null, method: signed.method,
    target: signed.path + (query ? "?" + query : ""), headers: Object.entries(signed.headers), body: signed.body ?? "",
  });
}

const kms = (host, target, body) => ({
  hostname: host, body,
  headers: {
    host, "content-type": "application/x-amz-json-1.1", "x-amz-target": `TrentService.${target}`,
    "content-length": String(Buffer.byteLength(body)), "user-agent": "aws-sdk-js/3 ua/2.1",
    "x-amz-user-agent": "aws-sdk-js/3  ua/2.1", "amz-sdk-invocation-id": "0", "amz-sdk-request": "attempt=1; max=3",
    "x-amzn-trace-id": "Root=1",
  },
});
await record("kms encrypt", "kms", "us-east-1", kms("kms.us-east-1.amazonaws.com", "Encrypt", '{"KeyId":"鍵"}'));
await record("kms session", "kms", "eu-west-3", kms("127.0.0.1:4566", "ListKeys", "{}"), { token: sessionToken });
const sts = { hostname: "sts.us-east-1.amazonaws.com", method: "GET", query: { Action: "GetCallerIdentity", Version: "2011-06-15" } };
const host = { host: sts.hostname };
await record("sts presigned", "sts", "us-east-1", { ...sts, headers: host }, { presigned: true });
await record("sts presigned by a session", "sts", "us-east-1", { ...sts, headers: host }, { presigned: true, token: sessionToken });
await record("sts presigned with moved headers", "sts", "us-east-1",
  { ...sts, headers: { ...host, "x-amz-user-agent": "a (b)!*'", "x-k8s-aws-id": "c" } }, { presigned: true });
await record("repeated query", "kms", "us-east-1",
  { hostname: "h", method: "GET", path: "/a%20b//c/./d", query: { b: ["2", "1"], "a-": " é+/", a: "" }, headers: { host: "h" } });

const version = createRequire(import.meta.url)("@smithy/signature-v4/package.json").version;
const document = { made_with: `@smithy/signature-v4 ${version}`, now, access_key_id: accessKeyId, secret: secretAccessKey, vectors };
writeFileSync(new URL("smithy_sigv4.json", import.meta.url), JSON.stringify(document, null, 1) + "\n");
console.log(vectors.length, "vectors");
