//! A device that makes passkeys and signs with them (ES256, no attestation), together with the
//! browser around it: it takes and gives WebAuthn's JSON form. What it must not do, it does when
//! its fields are changed.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The person is there.
const PRESENT: u8 = 1;
/// She has shown a finger or a PIN.
const VERIFIED: u8 = 4;
/// A new key comes along.
const ATTESTED: u8 = 64;

/// A device that holds one passkey.
pub(crate) struct Device {
    /// The page on which it is used.
    pub(crate) origin: String,
    /// The domain name that it takes the page's for.
    pub(crate) rp_id: String,
    /// Whether it asks for a finger or a PIN.
    pub(crate) verifies: bool,
    /// How often it has signed.
    pub(crate) counter: u32,
    /// By how much it counts on; some devices do not count.
    pub(crate) step: u32,
    /// What the server called the user.
    pub(crate) handle: String,
    id: [u8; 16],
    key: EcdsaKeyPair,
}

impl Device {
    pub(crate) fn new(rp_id: &str, origin: &str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        let pkcs8 = pkcs8.expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref());
        let mut id = [0; 16];
        random.fill(&mut id).expect("random bytes");
        Self {
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            verifies: true,
            counter: 0,
            step: 1,
            handle: String::new(),
            id,
            key: key.expect("a key"),
        }
    }

    /// What `navigator.credentials.create` gives for these options.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.handle = text(&options["user"]["id"]).to_owned();
        let mut auth_data = self.auth_data(ATTESTED);
        auth_data.extend([0; 16]);
        auth_data.extend([0, 16]);
        auth_data.extend(self.id);
        auth_data.extend(self.cose_key());
        // {"fmt": "none", "attStmt": {}, "authData": h'…'}, as CBOR.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(auth_data.len()).expect("short"));
        object.extend(auth_data);
        let client_data = self.client_data("webauthn.create", options);
        self.credential(json!({
            "clientDataJSON": base64url(client_data.as_bytes()),
            "attestationObject": base64url(&object),
            "transports": ["internal"],
        }))
    }

    /// What `navigator.credentials.get` gives for these options.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        self.counter += self.step;
        let auth_data = self.auth_data(0);
        let client_data = self.client_data("webauthn.get", options);
        let mut signed = auth_data.clone();
        signed.extend(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed);
        self.credential(json!({
            "clientDataJSON": base64url(client_data.as_bytes()),
            "authenticatorData": base64url(&auth_data),
            "signature": base64url(signature.expect("signed").as_ref()),
            "userHandle": self.handle,
        }))
    }

    fn credential(&self, response: Value) -> Value {
        json!({
            "id": base64url(&self.id),
            "rawId": base64url(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": response,
            "clientExtensionResults": { "credProps": { "rk": true } },
        })
    }

    fn auth_data(&self, more: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(PRESENT | verified | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// {1: 2, 3: -7, -1: 1, -2: x, -3: y}, as CBOR (RFC 9053, 7.1).
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        key.extend(&point[1..33]);
        key.extend(b"\x22\x58\x20");
        key.extend(&point[33..65]);
        key
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({
            "type": kind,
            "challenge": text(&options["challenge"]),
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
