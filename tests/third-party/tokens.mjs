// `jose` verifies our access tokens by the published keys, and by nothing else.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// It is among the packages of the end-to-end tests.
const { resolve } = createRequire(new URL("../../end2end/package.json", import.meta.url));
const { createRemoteJWKSet, errors, jwtVerify } = await import(pathToFileURL(resolve("jose")).href);

const url = process.env.MENSHEN_URL;
const answer = await fetch(`${url}/auth/login`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ username: "root", password: process.env.MENSHEN_ADMIN_PASSWORD }),
});
assert.equal(answer.status, 200);
const { accessToken } = await answer.json();

const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
const expected = { issuer: "menshen", audience: "menshen", typ: "at+jwt", maxTokenAge: "15m" };
const { payload, protectedHeader } = await jwtVerify(accessToken, keys, expected);
assert.equal(payload.username, "root");
assert.equal(payload.sub, String(payload.uid));
assert.equal(protectedHeader.alg, "EdDSA");

const [head, body, signature] = accessToken.split(".");
const forged = `${head}.${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
await assert.rejects(jwtVerify(forged, keys, expected), errors.JWSSignatureVerificationFailed);
await assert.rejects(
  jwtVerify(accessToken, keys, { ...expected, audience: "another" }),
  errors.JWTClaimValidationFailed,
);

const out = await fetch(`${url}/auth/logout`, {
  method: "POST",
  headers: { authorization: `Bearer ${accessToken}` },
});
assert.equal(out.status, 200);
console.log("jose: good");
