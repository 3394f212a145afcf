/**
 * Passkeys: who somebody is to the server, and with their PRF a way to the person's own keys.
 *
 * What the PRF gives stays here. A credential is never sent as a whole: `toJSON()` would hold the PRF's result, so each
 * request names the few fields that the server judges. The age recipient is our own and not typage's, whose challenge
 * and salt are fixed: ours come from the server, the salt another for each way.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Decrypter, Encrypter, type Identity, type Recipient, Stanza } from "age-encryption";
import { base64nopad } from "../crypto/base";
import { type Bytes, b64, same, utf8 } from "../crypto/bytes";
import { demand, refusing } from "../crypto/errors";
import { type HandlerKeys, keysJson, readKeys } from "../crypto/identity";
import { randomBytes } from "../crypto/keys";
import * as shape from "../crypto/shape";

const STANZA = "tipportal-prf";
const LABEL = utf8("tipportal/v1/prf");
const SALT_SIZE = 32;
const PRF_SIZE = 32;
const NONCE_SIZE = 16;
const BODY_SIZE = 32;
const NO_NONCE = new Uint8Array(12);
const PATIENCE_MS = 120_000;

/** Why no passkey was used: its owner broke off or has none here, or it has no PRF and opens no keys. */
export class PasskeyError extends Error {
  constructor(readonly reason: "cancelled" | "no_prf") {
    super(reason);
    this.name = "PasskeyError";
  }
}

/** What the server says for a passkey to be made. */
export interface Creation {
  readonly challenge: Bytes;
  readonly rpId: string;
  readonly rpName: string;
  readonly userId: Bytes;
  readonly userName: string;
  readonly userDisplay: string;
  readonly salt: Bytes;
  readonly algorithms: readonly number[];
}

/** Whether this browser has passkeys at all. */
export function hasPasskeys(): boolean {
  return isSecureContext && "PublicKeyCredential" in window;
}

export function readCreation(value: unknown): Creation {
  const read = shape.including(value, "challenge", "rp_id", "rp_name", "user_id", "user_name", "user_display", "salt");
  return {
    algorithms: shape.list(read["algorithms"], (one) => {
      demand(Number.isSafeInteger(one), "value");
      return one as number;
    }),
    challenge: shape.bytes(read["challenge"]),
    rpId: shape.filled(read["rp_id"]),
    rpName: shape.filled(read["rp_name"]),
    salt: shape.bytes(read["salt"], SALT_SIZE),
    userDisplay: shape.string(read["user_display"]),
    userId: shape.bytes(read["user_id"], SALT_SIZE),
    userName: shape.string(read["user_name"]),
  };
}

function wrappingKey(prf: Uint8Array, nonce: Uint8Array): Uint8Array {
  demand(prf.length === PRF_SIZE, "identity_length");
  return hkdf(sha256, prf, nonce, LABEL, 32);
}

/** Seals to what a passkey's PRF gives: one stanza, its nonce in the argument, so that each file has a key of its own. */
class PrfRecipient implements Recipient {
  constructor(private readonly prf: Uint8Array) {}

  wrapFileKey(fileKey: Uint8Array): Stanza[] {
    const nonce = randomBytes(NONCE_SIZE);
    const body = chacha20poly1305(wrappingKey(this.prf, nonce), NO_NONCE).encrypt(fileKey);
    return [new Stanza([STANZA, base64nopad.encode(nonce)], body)];
  }
}

/** Opens what was sealed to the same PRF; a file with any other stanza is none of ours. */
class PrfIdentity implements Identity {
  constructor(private readonly prf: Uint8Array) {}

  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    const [stanza] = stanzas;
    demand(stanzas.length === 1 && stanza !== undefined && stanza.args[0] === STANZA, "stanza_kind");
    demand(stanza.args.length === 2 && stanza.body.length === BODY_SIZE, "stanza_kind");
    const nonce = base64nopad.decode(stanza.args[1] ?? "");
    demand(nonce.length === NONCE_SIZE, "stanza_kind");
    try {
      return chacha20poly1305(wrappingKey(this.prf, nonce), NO_NONCE).decrypt(stanza.body);
    } catch {
      return null;
    }
  }
}

/** The identity file of a passkey. */
export async function sealToPrf(keys: HandlerKeys, prf: Uint8Array): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(new PrfRecipient(prf));
  return (await encrypter.encrypt(keysJson(keys))) as Bytes;
}

/** Open an identity file with what the passkey's PRF gave. */
export async function openWithPrf(file: Uint8Array, prf: Uint8Array): Promise<HandlerKeys> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(new PrfIdentity(prf));
  return readKeys(await refusing("not_opened", () => decrypter.decrypt(file)));
}

function base64url(bytes: Uint8Array): string {
  return b64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytesOf(source: BufferSource): Bytes {
  const view = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : source;
  return Uint8Array.from(view instanceof Uint8Array ? view : new Uint8Array(view));
}

function publicKeyCredential(credential: Credential | null): PublicKeyCredential {
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyError("cancelled");
  return credential;
}

/** The browser tells neither whether somebody broke off nor whether there was nothing to choose. */
async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    return publicKeyCredential(await ask());
  } catch (error) {
    if (error instanceof DOMException) throw new PasskeyError("cancelled");
    throw error;
  }
}

function prfOf(credential: PublicKeyCredential): Bytes | null {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return null;
  const prf = bytesOf(first);
  return prf.length === PRF_SIZE ? prf : null;
}

interface Asked {
  readonly challenge: Bytes;
  readonly rpId: string;
  /** Which passkeys may answer; none: whichever its owner chooses. */
  readonly credentials: readonly Bytes[];
  /** What the PRF of each is asked with, by its place in `credentials`. */
  readonly salts?: readonly Bytes[];
}

function assertion({ challenge, rpId, credentials, salts }: Asked): Promise<PublicKeyCredential> {
  const known = credentials.map((id) => ({ id, type: "public-key" as const }));
  const evalByCredential = Object.fromEntries(
    (salts ?? []).map((first, index) => [base64url(credentials[index] ?? new Uint8Array()), { first }]),
  );
  const extensions = salts === undefined ? {} : { prf: { evalByCredential } };
  return asked(() =>
    navigator.credentials.get({
      publicKey: {
        allowCredentials: known,
        challenge,
        extensions,
        rpId,
        timeout: PATIENCE_MS,
        userVerification: "required",
      },
    }),
  );
}

/** Answer a challenge of the server: the fields of the request, and not one more. */
export async function answer(what: Asked): Promise<Record<string, string>> {
  const credential = await assertion(what);
  const { response } = credential;
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new PasskeyError("cancelled");
  return {
    authenticator_data: b64(new Uint8Array(response.authenticatorData)),
    client_data: b64(new Uint8Array(response.clientDataJSON)),
    credential_id: b64(new Uint8Array(credential.rawId)),
    signature: b64(new Uint8Array(response.signature)),
  };
}

/** A way to the keys as `unlock` answers it. */
export interface PasskeyWay {
  readonly credentialId: Bytes;
  readonly salt: Bytes;
  readonly file: Bytes;
}

/** Open the keys with whichever of the person's passkeys answers. What it signs is thrown away. */
export async function openWithPasskey(ways: readonly PasskeyWay[], rpId: string): Promise<HandlerKeys> {
  const credentials = ways.map((way) => way.credentialId);
  const salts = ways.map((way) => way.salt);
  const credential = await assertion({ challenge: randomBytes(32), credentials, rpId, salts });
  const id = new Uint8Array(credential.rawId);
  const way = ways.find((one) => same(one.credentialId, id));
  const prf = prfOf(credential);
  if (way === undefined || prf === null) throw new PasskeyError("no_prf");
  return openWithPrf(way.file, prf);
}

/** Have a passkey made, and seal the keys to its PRF: the fields of a new way. Raises PasskeyError. */
export async function makeWay(
  creation: Creation,
  keys: HandlerKeys,
  label: string,
  known: readonly Bytes[] = [],
): Promise<Record<string, string>> {
  const credential = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        attestation: "none",
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        challenge: creation.challenge,
        excludeCredentials: known.map((id) => ({ id, type: "public-key" as const })),
        extensions: { prf: { eval: { first: creation.salt } } },
        pubKeyCredParams: creation.algorithms.map((alg) => ({ alg, type: "public-key" as const })),
        rp: { id: creation.rpId, name: creation.rpName },
        timeout: PATIENCE_MS,
        user: { displayName: creation.userDisplay, id: creation.userId, name: creation.userName },
      },
    }),
  );
  const { response } = credential;
  if (!(response instanceof AuthenticatorAttestationResponse)) throw new PasskeyError("cancelled");
  if (credential.getClientExtensionResults().prf?.enabled !== true) throw new PasskeyError("no_prf");
  const id = new Uint8Array(credential.rawId);
  // Many devices give the PRF's result only when the new passkey is used: once, here, for a challenge of no worth.
  const prf =
    prfOf(credential) ??
    prfOf(
      await assertion({ challenge: randomBytes(32), credentials: [id], rpId: creation.rpId, salts: [creation.salt] }),
    );
  if (prf === null) throw new PasskeyError("no_prf");
  return {
    attestation_object: b64(new Uint8Array(response.attestationObject)),
    client_data: b64(new Uint8Array(response.clientDataJSON)),
    file: b64(await sealToPrf(keys, prf)),
    kind: "passkey",
    label,
  };
}
